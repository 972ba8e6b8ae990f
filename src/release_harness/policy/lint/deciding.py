"""Rules that can never decide anything, by what they say or by what history shows."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from release_harness.kernel.errors import Fault
from release_harness.policy.catalog import FactEntry, facts_of, is_of_the_history
from release_harness.policy.identities import knows_identity
from release_harness.policy.lint.naming import near
from release_harness.policy.model import (
    AllOf,
    AuthorTest,
    Condition,
    FactTest,
    Operator,
    Policy,
    Regex,
    SurfaceTest,
)
from release_harness.policy.regexes import regex_fault
from release_harness.policy.scene import conditions_in, conditions_of
from release_harness.policy.subject import Subject
from release_harness.policy.tier import assess_tier

_NUMERIC = ("int", "float")
_OPERATORS_OF: Mapping[str, tuple[Operator, ...]] = {
    "bool": (Operator.EQ, Operator.NE),
    "int": (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE),
    "float": (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE),
    "str": (Operator.EQ, Operator.NE, Operator.IN, Operator.MATCHES),
    "strings": (Operator.EQ, Operator.NE, Operator.CONTAINS, Operator.MATCHES),
}


def check_conditions(policy: Policy) -> Iterator[Fault]:
    """Check that every condition asks for something that exists and could turn out either way."""
    entries = facts_of(policy)
    surfaces = {surface.name for surface in policy.surfaces}
    for rule, condition in conditions_of(policy):
        path = f"{rule.replace(':', '.', 1)}.when"
        for part in conditions_in(condition):
            yield from _check_part(policy, part, path, entries, surfaces)
    for lowering in policy.lower_rules:
        parts = conditions_in(lowering.when) if lowering.when is not None else ()
        guesses = sorted({each.fact for each in parts if isinstance(each, FactTest) and is_of_the_history(each.fact)})
        if guesses:
            says = f"{lowering.id} asks {guesses[0]}, so it never applies: what history guesses may raise a tier, not lower it."
            yield Fault(path=f"lower.{lowering.id}.when", says=says)
    for raised in policy.raise_rules:
        if policy.tiers and raised.tier == policy.tiers[0]:
            yield Fault(
                path=f"raise.{raised.id}", says=f"{raised.id} raises to {raised.tier}, below which there is no tier."
            )
    for lowered in policy.lower_rules:
        known = lowered.to in policy.tiers and policy.default_tier in policy.tiers
        if known and policy.rank(lowered.to) >= policy.rank(policy.default_tier):
            says = f"{lowered.id} lowers to {lowered.to}, which is not below the default tier {policy.default_tier}."
            yield Fault(path=f"lower.{lowered.id}", says=says)


def check_decisive(policy: Policy, corpus: Sequence[Subject]) -> Iterator[Fault]:
    """Name the rules that decided the tier of no past change: without them each would have had the same tier."""
    if not corpus or not policy.tiers:
        return
    matched: set[str] = set()
    decisive: set[str] = set()
    for subject in corpus:
        decision = assess_tier(policy, subject)
        for reason in decision.reasons:
            rule = reason.rule.replace("unknown:", "raise:", 1) if reason.rule.startswith("unknown:") else reason.rule
            matched.add(rule)
            if reason.tier == decision.tier and rule not in decisive:
                without = _without(policy, rule)
                if without is not None and assess_tier(without, subject).tier != decision.tier:
                    decisive.add(rule)
    for rule in _rule_names(policy):
        if rule in decisive:
            continue
        says = "matched some and decided none" if rule in matched else "matched none"
        kind, _, name = rule.partition(":")
        place = {"surface": "surfaces"}.get(kind, kind)
        yield Fault(path=f"{place}.{name}", says=f"{name} {says} of {len(corpus)} past changes.")


def _rule_names(policy: Policy) -> Iterator[str]:
    yield from (f"surface:{each.name}" for each in policy.surfaces)
    yield from (f"raise:{each.id}" for each in policy.raise_rules)
    yield from (f"lower:{each.id}" for each in policy.lower_rules)


def _without(policy: Policy, rule: str) -> Policy | None:
    kind, _, name = rule.partition(":")
    if kind == "surface":
        return replace(policy, surfaces=tuple(each for each in policy.surfaces if each.name != name))
    if kind == "raise":
        return replace(policy, raise_rules=tuple(each for each in policy.raise_rules if each.id != name))
    if kind == "lower":
        return replace(policy, lower_rules=tuple(each for each in policy.lower_rules if each.id != name))
    return None


def _check_part(
    policy: Policy, part: Condition, path: str, entries: Mapping[str, FactEntry], surfaces: set[str]
) -> Iterator[Fault]:
    if isinstance(part, FactTest):
        yield from _check_fact(part, path, entries)
    elif isinstance(part, SurfaceTest) and part.surface not in surfaces:
        says = f"The policy has no surface {part.surface}, so the answer is always unknown."
        yield Fault(path=path, says=says, suggestion=near(part.surface, surfaces))
    elif isinstance(part, AuthorTest) and not knows_identity(policy, part.identity):
        yield Fault(path=path, says=f"{part.identity} is no person, agent, team or role of the policy.")
    elif isinstance(part, AllOf):
        yield from _check_contradiction(part, path)
    if not isinstance(part, FactTest) and getattr(part, "conditions", True) == ():
        yield Fault(path=path, says="`all` and `any` of nothing are always unknown.", expected="at least one condition")


def _check_fact(test: FactTest, path: str, entries: Mapping[str, FactEntry]) -> Iterator[Fault]:
    entry = entries.get(test.fact)
    if entry is None:
        says = f"There is no fact {test.fact}, so the answer is always unknown."
        yield Fault(
            path=path, says=says, expected="a fact of the catalog or of `facts:`", suggestion=near(test.fact, entries)
        )
        return
    if isinstance(test.operand, Regex):
        fault = regex_fault(test.operand.text)
        if fault:
            yield Fault(path=path, says=fault)
    if test.operator is Operator.KNOWN:
        if test.operand is not True:
            yield Fault(
                path=path,
                says=f"`known: false` on {test.fact} is never true: that a fact is unknown is no reason for yes.",
            )
    elif test.operator not in _OPERATORS_OF.get(entry.type, ()) or not _fits(test, entry.type):
        says = f"{test.fact} is of type {entry.type} and cannot be compared so; the answer is always unknown."
        yield Fault(path=path, says=says)
    else:
        yield from _check_range(test, entry, path)


def _fits(test: FactTest, kind: str) -> bool:
    operand = test.operand
    if test.operator is Operator.MATCHES:
        return isinstance(operand, Regex)
    if test.operator is Operator.IN:
        return isinstance(operand, tuple)
    if test.operator is Operator.CONTAINS:
        return isinstance(operand, str)
    if kind in _NUMERIC:
        return isinstance(operand, int | float) and not isinstance(operand, bool)
    return isinstance(operand, {"bool": bool, "str": str, "strings": tuple}[kind])


def _check_range(test: FactTest, entry: FactEntry, path: str) -> Iterator[Fault]:
    if entry.type not in _NUMERIC or entry.step == "custom" or isinstance(test.operand, Regex | str | tuple):
        return
    low, high = 0.0, 1.0 if entry.name.endswith("_ratio") else math.inf
    value = float(test.operand)
    never = {
        Operator.GT: value >= high,
        Operator.GE: value > high,
        Operator.LT: value <= low,
        Operator.LE: value < low,
        Operator.EQ: not low <= value <= high,
    }
    always = {
        Operator.GE: value <= low,
        Operator.GT: value < low,
        Operator.LE: value >= high,
        Operator.LT: value > high,
    }
    if never.get(test.operator) and test.fact != "tests.exit_code":
        yield Fault(path=path, says=f"{test.fact} {test.operator.value} {test.operand} can never be true.")
    elif always.get(test.operator) and test.fact != "tests.exit_code":
        yield Fault(path=path, says=f"{test.fact} {test.operator.value} {test.operand} is true whenever it is known.")


def _check_contradiction(part: AllOf, path: str) -> Iterator[Fault]:
    ranges: dict[str, tuple[float, float]] = {}
    for test in part.conditions:
        if (
            not isinstance(test, FactTest)
            or isinstance(test.operand, bool)
            or not isinstance(test.operand, int | float)
        ):
            continue
        value = float(test.operand)
        low, high = ranges.get(test.fact, (-math.inf, math.inf))
        if test.operator in (Operator.EQ, Operator.GE):
            low = max(low, value)
        if test.operator in (Operator.EQ, Operator.LE):
            high = min(high, value)
        if test.operator is Operator.GT:
            low = max(low, math.nextafter(value, math.inf))
        if test.operator is Operator.LT:
            high = min(high, math.nextafter(value, -math.inf))
        ranges[test.fact] = (low, high)
    for fact, (low, high) in ranges.items():
        if low > high:
            yield Fault(path=path, says=f"What is asked of {fact} contradicts itself, so it can never be true.")
