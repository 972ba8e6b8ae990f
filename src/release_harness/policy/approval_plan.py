"""The fewest approvals that would still have to be given, and by whom."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction
from release_harness.policy.model import Policy

_NAMES_SHOWN_COUNT = 6


@record
class Slot:
    """One approval that is needed."""

    candidates: frozenset[str]
    """Ids of the people who could give it."""
    proof: ProofLevel
    lenses: frozenset[str]
    roles: frozenset[str]
    owner_of: str
    """Owners of whom one is needed, in words; empty when anybody will do."""
    rule: str
    """Requirement that needs it; one approval fills one place of a requirement."""


@record
class _Planned:
    """One approval of the plan, with every requirement that it fills."""

    slot: Slot
    rules: tuple[tuple[str, str], ...]


def plan_approvals(slots: Sequence[Slot], policy: Policy) -> tuple[NextAction, ...]:
    """Join needs that one and the same approval can fill, the most particular first, and name the candidates."""
    order = tuple(ProofLevel)
    ordered = sorted(
        slots,
        key=lambda slot: (
            not slot.candidates,
            len(slot.candidates),
            not slot.owner_of,
            -len(slot.lenses | slot.roles),
            -order.index(slot.proof),
        ),
    )
    planned: list[_Planned] = []
    for slot in ordered:
        _place(planned, slot)
    actions = [_action(each.slot, policy) for each in planned]
    return tuple(_count(actions))


def _place(planned: list[_Planned], slot: Slot) -> None:
    place = (slot.rule, slot.owner_of)
    for index, each in enumerate(planned):
        shared = each.slot.candidates & slot.candidates
        if shared and place not in each.rules:
            planned[index] = _Planned(slot=_join(each.slot, slot, shared), rules=(*each.rules, place))
            return
    planned.append(_Planned(slot=slot, rules=(place,)))


def _join(one: Slot, other: Slot, shared: frozenset[str]) -> Slot:
    owners = " and ".join(dict.fromkeys(each for each in (one.owner_of, other.owner_of) if each))
    return Slot(
        candidates=shared,
        proof=one.proof if one.proof.reaches(other.proof) else other.proof,
        lenses=one.lenses | other.lenses,
        roles=one.roles | other.roles,
        owner_of=owners,
        rule=one.rule,
    )


def _action(slot: Slot, policy: Policy) -> NextAction:
    if not slot.candidates:
        return _nobody(slot, policy)
    lenses = sorted(slot.lenses)
    looked = f" under the lens {' and '.join(lenses)}" if lenses else ""
    proven = {
        ProofLevel.LOGIN: "",
        ProofLevel.KEY: ", signed with a key",
        ProofLevel.PRESENCE: ", signed with a hardware key that asks for a touch",
    }[slot.proof]
    command = " ".join(["rh approve", *(f"--lens {lens}" for lens in lenses)])
    return NextAction(
        do=f"Look at the change{looked} and approve it{proven}.", command=command, who=_names(slot.candidates)
    )


def _nobody(slot: Slot, policy: Policy) -> NextAction:
    if not policy.people:
        do = "List the people who may approve under `people:` in .rh/policy.yaml; without it nobody is known to be a person."
        return NextAction(do=do, command="rh init", who="owners of the policy")
    asked = [
        *(f"of {role}" for role in sorted(slot.roles)),
        *([f"of {slot.owner_of}"] if slot.owner_of else []),
        *([f"with proof {slot.proof.value}"] if slot.proof is not ProofLevel.LOGIN else []),
    ]
    do = f"Name one more person in the policy who could approve {' '.join(asked) or 'this change'}; nobody is left who could."
    return NextAction(do=do, who="owners of the policy")


def _count(actions: Iterable[NextAction]) -> Iterable[NextAction]:
    """Say `2 people:` instead of saying the same thing twice."""
    counts: dict[NextAction, int] = {}
    for action in actions:
        counts[action] = counts.get(action, 0) + 1
    for action, count in counts.items():
        if count == 1 or not action.command.startswith("rh approve"):
            yield action
        else:
            yield NextAction(
                do=f"{count} different people: {action.do[0].lower()}{action.do[1:]}",
                command=action.command,
                who=action.who,
            )


def _names(candidates: frozenset[str]) -> str:
    names = sorted(candidates)
    rest = len(names) - _NAMES_SHOWN_COUNT
    return ", ".join(names[:_NAMES_SHOWN_COUNT]) + (f" or {rest} more" if rest > 0 else "")
