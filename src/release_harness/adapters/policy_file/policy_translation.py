"""Turns `.rh/policy.yaml` into a Policy, and says everything that is wrong with it at once.

What a file may leave out, and what holds then (never less than the built-in policy asks):

| left out | what holds |
|---|---|
| `tiers` and `default_tier` | low, medium, high, critical; medium |
| `default_tier` alone | a fault |
| `surfaces`, `raise` | the built-in ones; an empty list or mapping means none |
| a hard surface of the highest tier around `.rh/policy.yaml` | the built-in `harness` surface is added |
| `lower` | nothing is lowered |
| `require`, or one tier of it | a fault |
| `evidence` of a built-in name | the built-in definition, when something asks for it |
| `approvals.retain_on` of a tier | the approval stands as long as the result is the same |
| `not` of an approval | neither author nor requester counts, above the lowest tier |
| `break_glass` | nobody may go past a rule |
"""

from release_harness.adapters.policy_file import people_translation
from release_harness.adapters.policy_file.conditions import read_condition, read_paths
from release_harness.adapters.policy_file.names import Names, built_in_evidence, names_of
from release_harness.adapters.policy_file.requirement_translation import (
    read_break_glass,
    read_requirements,
    read_retention,
)
from release_harness.adapters.policy_file.shape_reader import Faults, items, kept, read_shape
from release_harness.adapters.policy_file.shapes import PolicyShape, SurfaceShape
from release_harness.adapters.policy_file.tier_translation import read_default_tier, read_tiers
from release_harness.adapters.policy_file.yaml_tree import read_yaml
from release_harness.policy.defaults import DEFAULT_POLICY
from release_harness.policy.globs import compile_globs
from release_harness.policy.model import (
    Binding,
    EvidenceDefinition,
    Invalidator,
    LowerRule,
    Policy,
    RaiseRule,
    Surface,
)

_POLICY_PATH = ".rh/policy.yaml"


def translate_policy(text: bytes, source: str) -> Policy:
    """Read a policy; raises InputError with every fault."""
    tree = read_yaml(text, source)
    faults = Faults.of(tree)
    shape = read_shape(PolicyShape, tree, faults)
    policy = _translate(shape, names_of(shape, faults), faults) if shape else None
    faults.raise_if_any()
    assert policy is not None  # noqa: S101 - a shape that could not be read left a fault
    return policy


def _translate(shape: PolicyShape, names: Names, faults: Faults) -> Policy:
    given = faults.tree.value if isinstance(faults.tree.value, dict) else {}
    tiers = read_tiers(shape, faults)
    surfaces = _read_surfaces(shape, names, faults) if "surfaces" in given else _built_in_surfaces(tiers)
    raise_rules = _read_raise_rules(shape, names, faults) if "raise" in given else _built_in_raise_rules(tiers)
    requirements = read_requirements(shape, names, faults)
    asked = {name for each in surfaces for name in each.evidence} | {
        name for each in requirements for name in each.evidence
    }
    return Policy(
        tiers=tiers,
        default_tier=read_default_tier(shape, tiers, faults),
        surfaces=_with_harness(surfaces, tiers),
        raise_rules=raise_rules,
        lower_rules=_read_lower_rules(shape, names, faults),
        requirements=requirements,
        evidence=_read_evidence(shape, names, asked, faults),
        retention=read_retention(shape, names, faults),
        count_requester_as_author=shape.approvals.count_requester_as_author,
        break_glass=read_break_glass(shape, names, faults),
        people=people_translation.read_people(shape, faults),
        agents=people_translation.read_agents(shape, faults),
        teams=people_translation.read_teams(shape, names, faults),
        facts=people_translation.read_custom_facts(shape, faults),
    )


def _read_surfaces(shape: PolicyShape, names: Names, faults: Faults) -> tuple[Surface, ...]:
    return tuple(_read_surface(name, each, names, faults) for name, each in shape.surfaces.items())


