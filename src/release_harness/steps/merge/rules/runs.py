"""What a recorded test run says for landing: did it speak about the code at all, and did it pass?"""

from collections.abc import Iterable
from datetime import timedelta

from release_harness.kernel.digests import TreeId
from release_harness.steps.evidence.model import EvidenceRecord, Origin
from release_harness.steps.merge.model import RunOutcome, TreeRun

TEST_RESULT = "test-result/v0.1"
_NO_COMMAND = (126, 127)
_KILLED = 128
"""Exit codes above this are those of a command that a signal ended, as a shell would give them."""


def newest_run(records: Iterable[EvidenceRecord], tree: TreeId, stale: frozenset[str]) -> TreeRun | None:
    """Return what the newest usable run of the tests says of exactly this tree; claims are no runs."""
    found = [
        each
        for each in records
        if each.predicate == TEST_RESULT
        and each.result_tree == tree
        and each.origin is not Origin.CLAIMED
        and each.id not in stale
    ]
    if not found:
        return None
    newest_at = max(each.finished_at for each in found)
    runs = [read_run(each, tree) for each in found if each.finished_at == newest_at]
    # Of several runs that ended at the same instant, the worst one counts.
    order = (RunOutcome.FAILED, RunOutcome.TIMEOUT, RunOutcome.INFRA, RunOutcome.NOT_RUN, RunOutcome.PASSED)
    return min(runs, key=lambda run: order.index(run.outcome))


def read_run(record: EvidenceRecord, tree: TreeId) -> TreeRun:
    """Read one record; what ended without an exit code, or by a signal, says nothing about the code."""
    outcome, says = _outcome(record)
    lists = record.tests
    return TreeRun(
        tree=tree,
        outcome=outcome,
        evidence=(record.id,),
        says=says,
        failed=lists.failed if lists else (),
        flaky=lists.flaky if lists else (),
        took_seconds=max(0, (record.finished_at - record.started_at) // timedelta(seconds=1)),
    )


def _outcome(record: EvidenceRecord) -> tuple[RunOutcome, str]:
    facts = record.facts
    code = record.exit_code
    if code is None:
        why = record.unknown.get("tests.exit_code", "the command gave no exit code")
        late = any(word in why for word in ("time limit", "timed out", "did not end"))
        return (RunOutcome.TIMEOUT if late else RunOutcome.INFRA), why
    if _count(facts.get("tests.failed_count")) or _count(facts.get("tests.errors_count")):
        return RunOutcome.FAILED, ""
    if code > _KILLED:
        return RunOutcome.INFRA, f"the command was killed by signal {code - _KILLED}"
    if code in _NO_COMMAND:
        return RunOutcome.INFRA, f"the command could not be started (exit code {code})"
    if code:
        return RunOutcome.FAILED, f"exit code {code}"
    if facts.get("tests.run_count") == 0:
        return RunOutcome.NOT_RUN, "no test was run"
    return RunOutcome.PASSED, ""


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
