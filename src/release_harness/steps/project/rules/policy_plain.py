"""Turns the parts of a policy into the plain form of its file."""

from datetime import timedelta
from typing import assert_never

from release_harness.kernel.records import Plain
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    ApprovalRequirement,
    AuthorTest,
    BreakGlass,
    Condition,
    EvidenceDefinition,
    FactTest,
    FilesTest,
    LowerRule,
    Not,
    OwnersMode,
    PathSet,
    Person,
    RaiseRule,
    Regex,
    Surface,
    SurfaceTest,
    TierRequirement,
)

PlainMap = dict[str, Plain]

_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def plain_paths(paths: PathSet) -> Plain:
    """Return the lines of a path set."""
    return [f"!{rule.glob.text}" if rule.negated else rule.glob.text for rule in paths.rules]


def plain_condition(condition: Condition) -> PlainMap:
    """Return a condition as it stands in a file."""
    match condition:
        case FactTest():
            operand = condition.operand
            if isinstance(operand, Regex):
                value: Plain = operand.text
            else:
                value = list(operand) if isinstance(operand, tuple) else operand
            return {"fact": condition.fact, condition.operator.value: value}
        case FilesTest():
            return {"files": {condition.quantifier.value: plain_paths(condition.paths)}}
        case SurfaceTest():
            return {"surface": condition.surface}
        case AuthorTest():
            return {"author": condition.identity}
        case AllOf():
            return {"all": [plain_condition(each) for each in condition.conditions]}
        case AnyOf():
            return {"any": [plain_condition(each) for each in condition.conditions]}
        case Not():
            return {"not": plain_condition(condition.condition)}
        case _:
            assert_never(condition)


def plain_surface(surface: Surface) -> PlainMap:
    """Return a surface without its name."""
    return _set(
        paths=plain_paths(surface.paths),
        tier=surface.tier,
        hard=surface.hard,
        evidence=list(surface.evidence),
        owners=list(surface.owners),
        lenses=list(surface.lenses),
        ship=surface.ship,
        rollback=surface.rollback,
        watch=list(surface.watch),
        because=surface.because,
    )


def plain_raise(rule: RaiseRule) -> PlainMap:
    """Return a rule that raises the tier."""
    return _set(id=rule.id, when=plain_condition(rule.when), tier=rule.tier, because=rule.because)


def plain_lower(rule: LowerRule) -> PlainMap:
    """Return a rule that lowers the tier."""
    when = plain_condition(rule.when) if rule.when is not None else None
    return _set(id=rule.id, only=plain_paths(rule.only), to=rule.to, when=when, because=rule.because)


def plain_requirement(requirement: TierRequirement) -> PlainMap:
    """Return what a tier must show; lists are written also when they are empty, since that says something."""
    inherit: PlainMap = {"inherit": requirement.inherit} if requirement.inherit else {}
    approvals = [plain_approval(each) for each in requirement.approvals]
    return {**inherit, "evidence": list(requirement.evidence), "approvals": approvals}


def plain_approval(approval: ApprovalRequirement) -> PlainMap:
    """Return one approval; who is left out is always written, since a file that is silent means more."""
    owners: Plain = None
    if approval.owners is not None:
        counted = approval.owners.mode is OwnersMode.COUNT
        owners = approval.owners.count if counted else approval.owners.mode.value
    named = (("author", approval.exclude_author), ("requester", approval.exclude_requester))
    left_out: Plain = [name for name, excluded in named if excluded]
    asked = _set(proof=approval.proof.value, role=approval.role, lens=approval.lens, owners=owners)
    return {"humans": approval.humans_count, **asked, "not": left_out}


def plain_evidence(definition: EvidenceDefinition) -> PlainMap:
    """Return a definition of evidence without its name."""
    return _set(
        predicate=definition.predicate,
        bind=definition.bind.value,
        max_age=plain_duration(definition.max_age) if definition.max_age is not None else None,
        when=plain_condition(definition.when),
        invalidated_by=[each.value for each in definition.invalidated_by],
        obtain=definition.obtain,
        advice=definition.advice,
    )


def plain_break_glass(glass: BreakGlass) -> PlainMap:
    """Return who may go past a rule."""
    return {
        "who": list(glass.who),
        "ttl": plain_duration(glass.ttl),
        "needs": list(glass.needs),
        "review_within": plain_duration(glass.review_within),
        "never": list(glass.never),
    }


def plain_person(person: Person) -> PlainMap:
    """Return a person without the id."""
    return _set(
        name=person.name,
        emails=list(person.emails),
        logins=list(person.logins),
        keys=list(person.keys),
        roles=list(person.roles),
    )


def plain_duration(length: timedelta) -> str:
    """Write a duration exactly, with as few units as need be."""
    left = length // timedelta(milliseconds=1)
    for unit, milliseconds in _UNITS[1:]:
        if left % milliseconds == 0:
            return f"{left // milliseconds}{unit}"
    return f"{left}ms"


def _set(**values: Plain) -> PlainMap:
    """Leave out what says nothing."""
    return {name: value for name, value in values.items() if value not in (None, "", [], False)}
