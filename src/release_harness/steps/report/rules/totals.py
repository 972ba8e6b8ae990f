"""Adds landings up, and puts the worst first."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from release_harness.steps.report.model import FIELDS, Answer, FieldTotal, LandingReview, Totals

_DAY = timedelta(days=1)


def sort_worst_first(landings: Sequence[LandingReview]) -> tuple[LandingReview, ...]:
    """Order by score, the newer landing first among equals (the list that is given is newest first)."""
    return tuple(sorted(landings, key=lambda each: -each.score))


def add_up(landings: Sequence[LandingReview], tiers: Sequence[str]) -> Totals:
    """Count everything over all landings."""
    reversals = [each.reversal for each in landings if each.reversal is not None]
    spans = sorted(each.after for each in reversals)
    by_tier = Counter(each.tier for each in landings)
    return Totals(
        landings_count=len(landings),
        fields=tuple(_total(name, number, landings) for number, name in enumerate(FIELDS)),
        missing_app_count=sum("app" in each.missing for each in landings),
        missing_data_count=sum("data" in each.missing for each in landings),
        touching_data_count=sum(each.touches_data for each in landings),
        missing_rollback_count=sum("rollback" in each.missing for each in landings),
        reverted_count=len(reversals),
        reverted_within_day_count=sum(each.after <= _DAY for each in reversals),
        revert_median=spans[len(spans) // 2] if spans else None,
        relanded_count=sum(each.relanded_by is not None for each in reversals),
        tiers=tuple((tier, by_tier[tier]) for tier in reversed(tiers) if by_tier[tier]),
        authors=tuple(Counter(each.author_kind for each in landings).most_common()),
    )


def _total(name: str, number: int, landings: Sequence[LandingReview]) -> FieldTotal:
    counted = Counter(each.fields[number].answer for each in landings)
    return FieldTotal(
        field=name,
        answered_count=counted[Answer.ANSWERED],
        partly_count=counted[Answer.PARTLY],
        missing_count=counted[Answer.MISSING],
    )
