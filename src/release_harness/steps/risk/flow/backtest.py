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
from release_harness.steps.risk.rules.outlook import OUTLOOK
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
    return _report(needs, prepared, measured, outcomes, folds, named, label, horizon_days)


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


def _report(
    needs: BacktestNeeds,
    prepared: Prepared,
    measured: Measured,
    outcomes: Outcomes,
    folds: Sequence[Fold],
    named: Sequence[NamedPolicy],
    label: str,
    horizon_days: int,
) -> Backtest:
    import numpy as np

    from release_harness.steps.risk.rules.measures import (
        Scored,
        bounds_of,
        calibrate,
        difference,
        escaped_by_quarter,
        positives_by_quarter,
        resample,
    )
    from release_harness.steps.risk.rules.scoring import calibration_slope, rank_all, score_all

    tests = np.concatenate([each.test for each in folds])
    asked = [prepared.landings[place] for place in tests]
    lines = np.array([float(lines_of(each.files)) for each in asked])
    scored = Scored(positives=outcomes.positives[tests], lines=lines, bounds=bounds_of([each.test for each in folds]))
    draws = resample(scored)
    needs.progress.start("learning quarter by quarter", 2 * len(folds))
    scores = score_all(measured.rows, folds, label, tests, asked, needs.progress.advance)
    needs.progress.finish()
    ranked = rank_all(scores, scored, draws)
    policies = tuple(_judge_policy(needs, each, asked, scored, draws) for each in named)
    chances = scores["score"]
    positives = int(scored.positives.sum())
    outcome, says = sum_up(policies, ranked[0], positives)
    return Backtest(
        branch=prepared.branch,
        tip=prepared.walked.tip,
        label=label,
        horizon_days=horizon_days,
        first_quarter=quarter_name(folds[0].quarter),
        last_quarter=quarter_name(folds[-1].quarter),
        scored_count=len(tests),
        positives_count=positives,
        policies=policies,
        rules=_fixed_rules(asked, scored, draws),
        score=ranked[0],
        baselines=tuple(ranked[1:]),
        lift=difference(
            escaped_by_quarter(scored, scores["size"], 0.5),
            escaped_by_quarter(scored, chances, 0.5),
            positives_by_quarter(scored),
            draws,
        ),
        calibration=calibrate(scored, chances, calibration_slope),
        quarters=quarter_results([each.quarter for each in folds], scored, chances),
        sources=sources_of(prepared.labels, label, len(prepared.landings), prepared.walked.fresh_count),
        gaps=prepared.gaps,
        outcome=outcome,
        says=says,
        curve=escape_curve(scored, chances, scores["size"]),
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
