"""Compares what two policies would have said of past landings. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from release_harness.kernel.records import record
from release_harness.policy.model import Policy
from release_harness.steps.risk.model.difference import MovedLanding
from release_harness.steps.risk.model.labels import Label
from release_harness.steps.risk.model.landings import Landing
from release_harness.steps.risk.rules.replay import AUTO, FULL, LIGHT, levels_of

_ORDER = (AUTO, LIGHT, FULL)


@record
class Given:
    """The tiers that one policy gave."""

    policy: Policy
    tiers: Sequence[str]


def moved_landings(
    landings: Sequence[Landing],
    seconds: Sequence[int],
    old: Given,
    new: Given,
    reverted: Mapping[int, Label],
    places: Sequence[int],
) -> tuple[MovedLanding, ...]:
    """Return the landings that change tier, the reverted and loosened ones first, then the newest.

    `places` are those of the landings that were judged, in the order of the tiers given.
    """
    old_levels, new_levels = levels_of(old.policy), levels_of(new.policy)
    same_names = old.policy.tiers == new.policy.tiers
    found = []
    for number, place in enumerate(places):
        before, after = old.tiers[number], new.tiers[number]
        if before == after and old_levels.get(before) == new_levels.get(after):
            continue
        label = reverted.get(place)
        one, other = old_levels.get(before, FULL), new_levels.get(after, FULL)
        lower = same_names and old.policy.rank(after) < old.policy.rank(before)
        fewer = _ORDER.index(other) < _ORDER.index(one)
        landing = landings[place]
        found.append(
            MovedLanding(
                commit=landing.id,
                title=landing.title,
                landed_at_seconds=seconds[place],
                old_tier=before,
                new_tier=after,
                old_level=one,
                new_level=other,
                loosened=fewer or (one == other and lower),
                reverted_by=landings[label.by].id if label is not None else "",
                reverted_after_seconds=seconds[label.by] - seconds[place] if label is not None else None,
            )
        )
    found.reverse()
    found.sort(key=lambda each: (not each.reverted_by, not each.loosened))
    return tuple(found)


def count_moves(moved: Sequence[MovedLanding]) -> tuple[tuple[str, str, int, int], ...]:
    """Return each pair of tiers with its landings and how many of them were reverted, the most frequent first."""
    landings = Counter((each.old_tier, each.new_tier) for each in moved)
    reverted = Counter((each.old_tier, each.new_tier) for each in moved if each.reverted_by)
    return tuple((*pair, count, reverted[pair]) for pair, count in landings.most_common())
