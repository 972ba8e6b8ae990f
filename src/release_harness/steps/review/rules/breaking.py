"""Whether somebody may go past rules now: asked before it is signed, so that nobody signs what would have no effect."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from release_harness.kernel.errors import InputError, NotAllowed
from release_harness.kernel.records import record
from release_harness.kernel.time import format_duration
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.identities import members_of
from release_harness.policy.model import BreakGlass, Person, Policy
from release_harness.policy.tier import hard_surfaces
from release_harness.steps.review.model import Examination

_CAN_BE_NAMED = ("evidence:", "approvals:", "rejections")
"""What content it is, and what the policy says, can never be gone past."""


@record
class BreakOrder:
    """What somebody wants to go past, and why."""

    rules: tuple[str, ...]
    incident: str
    reason: str
    ttl: timedelta | None
    """None for as long as the policies allow."""


def refuse_order(order: BreakOrder, person: Person, examination: Examination) -> tuple[timedelta, timedelta]:
    """Return how long it holds and how soon it is reviewed; raises NotAllowed or InputError when it would have no effect.

    With several policies in force each must allow it: the shortest time of all holds.
    """
    allowed = [
        _refuse_under(
            rule.policy, rule.source, judgement.tier.surfaces, hard_surfaces(rule.policy, judgement.tier), person, order
        )
        for rule, judgement in zip(examination.rules.policies, examination.judgements, strict=True)
    ]
    _refuse_words(order, allowed)
    _refuse_rules(order.rules, examination.verdict)
    longest = min(each.ttl for each in allowed)
    ttl = longest if order.ttl is None else order.ttl
    if ttl > longest or ttl <= timedelta():
        raise InputError(
            code="TTL_TOO_LONG",
            says=f"{format_duration(ttl)} is not between nothing and the {format_duration(longest)} that the policy allows.",
            hint=f"Give --ttl {format_duration(longest).replace(' ', '')} or less.",
        )
    return ttl, min(each.review_within for each in allowed)


def open_rules(verdict: Verdict) -> tuple[str, ...]:
    """Return the rules of the tree that do not pass and that break-glass can name, in order."""
    return tuple(
        dict.fromkeys(
            node.rule
            for node in _nodes(verdict)
            if node.rule.startswith(_CAN_BE_NAMED) and node.outcome is not Outcome.PASS
        )
    )


def _refuse_under(
    policy: Policy, source: str, surfaces: Sequence[str], hard: Sequence[str], person: Person, order: BreakOrder
) -> BreakGlass:
    rules = policy.break_glass
    if rules is None:
        raise NotAllowed(
            code="BREAK_GLASS_OFF",
            says=f"{source} has no `break_glass`, so nobody may go past its rules.",
            hint="Meet the rules (`rh why`), or add `break_glass` to the policy and land that first.",
        )
    may = {member for who in rules.who for member in members_of(policy, who)}
    if person.id not in may:
        raise NotAllowed(
            code="BREAK_GLASS_WHO",
            says=f"{person.id} may not break the glass; {source} allows it to {', '.join(rules.who) or 'nobody'}.",
            hint=f"Ask one of them: {', '.join(sorted(may)) or 'nobody is listed'}.",
            subject=person.id,
        )
    never = [name for name in surfaces if name in rules.never or f"surface:{name}" in rules.never or name in hard]
    never += [rule for rule in order.rules if rule in rules.never]
    if never:
        raise NotAllowed(
            code="BREAK_GLASS_NEVER",
            says=f"Nobody may go past {', '.join(dict.fromkeys(never))} (hard, or `never` in {source}).",
            hint="Take these files out of the change, or meet the rules.",
        )
    return rules


def _refuse_words(order: BreakOrder, allowed: Sequence[BreakGlass]) -> None:
    needed = {name for rules in allowed for name in rules.needs} | {"incident", "reason"}
    given = {"incident": order.incident, "reason": order.reason}
    missing = sorted(name for name in needed if not given.get(name, "").strip())
    if missing:
        raise InputError(
            code="BREAK_GLASS_NEEDS",
            says=f"Break-glass needs {', '.join(missing)}.",
            hint="Say what happened and why it cannot wait: --incident INC-123 --reason '…'.",
        )


def _refuse_rules(rules: Sequence[str], verdict: Verdict) -> None:
    open_now = open_rules(verdict)
    unknown = [rule for rule in rules if rule not in open_now]
    if not rules or unknown:
        named = ", ".join(unknown) if unknown else "nothing"
        raise InputError(
            code="RULE_NOT_OPEN",
            says=f"{named}: no rule that stands in the way of this change.",
            hint="Rules that do: " + (", ".join(open_now) or "none"),
        )


def _nodes(verdict: Verdict) -> Iterator[Verdict]:
    yield verdict
    for child in verdict.children:
        yield from _nodes(child)
