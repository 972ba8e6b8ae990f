"""`.rh/policy.yaml` means exactly what it says: every fault is said at once, and what is left out never asks for less."""

import dataclasses
import subprocess
import sys
from datetime import timedelta

import pytest

from release_harness.adapters.policy_file import PolicyFileReader
from release_harness.kernel.identity import ProofLevel
from release_harness.policy.defaults import DEFAULT_POLICY, OFFERED_EVIDENCE
from release_harness.policy.digest import policy_digest
from release_harness.policy.globs import compile_globs
from release_harness.policy.lint import lint
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    AuthorTest,
    FactTest,
    FilesTest,
    Not,
    Operator,
    OwnersMode,
    Policy,
    Quantifier,
    Regex,
    Retention,
    SurfaceTest,
)

REQUIRE = """
require:
  low: { evidence: [tests], approvals: [] }
  medium: { inherit: low, approvals: [{ humans: 1 }] }
  high: { inherit: medium, approvals: [{ humans: 2, proof: key }] }
  critical: { inherit: high, evidence: [rollback_drill] }
"""

REFERENCE = """
version: 1
tiers: [low, medium, high, critical]
default_tier: high
surfaces:
  auth:      { paths: ["**/auth/**", "**/*permission*"], tier: high, owners: [oncall], lenses: [security] }
  migration: { paths: ["db/migrations/**", "!db/migrations/README.md"], tier: critical, evidence: [rollback_drill] }
  harness:   { paths: [".rh/**", ".github/workflows/**", "CODEOWNERS"], tier: critical, hard: true }
raise:
  - { id: big-diff, when: { any: [{ fact: change.lines, gt: 400 }, { fact: change.files_count, gt: 30 }] }, tier: high }
lower:
  - { id: docs, only: ["docs/**/*.md"], to: low, when: { not: { fact: flags.touched, eq: true } } }
require:
  low:      { evidence: [tests, secrets_scan], approvals: [] }
  medium:   { evidence: [tests, changed_lines], approvals: [{ humans: 1, not: [author, requester] }] }
  high:     { inherit: medium, approvals: [{ humans: 2, proof: key, owners: all }] }
  critical: { inherit: high, evidence: [rollback_drill], approvals: [{ humans: 2, proof: presence }] }
evidence:
  tests:          { predicate: test-result/v0.1, bind: result_tree, max_age: 24h,
                    when: { all: [{ fact: tests.failed_count, eq: 0 }, { fact: tests.not_run_count, eq: 0 }] } }
  rollback_drill: { predicate: rollback-drill/v1, bind: change, max_age: 7d, when: { fact: rollback.known, eq: true } }
approvals: { retain_on: { low: same_change, medium: same_change, high: same_result, critical: same_result } }
break_glass: { who: [oncall], ttl: 4h, needs: [incident, reason], review_within: 24h, never: [harness] }
people:
  ana: { emails: [ana@example.org], logins: [ana], roles: [oncall] }
  bo: { keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijklmnop bo@laptop"] }
agents:
  claude-ci: { emails: [claude-ci@example.org] }
teams:
  acme/core: [ana, bo]
"""


def _read(text: str) -> Policy:
    return PolicyFileReader().read_policy(text.encode(), "p.yaml")


def _condition(text: str) -> object:
    policy = _read(f"version: 1\nraise:\n  - {{ id: r, tier: high, when: {text} }}\n{REQUIRE}{PEOPLE}")
    return policy.raise_rules[0].when


PEOPLE = """
people: { ana: { emails: [ana@example.org] } }
facts: { load.p99_seconds: { type: float }, load.regions: { type: strings } }
"""


