"""Does a test notice when the change is taken back?"""

import sys
from pathlib import Path

import pytest
from evidence_bench import Bench

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.model import TestCase, TestStatus
from release_harness.steps.evidence.operations.requests import ProveInput
from release_harness.steps.evidence.rules.proving import TakenBack, judge_proof, proved_fact, take_back

TAKEN = TakenBack(restored=("app.py",), tests=("tests/test_app.py",))
PASSED, FAILED, ERROR = TestStatus.PASSED, TestStatus.FAILED, TestStatus.ERROR


def cases(**statuses: TestStatus) -> tuple[TestCase, ...]:
    """Return one case for each name."""
    return tuple(TestCase(id=f"tests.test_app::{name}", status=status) for name, status in statuses.items())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (cases(x=PASSED, y=PASSED), cases(x=FAILED, y=PASSED), True),
        (cases(x=PASSED), cases(x=PASSED), False),
        (cases(x=FAILED), cases(x=FAILED), None),
        (cases(x=TestStatus.FLAKY), cases(x=FAILED), None),
        (cases(x=PASSED), (TestCase(id="::tests.test_app", status=ERROR),), True),
        (cases(x=PASSED), (TestCase(id="::tests.test_other", status=ERROR),), None),
        (cases(x=PASSED), (), None),
        (cases(x=PASSED), None, None),
        (None, cases(x=FAILED), None),
    ],
)
def test_only_a_test_that_changes_its_answer_proves(
    before: tuple[TestCase, ...] | None, after: tuple[TestCase, ...] | None, *, expected: bool | None
) -> None:
    """A run that broke, or a test that was broken before, shows nothing about the change."""
    fact = proved_fact(judge_proof(TAKEN, before, after))
    assert fact.value is expected if isinstance(fact, Known) else expected is None
    assert isinstance(fact, Unknown) is (expected is None)


def test_changed_tests_stay_and_other_files_are_left_alone() -> None:
    """Taking the tests back, too, would prove nothing."""
    taken = take_back(
        ["app.py", "tests/test_app.py", "README.md"], lambda path: "test" in path, lambda path: path.endswith("py")
    )
    assert taken == TAKEN
    assert judge_proof(TakenBack(restored=(), tests=("t",)), cases(x=PASSED), cases(x=FAILED)).proved is None


@pytest.mark.slow
@pytest.mark.parametrize(("asserted", "expected"), [("app.price() == 3", True), ("app.price()", False)])
def test_a_change_is_taken_back_in_a_scratch_tree(tmp_path: Path, asserted: str, *, expected: bool) -> None:
    """A new test that would pass without the change is decoration."""
    files = {"app.py": "def price():\n    return 1\n"}
    bench = Bench.create(tmp_path, "", files, commands=[[sys.executable, "-m", "pytest", "-q", "-p", "no:randomly"]])
    test = f"import app\n\n\ndef test_price():\n    assert {asserted}\n"
    bench.repository.commit({"app.py": "def price():\n    return 3\n", "tests/test_app.py": test}, "Raise it")
    before = bench.repository.git("status", "--porcelain")
    bench.call("evidence prove", ProveInput())
    fact = bench.fact("tests.proved")
    assert isinstance(fact, Known)
    assert fact.value is expected
    assert (bench.repository.git("status", "--porcelain"), bench.left_checkouts()) == (before, [])