def _read_surface(name: str, shape: SurfaceShape, names: Names, faults: Faults) -> Surface:
    trail = ("surfaces", name)
    faults.choose((*trail, "tier"), "tier", shape.tier, names.tiers)
    for place, evidence in items(shape.evidence, (*trail, "evidence")):
        faults.choose(place, "evidence", evidence, names.evidence)
    for place, owner in items(shape.owners, (*trail, "owners")):
        faults.choose(place, "person, team or role", owner, (*names.people, *names.groups()))
    return Surface(
        name=name,
        paths=read_paths(shape.paths, (*trail, "paths"), faults),
        tier=shape.tier,
        hard=shape.hard,
        evidence=shape.evidence,
        owners=shape.owners,
        lenses=shape.lenses,
        ship=shape.ship,
        rollback=shape.rollback,
        watch=shape.watch,
        because=shape.because,
    )


def _built_in_surfaces(tiers: tuple[str, ...]) -> tuple[Surface, ...]:
    return tuple(_at_tier(each, each.tier if each.tier in tiers else tiers[-1]) for each in DEFAULT_POLICY.surfaces)


def _at_tier(surface: Surface, tier: str, name: str = "") -> Surface:
    from dataclasses import replace

    return replace(surface, tier=tier, name=name or surface.name)


def _with_harness(surfaces: tuple[Surface, ...], tiers: tuple[str, ...]) -> tuple[Surface, ...]:
    """Add the built-in harness surface unless one like it stands already: a change of the rules is always hard."""
    for each in surfaces:
        if each.hard and each.tier == tiers[-1] and compile_globs(each.paths).matches(_POLICY_PATH):
            return surfaces
    built_in = next(each for each in DEFAULT_POLICY.surfaces if each.name == "harness")
    taken = {each.name for each in surfaces}
    return (*surfaces, _at_tier(built_in, tiers[-1], "rh-harness" if "harness" in taken else "harness"))


def _read_raise_rules(shape: PolicyShape, names: Names, faults: Faults) -> tuple[RaiseRule, ...]:
    rules = []
    seen: dict[str, int] = {}
    for trail, each in items(shape.raise_, ("raise",)):
        _blame_twice(each.id or "", trail, seen, faults)
        faults.choose((*trail, "tier"), "tier", each.tier, names.tiers)
        when = read_condition(each.when, (*trail, "when"), names, faults)
        if when is not None:
            rules.append(RaiseRule(id=each.id, when=when, tier=each.tier, because=each.because))
    return tuple(rules)


def _built_in_raise_rules(tiers: tuple[str, ...]) -> tuple[RaiseRule, ...]:
    from dataclasses import replace

    return tuple(
        replace(each, tier=each.tier if each.tier in tiers else tiers[-1]) for each in DEFAULT_POLICY.raise_rules
    )


def _read_lower_rules(shape: PolicyShape, names: Names, faults: Faults) -> tuple[LowerRule, ...]:
    rules = []
    seen = {each.id: 0 for each in kept(shape.raise_)}
    for trail, each in items(shape.lower, ("lower",)):
        _blame_twice(each.id or "", trail, seen, faults)
        faults.choose((*trail, "to"), "tier", each.to, names.tiers)
        only = read_paths(each.only, (*trail, "only"), faults)
        when = read_condition(each.when, (*trail, "when"), names, faults)
        rules.append(LowerRule(id=each.id, only=only, to=each.to, when=when, because=each.because))
    return tuple(rules)


def _blame_twice(rule: str, trail: tuple[str | int, ...], seen: dict[str, int], faults: Faults) -> None:
    if rule and rule in seen:
        faults.add((*trail, "id"), f"The id {rule!r} belongs to another rule as well.", expected="every id once")
    seen[rule] = 1


def _read_evidence(shape: PolicyShape, names: Names, asked: set[str], faults: Faults) -> tuple[EvidenceDefinition, ...]:
    found = []
    for name, each in shape.evidence.items():
        when = read_condition(each.when, ("evidence", name, "when"), names, faults)
        if when is None or faults.within(("evidence", name)):
            continue
        found.append(
            EvidenceDefinition(
                name=name,
                predicate=each.predicate,
                bind=Binding(each.bind),
                when=when,
                max_age=each.max_age,
                invalidated_by=tuple(Invalidator(word) for word in kept(each.invalidated_by)),
                obtain=each.obtain,
                advice=each.advice,
            )
        )
    built_in = built_in_evidence()
    missing = sorted(asked & set(built_in) - set(shape.evidence))
    return (*found, *(built_in[name] for name in missing))
