"""Which tests are chosen, what forces all of them, how a choice is scored, and what quarantine excuses."""

from datetime import date

import pytest

from release_harness.steps.evidence.model import TestCase, TestLists, TestStatus
from release_harness.steps.evidence.model.trace import TracedFunction, TracedTest, TraceMap
from release_harness.steps.evidence.rules.choosing import changed_functions, score_selection, select_tests
from release_harness.steps.evidence.rules.quarantine import excuse_quarantined
from release_harness.steps.evidence.rules.tests import TestAnswer
from release_harness.steps.project.model import Quarantine

MAP = TraceMap(
    functions=(TracedFunction(symbol="app.py:run", path="app.py", blob="1" * 40),),
    tests=(TracedTest(id="tests/test_a.py::test_x", outcome="passed", functions=1),),
    between=TracedTest(id="", outcome="", functions=0),
)
TODAY = date(2026, 3, 10)


def case(test_id: str, status: TestStatus = TestStatus.PASSED) -> TestCase:
    """Return one case of a run."""
    return TestCase(id=test_id, status=status)


def test_only_tests_that_bear_on_the_change_are_chosen() -> None:
    """A suite of an hour is not needed to see that one function broke."""
    chosen = select_tests(["app.py", "README.md"], MAP, relevant={"tests/test_a.py::test_x": "traced"})
    assert (chosen.ids, chosen.everything) == (("tests/test_a.py::test_x",), False)


def test_a_changed_test_file_is_run_whole() -> None:
    """A test that is new is in no map yet."""
    path = "tests/test_a.py"
    chosen = select_tests([path], MAP, relevant={f"{path}::test_x": "traced"}, test_paths=[path])
    assert chosen.ids == (path,)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("uv.lock", "libraries"),
        ("package-lock.json", "libraries"),
        ("requirements/dev.txt", "libraries"),
        ("tests/conftest.py", "fixtures"),
        ("pyproject.toml", "configures the tests"),
        ("app/settings.py", "settings"),
        ("app/settings/prod.py", "settings"),
        ("app/migrations/0002_x.py", "migrates"),
        (".github/workflows/ci.yml", "continuous integration"),
        ("Dockerfile", "continuous integration"),
        ("data/countries.csv", "data"),
        ("web/app.ts", "no trace follows"),
    ],
)
def test_what_no_trace_can_follow_forces_everything(path: str, why: str) -> None:
    """A selection that trusts a map about things which the map cannot see is unsafe."""
    chosen = select_tests(["app.py", path], MAP, relevant={})
    assert chosen.everything
    assert why in " ".join(chosen.because)


def test_doubts_force_everything_and_are_named() -> None:
    """Not knowing is never a reason to run less."""
    broken = TraceMap(functions=MAP.functions, tests=MAP.tests, between=MAP.between, faults=("KeyError",))
    for chosen, why in (
        (select_tests(["app.py"], None, relevant={}), "no trace"),
        (select_tests(["app.py"], broken, relevant={}), "not whole"),
        (select_tests(["app.py"], MAP, relevant={"*": "traced"}), "while tests are imported"),
        (select_tests(["app.py"], MAP, relevant={}, on_default_tip=True), "tip of the default branch"),
    ):
        assert chosen.everything
        assert why in chosen.because[0]


def test_only_bodies_narrow_a_change_to_functions() -> None:
    """A default value, a decorator or a constant works at import and touches more than the function it stands at."""
    base = b"X = 1\nclass A:\n    def f(self, a=1):\n        return a\n\ndef g():\n    return X\n"
    assert changed_functions(base, base.replace(b"return a", b"return a + 1  # why")) == frozenset({"A.f"})
    assert changed_functions(base, b"# only layout\n" + base) == frozenset()
    for old, new in (
        (b"X = 1", b"X = 2"),
        (b"a=1", b"a=2"),
        (b"def g():", b"@cache\ndef g():"),
        (b"class A", b"class A(B)"),
    ):
        assert changed_functions(base, base.replace(old, new)) is None
    assert changed_functions(None, base) is None
    assert changed_functions(base, b"def (") is None


def test_a_full_run_scores_the_choice() -> None:
    """A selection is only worth what it would have caught."""
    cases = [
        case("tests.test_a::test_x[1]", TestStatus.FAILED),
        case("tests.test_b::test_y", TestStatus.ERROR),
        case("tests.test_c.T::test_z"),
    ]
    score = score_selection(["tests/test_a.py::test_x", "tests/test_c.py"], cases)
    assert (score.failed_count, score.caught_count, score.selected_count) == (2, 1, 2)
    assert (score.recall_ratio, score.missed) == (0.5, ("tests.test_b::test_y",))
    assert score_selection([], [case("a")]).recall_ratio is None


def excused(until: date, *cases: TestCase, exit_code: int = 1) -> dict[str, object]:
    """Return the facts of a run with one test in quarantine."""
    answer = TestAnswer(facts={"tests.failed_count": 1, "tests.exit_code": exit_code}, unknown={}, lists=TestLists())
    listed = [Quarantine(test="tests/test_a.py::test_flaky", until=until)]
    return dict(excuse_quarantined(answer, cases, listed, TODAY, exit_code).facts)


def test_a_test_in_quarantine_does_not_block_until_its_day() -> None:
    """Flaky tests are known and dated, not deleted."""
    flaky = case("tests.test_a::test_flaky[x]", TestStatus.FAILED)
    facts = excused(TODAY, flaky, case("b"))
    assert (facts["tests.failed_count"], facts["tests.exit_code"], facts["tests.quarantined_count"]) == (0, 0, 1)


def test_quarantine_ends() -> None:
    """An excuse without an end is a deleted test."""
    flaky = case("tests.test_a::test_flaky", TestStatus.FAILED)
    facts = excused(date(2026, 3, 9), flaky)
    assert (facts["tests.failed_count"], facts["tests.exit_code"], facts["tests.quarantined_count"]) == (1, 1, 0)


def test_quarantine_excuses_nothing_else() -> None:
    """Another failure, or another exit code, is not the flaky test."""
    flaky = case("tests.test_a::test_flaky", TestStatus.FAILED)
    facts = excused(TODAY, flaky, case("b", TestStatus.FAILED))
    assert (facts["tests.failed_count"], facts["tests.exit_code"]) == (1, 1)
    assert excused(TODAY, flaky, exit_code=3)["tests.exit_code"] == 3
