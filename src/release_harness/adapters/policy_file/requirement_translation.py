"""What must a change of each tier show, how long does an approval stand, and who may go past a rule?"""

from collections.abc import Mapping

from release_harness.adapters.policy_file.names import Names
from release_harness.adapters.policy_file.shape_reader import Faults, items
from release_harness.adapters.policy_file.shapes import ApprovalShape, PolicyShape, RequirementShape
from release_harness.adapters.policy_file.yaml_tree import Trail
from release_harness.kernel.identity import ProofLevel
from release_harness.policy.model import (
    ApprovalRequirement,
    BreakGlass,
    OwnersMode,
    OwnersRequirement,
    Retention,
    TierRequirement,
)


def read_requirements(shape: PolicyShape, names: Names, faults: Faults) -> tuple[TierRequirement, ...]:
    """Return what every tier must show; a tier without a requirement is a fault."""
    require = shape.require or {}
    for tier in require:
        faults.choose(("require", tier), "tier", tier, names.tiers, key=True)
    whole = faults.tree.value
    written = whole.get("require") if isinstance(whole, dict) else None
    if isinstance(written, dict):
        for tier in names.tiers:
            if tier not in written:
                says = f"The tier {tier!r} is missing: nobody knows what such a change must show."
                faults.add(("require",), says, expected="a requirement for every tier")
    found = [_read_requirement(tier, require[tier], names, faults) for tier in names.tiers if tier in require]
    _blame_circles(require, faults)
    return tuple(found)


def _read_requirement(tier: str, shape: RequirementShape, names: Names, faults: Faults) -> TierRequirement:
    trail = ("require", tier)
    for place, evidence in items(shape.evidence, (*trail, "evidence")):
        faults.choose(place, "evidence", evidence, names.evidence)
    if shape.inherit:
        faults.choose((*trail, "inherit"), "tier", shape.inherit, names.tiers)
    lowest = tier == names.tiers[0]
    approvals = tuple(
        _read_approval(each, place, names, faults, lowest=lowest)
        for place, each in items(shape.approvals, (*trail, "approvals"))
    )
    return TierRequirement(tier=tier, evidence=shape.evidence, approvals=approvals, inherit=shape.inherit)


def _read_approval(
    shape: ApprovalShape, trail: Trail, names: Names, faults: Faults, *, lowest: bool
) -> ApprovalRequirement:
    if shape.humans == 0 and shape.owners is None and not faults.within(trail):
        faults.add((*trail, "humans"), "The approval asks for nobody.", expected="a number from 1, or `owners`")
    if shape.role:
        faults.choose((*trail, "role"), "role or team", shape.role, names.groups())
    left_out = shape.not_ if shape.not_ is not None else (() if lowest else ("author", "requester"))
    return ApprovalRequirement(
        humans_count=shape.humans,
        proof=ProofLevel(shape.proof),
        role=shape.role,
        lens=shape.lens,
        owners=_read_owners(shape.owners),
        exclude_author="author" in left_out,
        exclude_requester="requester" in left_out,
    )


def _read_owners(owners: int | str | None) -> OwnersRequirement | None:
    if owners is None:
        return None
    if isinstance(owners, int):
        return OwnersRequirement(mode=OwnersMode.COUNT, count=owners)
    return OwnersRequirement(mode=OwnersMode(owners))


def _blame_circles(require: Mapping[str, RequirementShape], faults: Faults) -> None:
    blamed: set[str] = set()
    for start in require:
        way = [start]
        while (following := require[way[-1]].inherit) in require and following not in way:
            way.append(following)
        if following == start and not blamed & set(way):
            blamed |= set(way)
            circle = " → ".join((*way, start))
            faults.add(("require", start, "inherit"), f"The tiers inherit in a circle: {circle}.", expected="an end")


def read_retention(shape: PolicyShape, names: Names, faults: Faults) -> tuple[tuple[str, Retention], ...]:
    """Return what must stay the same for an approval to stand, for every tier; the stricter answer when nothing is said."""
    said = shape.approvals.retain_on
    for tier in said:
        faults.choose(("approvals", "retain_on", tier), "tier", tier, names.tiers, key=True)
    return tuple((tier, Retention(said.get(tier, "same_result"))) for tier in names.tiers)


def read_break_glass(shape: PolicyShape, names: Names, faults: Faults) -> BreakGlass | None:
    """Return who may go past a rule, or None for nobody."""
    glass = shape.break_glass
    if glass is None:
        return None
    for place, who in items(glass.who, ("break_glass", "who")):
        faults.choose(place, "person, team or role", who, (*names.people, *names.groups()))
    for place, never in items(glass.never, ("break_glass", "never")):
        faults.choose(place, "surface, rule or evidence", never, (*names.surfaces, *names.rules, *names.evidence))
    for name, length in (("ttl", glass.ttl), ("review_within", glass.review_within)):
        if not length and not faults.within(("break_glass",)):
            faults.add(("break_glass", name), "The duration is zero.", expected="a duration such as 4h")
    return BreakGlass(
        who=glass.who,
        ttl=glass.ttl,
        needs=glass.needs,
        review_within=glass.review_within,
        never=glass.never,
    )
