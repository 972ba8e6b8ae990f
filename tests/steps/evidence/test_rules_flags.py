"""A change is said to ship behind a flag only where a flag can be pointed at."""

import pytest

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.changes.model import FileKind, FileStatus
from release_harness.steps.evidence.rules.flags import flags_fact
from release_harness.testing.evidence import change_of, file_change


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", "const on = await client.getBooleanValue('v2_enabled', false);"),
        ("a.go", 'on, _ := client.BooleanValue(ctx, "v2", false, evalCtx)'),
        ("a.py", 'if client.get_boolean_value("v2", False):'),
        ("a.java", 'boolean on = ldClient.boolVariation("v2", context, false);'),
        ("a.py", 'on = ldclient.get().variation("v2", context, False)'),
        ("a.py", 'if flag_is_active(request, "v2"):'),
        ("a.tsx", "const on = useFlag('v2');"),
        ("a.tsx", "const on = useFeatureFlagEnabled('v2')"),
        ("a.js", "if (posthog.isFeatureEnabled('v2')) {"),
        ("a.rb", "if Flipper.enabled?(:v2, user)"),
        ("a.rb", "return unless Feature.enabled?(:v2, project)"),
        ("a.php", "if (Feature::active('v2')) {"),
        ("a.dart", "if (featureFlags.isWindowsEnabled) {"),
        ("a.js", "if (unleash.isEnabled('v2')) {"),
        ("a.cs", "if (await featureManager.IsEnabledAsync(Flags.V2))"),
        ("config/feature_flags/v2.yml", "default_enabled: false"),
        ("src/feature-flags.json", '"v2": true'),
        ("src/feature_flags.py", "V2 = Flag()"),
        ("demo.flagd.json", '"state": "ENABLED"'),
    ],
)
def test_calls_of_flag_libraries_and_files_of_flags_are_seen(path: str, text: str) -> None:
    """These are the ways in which well-known libraries are asked for a flag, and where flags are kept."""
    fact = flags_fact(change_of({path: [(7, text)]}))
    assert isinstance(fact, Known)
    assert (fact.value, fact.source) == (True, f"computed here: {path}:7")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("example/lib/toggle_buttons/toggle_buttons.0.dart", "class ToggleButtonsExample {}"),
        ("assets/flags/de.svg", "<svg/>"),
        ("src/flags.go", 'flags.StringVar(&name, "name", "", "the name")'),
        ("cmd/flags.go", "package cmd"),
        ("a.dart", "final String value = stringValue('a');"),
        ("a.java", 'long n = bundle.getStringValue("name", "");'),
        ("a.py", 'price = product.variation("red", 1)'),
        ("a.js", "const flag = useFlag(countryCode)"),
        ("a.py", "# ask client.get_boolean_value('v2', False) here"),
        ("a.ts", "import { unleash } from 'unleash-client'"),
        ("docs/feature_flags.md", "How flags work"),
        ("notes.md", "if (featureFlags.newCheckout)"),
        ("tests/test_a.py", 'with override_flag("x"): flag_is_active(request, "v2")'),
        ("third_party/x/a.js", "if (unleash.isEnabled('v2')) {"),
    ],
)
def test_what_only_looks_like_a_flag_is_none(path: str, text: str) -> None:
    """A command line flag, a toggle button or a flag of a country says nothing about how a change ships."""
    change = change_of({path: [(1, text)]})
    vendored = tuple(file_change(each.path, vendored=each.path.startswith("third_party")) for each in change.files)
    assert isinstance(flags_fact(change_of({path: [(1, text)]}, files=vendored)), Unknown)


def test_the_first_place_is_named_and_the_others_are_counted() -> None:
    """A person who doubts the flag looks at the line; one line in forty files is told apart from a guard everywhere."""
    ask = "if (unleash.isEnabled('v2')) {"
    fact = flags_fact(change_of({"a.js": [(3, "x"), (4, ask), (9, ask)], "b.js": [(1, ask)], "c.js": [(1, "y")]}))
    assert isinstance(fact, Known)
    assert fact.source == "computed here: a.js:4, 3 lines in 2 files"


def test_code_that_was_brought_in_whole_does_not_speak_for_the_change() -> None:
    """An import of a framework holds flags of its own; the import itself is not behind them."""
    ask = "if (featureFlags.v2) {"
    paths = [f"lib/f{number}.dart" for number in range(201)]
    added = tuple(file_change(path, status=FileStatus.ADDED, old_kind=FileKind.ABSENT) for path in paths)
    lines = {path: [(1, ask)] for path in paths}
    fact = flags_fact(change_of(lines, files=added))
    assert isinstance(fact, Unknown)
    assert "201 files" in fact.why
    own = flags_fact(change_of({**lines, "lib/own.dart": [(5, ask)]}, files=(*added, file_change("lib/own.dart"))))
    assert isinstance(own, Known)
    assert own.source == "computed here: lib/own.dart:5"


def test_a_flag_file_that_is_taken_away_hides_nothing() -> None:
    """Without its flag the code is there for everybody."""
    gone = file_change("feature_flags.yml", status=FileStatus.DELETED, new_kind=FileKind.ABSENT)
    assert isinstance(flags_fact(change_of({}, files=(gone,))), Unknown)


def test_a_long_line_costs_no_time() -> None:
    """Minified code of a stranger must not make the search run for minutes."""
    text = "flag" * 100_000 + "client." * 100_000
    assert isinstance(flags_fact(change_of({"a.js": [(number, text) for number in range(50)]})), Unknown)