def test_the_reference_file_is_read() -> None:
    """The shape that the documentation shows is the shape that is understood."""
    policy = _read(REFERENCE)
    assert policy.default_tier == "high"
    assert [each.name for each in policy.surfaces] == ["auth", "migration", "harness"]
    assert policy.surfaces[1].paths.rules[1].negated
    assert policy.requirements[3].approvals[0].proof is ProofLevel.PRESENCE
    owners = policy.requirements[2].approvals[0].owners
    assert owners is not None
    assert owners.mode is OwnersMode.ALL
    assert policy.evidence[0].max_age == timedelta(days=1)
    assert policy.break_glass is not None
    assert policy.break_glass.ttl == timedelta(hours=4)
    assert policy.people[0].roles == ("oncall",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ fact: change.lines, ge: 3 }", FactTest(fact="change.lines", operator=Operator.GE, operand=3)),
        ("{ fact: load.p99_seconds, lt: 2 }", FactTest(fact="load.p99_seconds", operator=Operator.LT, operand=2.0)),
        (
            "{ fact: change.author_kind, in: [agent, mixed] }",
            FactTest(fact="change.author_kind", operator=Operator.IN, operand=("agent", "mixed")),
        ),
        (
            "{ fact: load.regions, contains: eu }",
            FactTest(fact="load.regions", operator=Operator.CONTAINS, operand="eu"),
        ),
        (
            "{ fact: change.title, matches: 'fix: .*' }",
            FactTest(fact="change.title", operator=Operator.MATCHES, operand=Regex(text="fix: .*")),
        ),
        (
            "{ fact: tests.exit_code, known: false }",
            FactTest(fact="tests.exit_code", operator=Operator.KNOWN, operand=False),
        ),
        ("{ surface: auth }", SurfaceTest(surface="auth")),
        ("{ author: ana }", AuthorTest(identity="ana")),
        ("{ author: claude }", AuthorTest(identity="claude")),
        ("{ not: { surface: ci } }", Not(condition=SurfaceTest(surface="ci"))),
        (
            "{ all: [{ surface: ci }, { any: [{ author: ana }] }] }",
            AllOf(conditions=(SurfaceTest(surface="ci"), AnyOf(conditions=(AuthorTest(identity="ana"),)))),
        ),
    ],
)
def test_a_condition_is_read(text: str, expected: object) -> None:
    """Every predicate of the language comes out as the engine knows it."""
    assert _condition(text) == expected


def test_a_condition_on_files_is_read() -> None:
    """Globs and regular expressions are different types; a list of paths holds globs only."""
    read = _condition('{ files: { none: ["src/**", "!src/gen/**"] } }')
    assert isinstance(read, FilesTest)
    assert read.quantifier is Quantifier.NONE
    assert [(rule.glob.text, rule.negated) for rule in read.paths.rules] == [("src/**", False), ("src/gen/**", True)]


def test_what_is_left_out_is_never_weaker_than_the_built_in_policy() -> None:
    """A file that says nothing of surfaces does not switch them off."""
    policy = _read("version: 1\n" + REQUIRE)
    assert policy.tiers == DEFAULT_POLICY.tiers
    assert policy.surfaces == DEFAULT_POLICY.surfaces
    assert policy.raise_rules == DEFAULT_POLICY.raise_rules
    assert policy.lower_rules == ()
    assert policy.break_glass is None


def test_own_tiers_give_the_built_in_surfaces_the_highest_one() -> None:
    """A tier that the file does not have cannot be looked up; the safe answer is the strictest of its own."""
    policy = _read(
        "version: 1\ntiers: [calm, wild]\ndefault_tier: wild\nrequire: { calm: {}, wild: { evidence: [tests] } }\n"
    )
    assert {each.tier for each in policy.surfaces} == {"wild"}
    assert {each.tier for each in policy.raise_rules} == {"wild"}


