"""Asks two policies about every past landing."""

from release_harness.kernel.records import record
from release_harness.steps.risk.flow.backtest import BacktestNeeds, prepare
from release_harness.steps.risk.flow.policies import find_policy
from release_harness.steps.risk.flow.tiers import tiers_given
from release_harness.steps.risk.model.difference import PolicyDifference
from release_harness.steps.risk.rules.asked import read_since
from release_harness.steps.risk.rules.difference import Given, count_moves, moved_landings


@record
class DifferenceOrder:
    """What is asked for."""

    old: str
    new: str
    branch: str = ""
    since: str = ""
    shown_count: int = 20


def compare_policies(needs: BacktestNeeds, order: DifferenceOrder) -> PolicyDifference:
    """Name the landings that change tier between two policies, and which of them were reverted later."""
    old, new = find_policy(needs, order.old), find_policy(needs, order.new)
    since = read_since(order.since)
    prepared = prepare(needs, order.branch)
    places = [place for place, each in enumerate(prepared.landings) if each.files and prepared.seconds[place] >= since]
    asked = [prepared.landings[place] for place in places]
    reverted = {each.culprit: each for each in prepared.labels.reverted}
    moved = moved_landings(
        prepared.landings,
        prepared.seconds,
        Given(policy=old.policy, tiers=tiers_given(needs, old, asked)),
        Given(policy=new.policy, tiers=tiers_given(needs, new, asked)),
        reverted,
        places,
    )
    looser = [each for each in moved if each.loosened]
    tighter = [each for each in moved if not each.loosened]
    return PolicyDifference(
        old=old.name,
        new=new.name,
        branch=prepared.branch,
        tip=prepared.walked.tip,
        landings_count=len(places),
        reverted_count=len(reverted.keys() & set(places)),
        moved=moved,
        moves=count_moves(moved),
        loosened_count=len(looser),
        loosened_reverted_count=sum(bool(each.reverted_by) for each in looser),
        tightened_count=len(tighter),
        tightened_reverted_count=sum(bool(each.reverted_by) for each in tighter),
        gaps=prepared.gaps,
        shown_count=max(order.shown_count, 0),
    )
