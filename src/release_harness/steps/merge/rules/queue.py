"""What the answers about one tree come to, which changes keep apart, and what is missing before one may be queued."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.merge.model import Look, RunOutcome
from release_harness.steps.merge.model.queued import QueueEntry
from release_harness.steps.merge.plan.retries import FlakePolicy, is_believed
from release_harness.steps.merge.rules.refusals import named_nodes

MOST_ATTEMPTS = 3
"""A run whose worker died, or whose machine failed, is begun so often."""
_MOST_TIMEOUTS = 2
_OBTAINED_BY_RUN = "rh evidence run"


class Standing(Enum):
    """What is known of a tree after all that was said of it."""

    NOTHING = "nothing"
    PASSED = "passed"
    FAILED = "failed"
    DOUBTED = "doubted"
    """It is run once more before anybody believes it."""
    SILENT = "silent"
    """It was run as often as is sensible and never said anything about the code."""


def standing_of(outcomes: Sequence[RunOutcome], pass_ratios: Sequence[float], policy: FlakePolicy) -> Standing:
    """Return what is known of a tree from its answers, oldest first; of answers about the code the last pass counts."""
    spoken = [each for each in outcomes if each in (RunOutcome.PASSED, RunOutcome.FAILED)]
    if spoken and spoken[-1] is RunOutcome.PASSED:
        return Standing.PASSED
    if RunOutcome.PASSED in spoken:
        return Standing.DOUBTED
    if spoken:
        believed = is_believed(policy, pass_ratios, len(spoken))
        return Standing.FAILED if believed else Standing.DOUBTED
    if not outcomes:
        return Standing.NOTHING
    if outcomes.count(RunOutcome.NOT_RUN) or outcomes.count(RunOutcome.TIMEOUT) >= _MOST_TIMEOUTS:
        return Standing.SILENT
    if outcomes.count(RunOutcome.TIMEOUT) and len(pass_ratios) > 1:
        # A batch that hangs is taken apart at once: a second hour would say no more.
        return Standing.SILENT
    return Standing.SILENT if outcomes.count(RunOutcome.INFRA) >= MOST_ATTEMPTS else Standing.DOUBTED


def keep_apart(entries: Sequence[QueueEntry]) -> Mapping[int, frozenset[int]]:
    """Return for each change the earlier ones that change the same files.

    Two such changes are never in one run: what a run shows of the first would be about files that the second has changed
    again. A change whose files are not all known keeps apart from everybody.
    """
    by_path: dict[str, list[int]] = {}
    unclear: list[int] = []
    apart: dict[int, frozenset[int]] = {}
    for place, entry in enumerate(entries):
        asked = entry.asked
        if not asked.files_known:
            apart[entry.number] = frozenset(each.number for each in entries[:place])
            unclear.append(entry.number)
            continue
        shared = {number for path in asked.files for number in by_path.get(path, ())}
        apart[entry.number] = frozenset(shared.union(unclear))
        for path in asked.files:
            by_path.setdefault(path, []).append(entry.number)
    return apart


def who_shares(entry: QueueEntry, earlier: Iterable[QueueEntry]) -> frozenset[int]:
    """Return the earlier changes that a conflict can be with: those that touch the same files, else all of them."""
    candidates = tuple(earlier)
    files = set(entry.asked.files)
    shared = frozenset(each.number for each in candidates if files & set(each.asked.files))
    return shared or frozenset(each.number for each in candidates)


def lacks_before_queueing(look: Look) -> tuple[Verdict, ...]:
    """Return what a change still needs beside the run of its tests; the last question is asked again when it lands."""
    if look.verdict.outcome is Outcome.PASS:
        return ()
    return tuple(
        each for each in named_nodes(look.verdict) if each.outcome is not Outcome.PASS and not _by_run(look, each)
    )


def _by_run(look: Look, node: Verdict) -> bool:
    """Tell whether a run of the tests on the result tree can give what is missing."""
    if look.run is not None or node.outcome is Outcome.FAIL or not node.rule.startswith("evidence:"):
        return False
    return not node.actions or any(each.command.startswith(_OBTAINED_BY_RUN) for each in node.actions)