@pytest.mark.parametrize(
    "surfaces",
    [
        "{}",
        "{ harness: { paths: ['.rh/**'], tier: critical } }",
        "{ harness: { paths: ['.rh/**'], tier: low, hard: true } }",
        "{ harness: { paths: ['.rh/project.yaml'], tier: critical, hard: true } }",
        "{ rules: { paths: ['.rh/**', '!.rh/policy.yaml'], tier: critical, hard: true } }",
    ],
)
def test_the_policy_itself_is_always_a_hard_surface(surfaces: str) -> None:
    """Who changes what judges changes can let anything pass, so no file can take that surface away."""
    policy = _read(f"version: 1\nsurfaces: {surfaces}\n{REQUIRE}")
    guards = [
        each
        for each in policy.surfaces
        if each.hard and each.tier == "critical" and compile_globs(each.paths).matches(".rh/policy.yaml")
    ]
    assert len(guards) == 1
    assert len({each.name for each in policy.surfaces}) == len(policy.surfaces)


def test_an_own_hard_surface_around_the_policy_is_left_alone() -> None:
    """A file that guards itself already gets no second guard."""
    policy = _read("version: 1\nsurfaces: { mine: { paths: ['.rh/**'], tier: critical, hard: true } }\n" + REQUIRE)
    assert [each.name for each in policy.surfaces] == ["mine"]


def test_a_silent_approval_leaves_author_and_requester_out_above_the_lowest_tier() -> None:
    """Separation of duties is what people forget to write down."""
    policy = _read(
        "version: 1\nrequire: { low: { approvals: [{ humans: 1 }] }, medium: { approvals: [{ humans: 1 }] },"
        " high: { approvals: [{ humans: 1, not: [author] }] }, critical: { approvals: [{ humans: 1, not: [] }] } }\n"
    )
    left_out = [(each.approvals[0].exclude_author, each.approvals[0].exclude_requester) for each in policy.requirements]
    assert left_out == [(False, False), (True, True), (True, False), (False, False)]


def test_retention_that_is_not_said_is_the_stricter_one() -> None:
    """An approval that stands for too long is worse than one that is asked for again."""
    policy = _read("version: 1\napprovals: { retain_on: { low: same_change } }\n" + REQUIRE)
    assert dict(policy.retention) == {
        "low": Retention.SAME_CHANGE,
        "medium": Retention.SAME_RESULT,
        "high": Retention.SAME_RESULT,
        "critical": Retention.SAME_RESULT,
    }


def test_built_in_evidence_is_known_by_its_name() -> None:
    """A tier may ask for `tests` without the file saying what tests are, and only for what it asks."""
    policy = _read("version: 1\nsurfaces: {}\n" + REQUIRE)
    built_in = {each.name: each for each in OFFERED_EVIDENCE}
    assert {each.name: each for each in policy.evidence} == {
        name: built_in[name] for name in ("tests", "rollback_drill")
    }


def test_what_is_read_is_sound_for_the_linter() -> None:
    """The two checks must not disagree on what a name is."""
    named = [fault for fault in lint(_read(REFERENCE)) if "no " in fault.says and "people" not in fault.says]
    assert [fault.says for fault in named if fault.path.startswith(("evidence", "surfaces", "break_glass"))] == []


def test_comments_and_layout_do_not_change_the_digest() -> None:
    """The policy digest names the meaning; a reformatted file is the same policy."""
    spread = "# a comment\n" + REFERENCE.replace(
        "{ humans: 1, not: [author, requester] }", '{ "not": [author, requester], humans: 1 }'
    )
    assert policy_digest(_read(spread)) == policy_digest(_read(REFERENCE))
    other = dataclasses.replace(_read(REFERENCE), default_tier="critical")
    assert policy_digest(other) != policy_digest(_read(REFERENCE))


@pytest.mark.slow
def test_reading_a_policy_loads_neither_pydantic_nor_a_database() -> None:
    """Every `rh check` of a repository with a policy pays for this import, in a process of its own."""
    code = (
        "import sys\n"
        "from release_harness.adapters.policy_file import PolicyFileReader\n"
        "assert 'yaml' not in sys.modules\n"
        f"PolicyFileReader().read_policy({REFERENCE.encode()!r}, 'p')\n"
        "print(sorted({'pydantic', 'sqlalchemy', 'asyncio', 'cryptography'} & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == "[]"
