"""Replays policies and scores over a history: rh-backtest v1."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.progress import Progress
from release_harness.kernel.records import record
from release_harness.kernel.time import Clock
from release_harness.steps.changes.flow.aim import find_head
from release_harness.steps.risk.flow.policies import (
    NamedPolicy,
    PoliciesNeeds,
    RepositoryOfRisk,
    find_policy,
    policy_at,
)
from release_harness.steps.risk.flow.tiers import tiers_given
from release_harness.steps.risk.flow.walking import Walked, WalkNeeds, walk_history
from release_harness.steps.risk.model.backtest import Backtest, PolicyResult, Ranking
from release_harness.steps.risk.model.labels import Labels
from release_harness.steps.risk.model.landings import Landing
from release_harness.steps.risk.ports import Documents
from release_harness.steps.risk.rules.asked import read_horizon, read_label, read_since
from release_harness.steps.risk.rules.clocks import straighten
from release_harness.steps.risk.rules.history import Measured, measure_history
from release_harness.steps.risk.rules.labels import mine_labels
from release_harness.steps.risk.rules.past import DAY_SECONDS
from release_harness.steps.risk.rules.quarters import Fold, Outcomes, plan_folds, quarter_name
from release_harness.steps.risk.rules.replay import (
    AUTO,
    FULL,
    is_docs_or_tests,
    is_low_by_rule,
    levels_of,
    lines_of,
)
from release_harness.steps.risk.rules.reporting import (
    escape_curve,
    policy_result,
    quarter_results,
    sources_of,
    sum_up,
)
from release_harness.steps.risk.rules.risk_names import OUTLOOK

if TYPE_CHECKING:
    from release_harness.steps.risk.rules.measures import Scored
    from release_harness.steps.risk.rules.percentiles import Matrix


class BacktestNeeds(WalkNeeds, PoliciesNeeds, Protocol):
    """What a backtest is made from."""

    @property
    def repository(self) -> RepositoryOfRisk:
        """Reads commits and files."""
        ...

    @property
    def documents(self) -> Documents:
        """Writes the plots."""
        ...

    @property
    def clock(self) -> Clock:
        """Says what time it is."""
        ...

    @property
    def progress(self) -> Progress:
        """Says how far it is."""
        ...


@record
class BacktestOrder:
    """What is asked for."""

    branch: str = ""
    policies: tuple[str, ...] = ()
    since: str = ""
    horizon_days: int = 0
    label: str = ""


@record
class Prepared:
    """A history that was walked, labelled and measured."""

    branch: str
    walked: Walked
    labels: Labels
    seconds: tuple[int, ...]
    gaps: tuple[str, ...]

    @property
    def landings(self) -> tuple[Landing, ...]:
        """Oldest first."""
        return self.walked.landings


def prepare(needs: BacktestNeeds, branch: str) -> Prepared:
    """Walk and label the history of a branch."""
    tip, name = find_head(needs.repository, branch)
    walked = walk_history(needs, tip, needs.repository.state().cut_commits)
    seconds = straighten([each.committed_seconds for each in walked.landings])
    return Prepared(
        branch=name or branch,
        walked=walked,
        labels=mine_labels(walked.landings),
        seconds=seconds,
        gaps=_gaps(walked, seconds),
    )


def run_backtest(needs: BacktestNeeds, order: BacktestOrder) -> Backtest:
    """Replay the policies and the score over the history of a branch; writes nothing but the cache."""
    label = read_label(order.label)
    horizon_days = read_horizon(order.horizon_days, label)
    since = read_since(order.since)
    prepared = prepare(needs, order.branch)
    named = [find_policy(needs, each) for each in order.policies] or [policy_at(needs, prepared.walked.tip)]
    outcomes = outcomes_of(prepared, label, horizon_days)
    needs.progress.start("measuring every landing", len(prepared.landings))
    measured = measure_history(prepared.landings, prepared.seconds, needs.progress.advance)
    needs.progress.finish()
    _leave_outlook(needs, prepared, measured)
    folds = plan_folds(outcomes, since)
    if not folds:
        return _empty(prepared, label, horizon_days, int(outcomes.positives.sum()))
    asked = _Asked(
        prepared=prepared,
        outcomes=outcomes,
        folds=folds,
        named=tuple(named),
        label=label,
        horizon_days=horizon_days,
    )
    return _report(needs, asked, measured)


def _leave_outlook(needs: BacktestNeeds, prepared: Prepared, measured: Measured) -> None:
    """Keep what `rh check` compares a change with; always from reverts, whatever was asked."""
    if not prepared.landings:
        return
    from release_harness.steps.risk.rules.looking_ahead import look_ahead

    outcomes = outcomes_of(prepared, "reverts", read_horizon(0, "reverts"))
    now = needs.clock.now().timestamp()
    packed = look_ahead(prepared.walked.tip, prepared.branch, now, measured, outcomes)
    needs.walk_cache.put(OUTLOOK, packed)


def outcomes_of(prepared: Prepared, label: str, horizon_days: int) -> Outcomes:
    """Return what became of each landing under a label."""
    import numpy as np

    events = np.full(len(prepared.landings), np.inf)
    for each in prepared.labels.reverted if label == "reverts" else prepared.labels.fixed:
        events[each.culprit] = prepared.seconds[each.by]
    seconds = np.asarray(prepared.seconds, dtype=np.float64)
    return Outcomes(
        seconds=seconds,
        event_seconds=events,
        candidates=np.asarray(prepared.labels.candidates, dtype=bool),
        horizon_seconds=float(horizon_days * DAY_SECONDS),
        end_seconds=float(seconds[-1]) if len(seconds) else 0.0,
    )


@record
class _Asked:
    """What one backtest is about, once everything was read."""

    prepared: Prepared
    outcomes: Outcomes
    folds: tuple[Fold, ...]
    named: tuple[NamedPolicy, ...]
    label: str
    horizon_days: int


def _report(needs: BacktestNeeds, asked: _Asked, measured: Measured) -> Backtest:
    import numpy as np

    from release_harness.steps.risk.rules.measures import Scored, bounds_of, resample
    from release_harness.steps.risk.rules.scoring import score_all

    tests = np.concatenate([each.test for each in asked.folds])
    landings = [asked.prepared.landings[place] for place in tests]
    scored = Scored(
        positives=asked.outcomes.positives[tests],
        lines=np.array([float(lines_of(each.files)) for each in landings]),
        bounds=bounds_of([each.test for each in asked.folds]),
    )
    needs.progress.start("learning quarter by quarter", 2 * len(asked.folds))
    scores = score_all(measured.rows, asked.folds, asked.label, tests, landings, needs.progress.advance)
    needs.progress.finish()
    draws = resample(scored)
    policies = tuple(_judge_policy(needs, each, landings, scored, draws) for each in asked.named)
    return _measure(asked, scored, scores, draws, policies, _fixed_rules(landings, scored, draws))


def _measure(
    asked: _Asked,
    scored: "Scored",
    scores: "dict[str, Matrix]",
    draws: "Matrix",
    policies: tuple[PolicyResult, ...],
    rules: tuple[PolicyResult, ...],
) -> Backtest:
    from release_harness.steps.risk.rules.measures import calibrate
    from release_harness.steps.risk.rules.scoring import calibration_slope, lift_over_size, rank_all

    ours, *baselines = rank_all(scores, scored, draws)
    chances, size = scores["score"], scores["size"]
    positives = int(scored.positives.sum())
    outcome, says = sum_up(policies, ours, positives)
    prepared = asked.prepared
    return Backtest(
        branch=prepared.branch,
        tip=prepared.walked.tip,
        label=asked.label,
        horizon_days=asked.horizon_days,
        first_quarter=quarter_name(asked.folds[0].quarter),
        last_quarter=quarter_name(asked.folds[-1].quarter),
        scored_count=len(chances),
        positives_count=positives,
        policies=policies,
        rules=rules,
        score=ours,
        baselines=tuple(baselines),
        lift=lift_over_size(scores, scored, draws),
        calibration=calibrate(scored, chances, calibration_slope),
        quarters=quarter_results([each.quarter for each in asked.folds], scored, chances),
        sources=sources_of(prepared.labels, asked.label, len(prepared.landings), prepared.walked.fresh_count),
        gaps=prepared.gaps,
        outcome=outcome,
        says=says,
        curve=escape_curve(scored, chances, size),
    )


def _judge_policy(
    needs: BacktestNeeds, named: NamedPolicy, asked: Sequence[Landing], scored: "Scored", draws: "Matrix"
) -> PolicyResult:
    return policy_result(
        named.name, named.policy.tiers, levels_of(named.policy), tiers_given(needs, named, asked), scored, draws
    )


def _fixed_rules(asked: Sequence[Landing], scored: "Scored", draws: "Matrix") -> tuple[PolicyResult, ...]:
    rules = (("documentation and tests only", is_docs_or_tests), ("small, plain and away from danger", is_low_by_rule))
    levels = {AUTO: AUTO, FULL: FULL}
    return tuple(
        policy_result(name, (AUTO, FULL), levels, [AUTO if rule(each) else FULL for each in asked], scored, draws)
        for name, rule in rules
    )


def _gaps(walked: Walked, seconds: Sequence[int]) -> tuple[str, ...]:
    gaps = []
    if walked.cut:
        gaps.append("This clone is shallow: what landed before it was cut off is not known, nor who touched what then.")
    uncounted = sum(not each.counted for each in walked.landings)
    if uncounted:
        gaps.append(f"The lines of {uncounted} landings are not known: some of their blobs are not in this clone.")
    moved = sum(each.committed_seconds != time for each, time in zip(walked.landings, seconds, strict=True))
    if moved:
        gaps.append(f"The clocks of {moved} landings ran backwards; their place in the history counts, not their time.")
    return tuple(gaps)


def _empty(prepared: Prepared, label: str, horizon_days: int, positives: int) -> Backtest:
    none: Ranking | None = None
    outcome, says = sum_up((), none, positives)
    return Backtest(
        branch=prepared.branch,
        tip=prepared.walked.tip,
        label=label,
        horizon_days=horizon_days,
        first_quarter="",
        last_quarter="",
        scored_count=0,
        positives_count=positives,
        policies=(),
        rules=(),
        score=None,
        baselines=(),
        lift=None,
        calibration=None,
        quarters=(),
        sources=sources_of(prepared.labels, label, len(prepared.landings), prepared.walked.fresh_count),
        gaps=prepared.gaps,
        outcome=outcome,
        says=says,
    )
