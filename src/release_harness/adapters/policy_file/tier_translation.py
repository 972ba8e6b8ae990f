"""Which tiers does a policy have, in which order, and which one holds when no rule says anything?"""

from release_harness.adapters.policy_file.shape_reader import Faults, items, kept
from release_harness.adapters.policy_file.shapes import PolicyShape
from release_harness.policy.defaults import DEFAULT_POLICY


def read_tiers(shape: PolicyShape, faults: Faults) -> tuple[str, ...]:
    """Return the tiers from the lowest to the highest."""
    if shape.tiers is None:
        return DEFAULT_POLICY.tiers
    seen: set[str] = set()
    for place, tier in items(shape.tiers, ("tiers",)):
        if tier in seen:
            faults.add(place, f"The tier {tier!r} stands twice.", expected="every tier once")
        seen.add(tier)
    return tuple(kept(shape.tiers)) or DEFAULT_POLICY.tiers


def read_default_tier(shape: PolicyShape, tiers: tuple[str, ...], faults: Faults) -> str:
    """Return the tier of a change that no rule says anything about."""
    if shape.default_tier is not None:
        faults.choose(("default_tier",), "tier", shape.default_tier, tiers)
        return shape.default_tier
    if shape.tiers is not None and not faults.within(("default_tier",)):
        says = "The key 'default_tier' is missing: nobody knows how risky a change is that no rule speaks of."
        faults.add((), says, expected="a tier of this file, the highest one when in doubt")
    return DEFAULT_POLICY.default_tier if DEFAULT_POLICY.default_tier in tiers else tiers[-1]
