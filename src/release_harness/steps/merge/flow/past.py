"""Gathers what a repository's own past says of its queue: landings, recorded runs, recorded refusals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from release_harness.kernel.errors import HarnessError
from release_harness.kernel.records import record
from release_harness.steps.changes.flow.aim import find_head
from release_harness.steps.changes.ports import Repository
from release_harness.steps.evidence.flow.records import RecordsNeeds, believe, load_all
from release_harness.steps.evidence.model import EvidenceRecord
from release_harness.steps.merge.model import RefusalReason
from release_harness.steps.merge.model.simulation import Calibration
from release_harness.steps.merge.plan.odds import Attempt, OddsModel, Traits, calibrate, learn
from release_harness.steps.merge.plan.simulation.history import PastChange, join_pushes
from release_harness.steps.merge.rules.simulating import LEAST_LANDINGS, past_change, traits_of
from release_harness.steps.risk.flow.walking import WalkNeeds, walk_history
from release_harness.steps.risk.model.landings import NOT_COUNTED, FileRow, Landing
from release_harness.steps.risk.rules.clocks import straighten
from release_harness.steps.risk.rules.walked import parse_line_numbers, parse_raw

_DAY_SECONDS = 86_400
_PUSH_SECONDS = 60.0
"""Commits of one author that come closer than this came in one push."""
_FAILURES = frozenset(
    {RefusalReason.OWN_FAILURE.value, RefusalReason.CONFLICT_SEMANTIC.value, RefusalReason.FLAKE_EXHAUSTED.value}
)
"""Refusals that say that the tests of the change failed."""


class PastNeeds(WalkNeeds, RecordsNeeds, Protocol):
    """What the past is read from."""

    @property
    def repository(self) -> Repository:
        """Reads commits."""
        ...


@record
class Past:
    """What was found."""

    branch: str
    tip: str
    landings_count: int
    changes: tuple[PastChange, ...]
    runs: tuple[EvidenceRecord, ...]
    attempts: tuple[Attempt, ...]
    """Recorded landings and refusals, oldest first."""
    calibration: Calibration | None
    gaps: tuple[str, ...]

    def odds(self, fail_ratio: float, *, asked: bool) -> tuple[float, ...]:
        """Return the odds of failing of each change: learned from recorded attempts if these suffice, else one rate for all."""
        useful = self.calibration is not None and self.calibration.is_useful
        if asked or not useful or len(self.attempts) < LEAST_LANDINGS:
            return (fail_ratio,) * len(self.changes)
        model: OddsModel = learn(self.attempts)
        return tuple(
            1.0 - model.odds_of(Traits(lines_count=each.lines_count, areas=each.areas)).pass_ratio
            for each in self.changes
        )


def gather_past(needs: PastNeeds, branch: str, days: int) -> Past:
    """Read the landings of the last days before the newest one, and what is recorded of runs and refusals."""
    tip, name = find_head(needs.repository, branch)
    walked = walk_history(needs, tip, needs.repository.state().cut_commits)
    seconds = straighten([each.committed_seconds for each in walked.landings])
    since = seconds[-1] - days * _DAY_SECONDS if seconds else 0
    recent = [(time, each) for time, each in zip(seconds, walked.landings, strict=True) if time >= since and each.files]
    changes = join_pushes([past_change(float(time), each.author, each.files) for time, each in recent], _PUSH_SECONDS)
    evidence = believe(needs, load_all(needs))
    attempts = tuple(_attempts(needs, name or branch, tip, {each.id: each for each in walked.landings}))
    gaps = ["This clone is shallow: what landed before it was cut off is not known."] if walked.cut else []
    return Past(
        branch=name or branch or tip[:12],
        tip=tip,
        landings_count=len(recent),
        changes=changes,
        runs=evidence.records,
        attempts=attempts,
        calibration=calibrate(attempts) if len(attempts) >= LEAST_LANDINGS else None,
        gaps=tuple(gaps),
    )


def _attempts(needs: PastNeeds, branch: str, tip: str, landings: Mapping[str, Landing]) -> Iterator[Attempt]:
    """Yield what is recorded of decisions about changes themselves: it landed, or its tests failed."""
    ledger = needs.ledger.existing()
    if ledger is None or not branch:
        return
    from release_harness.steps.merge import store

    with ledger.read() as connection:
        rows = store.attempts_on(connection, branch)
    for commit, reason in rows:
        if not reason and commit in landings:
            yield Attempt(traits=traits_of(landings[commit].files), failed=False)
        elif reason in _FAILURES:
            yield Attempt(traits=traits_of(_files_of(needs, commit, tip)), failed=True)


def _files_of(needs: PastNeeds, head: str, tip: str) -> Sequence[FileRow]:
    """Return the files of a change that did not land; none when it is not in this clone any more."""
    try:
        known = needs.repository.resolve([head, tip])
        if head not in known or tip not in known:
            return ()
        bases = needs.repository.merge_bases(known[head], known[tip])
        if not bases:
            return ()
        pairs = [(needs.walk.tree_of(bases[0]), needs.walk.tree_of(head))]
        diffs = parse_raw(needs.walk.raw(pairs), pairs)
        output = needs.walk.line_numbers(pairs)
    except HarnessError:
        # What cannot be read any more is an attempt whose traits are not known, and no reason to stop.
        return ()
    numbers = parse_line_numbers(output, pairs) if output is not None else None
    counted = numbers[0] if numbers else {}
    return tuple(
        FileRow(path, status, *counted.get(path, (NOT_COUNTED, NOT_COUNTED)))
        for status, path in (diffs[0].paths if diffs else ())
    )
