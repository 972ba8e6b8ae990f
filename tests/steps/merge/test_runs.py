"""What a recorded run says for landing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from release_harness.kernel.digests import Sha256, TreeId
from release_harness.kernel.facts import FactValue
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.steps.evidence.model import EvidenceRecord, Origin, TestLists
from release_harness.steps.merge.model import RunOutcome
from release_harness.steps.merge.rules.runs import newest_run, read_run

TREE, OTHER = TreeId("a" * 40), TreeId("b" * 40)
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
GOOD: dict[str, FactValue] = {"tests.run_count": 3, "tests.failed_count": 0, "tests.errors_count": 0}
RECORD = EvidenceRecord(
    id="sha256:1",
    predicate="test-result/v0.1",
    result_tree=TREE,
    change=None,
    base=None,
    origin=Origin.COMPUTED,
    producer=Actor(kind=ActorKind.PERSON, id="ana"),
    command=("pytest",),
    exit_code=0,
    environment_digest=Sha256("sha256:2"),
    isolation="not isolated",
    started_at=START,
    finished_at=START + timedelta(seconds=9),
    log_digest=None,
    policy=None,
    dependency_lock="",
    facts=GOOD,
    unknown={},
    claims={},
    details=None,
    tests=TestLists(failed=("t1",)),
)
LATE = {"tests.exit_code": "pytest did not end within 30m and was stopped"}


@pytest.mark.parametrize(
    ("code", "facts", "unknown", "wanted"),
    [
        (0, GOOD, {}, RunOutcome.PASSED),
        (0, {**GOOD, "tests.failed_count": 1}, {}, RunOutcome.FAILED),
        (0, {**GOOD, "tests.errors_count": 1}, {}, RunOutcome.FAILED),
        (1, GOOD, {}, RunOutcome.FAILED),
        (1, {}, {}, RunOutcome.FAILED),
        (0, {}, {}, RunOutcome.PASSED),
        (0, {**GOOD, "tests.run_count": 0}, {}, RunOutcome.NOT_RUN),
        (137, {}, {}, RunOutcome.INFRA),
        (137, {**GOOD, "tests.failed_count": 1}, {}, RunOutcome.FAILED),
        (127, {}, {}, RunOutcome.INFRA),
        (126, {}, {}, RunOutcome.INFRA),
        (None, {}, LATE, RunOutcome.TIMEOUT),
        (None, {}, {"tests.exit_code": "no such program"}, RunOutcome.INFRA),
        (None, {}, {}, RunOutcome.INFRA),
    ],
)
def test_a_run_blames_only_when_tests_really_failed(
    code: int | None, facts: dict[str, FactValue], unknown: dict[str, str], wanted: RunOutcome
) -> None:
    """A timeout, a missing program or a killed process says nothing about the change."""
    seen = read_run(replace(RECORD, exit_code=code, facts=facts, unknown=unknown), TREE)

    assert seen.outcome is wanted
    assert seen.evidence == ("sha256:1",)
    assert seen.failed == ("t1",)


def test_the_newest_run_of_exactly_this_tree_counts() -> None:
    """Another tree, a claim, another predicate and stale evidence are no runs."""
    red = replace(RECORD, id="sha256:0", exit_code=1, finished_at=START)
    others = (
        replace(RECORD, id="sha256:3", result_tree=OTHER),
        replace(RECORD, id="sha256:4", origin=Origin.CLAIMED),
        replace(RECORD, id="sha256:5", predicate="coverage/v1"),
    )

    assert newest_run(others, TREE, frozenset()) is None
    found = newest_run((*others, RECORD, red), TREE, frozenset())
    assert found is not None
    assert found.outcome is RunOutcome.PASSED
    older = newest_run((RECORD, red), TREE, frozenset({"sha256:1"}))
    assert older is not None
    assert older.outcome is RunOutcome.FAILED


def test_of_two_runs_that_ended_together_the_worse_one_counts() -> None:
    """Fail closed when the clock cannot tell."""
    found = newest_run((RECORD, replace(RECORD, id="sha256:0", exit_code=1)), TREE, frozenset())

    assert found is not None
    assert found.outcome is RunOutcome.FAILED
