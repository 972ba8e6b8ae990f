"""What one policy gives each landing; what it gave before is read from the cache."""

from collections.abc import Sequence

from release_harness.policy.digest import policy_digest
from release_harness.steps.risk.flow.policies import NamedPolicy
from release_harness.steps.risk.flow.walking import WalkNeeds
from release_harness.steps.risk.model.landings import Landing
from release_harness.steps.risk.rules.packed import TIERS_VERSION, WALK_VERSION, pack_tiers, unpack_tiers
from release_harness.steps.risk.rules.replay import tier_of

_STEP_COUNT = 500
_KEEP_EVERY_COUNT = 10_000
"""New tiers between two writes: what an interrupted run loses at most."""


def tiers_given(needs: WalkNeeds, named: NamedPolicy, asked: Sequence[Landing]) -> list[str]:
    """Return the tier that a policy would have given each landing; the policy's digest names what is kept."""
    digest = policy_digest(named.policy).removeprefix("sha256:")[:40]
    name = f"tiers-{TIERS_VERSION}.{WALK_VERSION}-{digest}"
    content = needs.walk_cache.get(name)
    known = unpack_tiers(content) if content is not None else {}
    new = [each for each in asked if known.get(each.id) not in named.policy.tiers]
    if new:
        needs.progress.start(f"judging by {named.name}", len(new))
        for place, landing in enumerate(new, start=1):
            known[landing.id] = tier_of(named.policy, landing)
            if place % _STEP_COUNT == 0:
                needs.progress.advance(_STEP_COUNT)
            if place % _KEEP_EVERY_COUNT == 0:
                needs.walk_cache.put(name, pack_tiers(known))
        needs.walk_cache.put(name, pack_tiers(known))
        needs.progress.finish()
    return [known[each.id] for each in asked]
