"""Names that do not exist, names that stand twice, and names that nobody uses."""

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from release_harness.kernel.errors import Fault
from release_harness.policy.catalog import FACT_TYPES, FACTS
from release_harness.policy.model import FactTest, Policy
from release_harness.policy.scene import conditions_in, conditions_of


def check_names(policy: Policy) -> Iterator[Fault]:
    """Check that every name is there once, and that what refers to it means something."""
    yield from _check_twice(policy)
    yield from _check_tiers(policy)
    yield from _check_evidence(policy)
    yield from _check_custom_facts(policy)
    yield from _check_never(policy)


def near(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant, or nothing."""
    return next(iter(get_close_matches(name, list(known), n=1)), "")


def _check_twice(policy: Policy) -> Iterator[Fault]:
    listed = {
        "tiers": policy.tiers,
        "surfaces": [each.name for each in policy.surfaces],
        "raise": [each.id for each in policy.raise_rules],
        "lower": [each.id for each in policy.lower_rules],
        "require": [each.tier for each in policy.requirements],
        "evidence": [each.name for each in policy.evidence],
        "facts": [each.name for each in policy.facts],
        "approvals.retain_on": [tier for tier, _ in policy.retention],
    }
    for path, names in listed.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield Fault(
                    path=f"{path}.{name}", says=f"{name} stands {count} times in {path}; one of them is not seen."
                )
    everybody = [
        *(each.id for each in policy.people),
        *(each.id for each in policy.agents),
        *(each.id for each in policy.teams),
    ]
    for name, count in Counter(everybody).items():
        if count > 1:
            yield Fault(path=f"people.{name}", says=f"{name} names {count} people, agents or teams; it must name one.")


def _check_tiers(policy: Policy) -> Iterator[Fault]:
    if not policy.tiers:
        yield Fault(
            path="tiers", says="The policy has no tiers, so no change can ever pass.", expected="at least one tier"
        )
    named = [
        ("default_tier", policy.default_tier),
        *((f"surfaces.{each.name}.tier", each.tier) for each in policy.surfaces),
        *((f"raise.{each.id}.tier", each.tier) for each in policy.raise_rules),
        *((f"lower.{each.id}.to", each.to) for each in policy.lower_rules),
        *((f"require.{each.tier}", each.tier) for each in policy.requirements),
        *((f"require.{each.tier}.inherit", each.inherit) for each in policy.requirements if each.inherit),
        *((f"approvals.retain_on.{tier}", tier) for tier, _ in policy.retention),
    ]
    for path, tier in named:
        if tier not in policy.tiers:
            yield Fault(
                path=path,
                says=f"The policy has no tier {tier}.",
                expected=f"one of {', '.join(policy.tiers)}",
                suggestion=near(tier, policy.tiers),
            )


def _check_evidence(policy: Policy) -> Iterator[Fault]:
    defined = {each.name for each in policy.evidence}
    asked = {
        **{f"require.{each.tier}.evidence": each.evidence for each in policy.requirements},
        **{f"surfaces.{each.name}.evidence": each.evidence for each in policy.surfaces},
    }
    for path, names in asked.items():
        for name in names:
            if name not in defined:
                says = f"The evidence {name} is asked for and nowhere defined, so it can never be shown."
                yield Fault(path=path, says=says, expected="a name under `evidence`", suggestion=near(name, defined))
    used = {name for names in asked.values() for name in names}
    for name in sorted(defined - used):
        yield Fault(path=f"evidence.{name}", says=f"No tier and no surface asks for the evidence {name}.")


def _check_custom_facts(policy: Policy) -> Iterator[Fault]:
    built_in = {entry.name for entry in FACTS}
    used = {
        part.fact
        for _, condition in conditions_of(policy)
        for part in conditions_in(condition)
        if isinstance(part, FactTest)
    }
    for fact in policy.facts:
        path = f"facts.{fact.name}"
        if fact.name in built_in:
            yield Fault(path=path, says=f"{fact.name} is a fact that rh computes; declaring it anew has no effect.")
        if fact.type not in FACT_TYPES:
            yield Fault(path=path, says=f"{fact.type} is no type of fact.", expected=f"one of {', '.join(FACT_TYPES)}")
        if fact.name not in used:
            yield Fault(path=path, says=f"No rule reads the fact {fact.name}.")


def _check_never(policy: Policy) -> Iterator[Fault]:
    if policy.break_glass is None:
        return
    known = {
        *(each.name for each in policy.surfaces),
        *(each.name for each in policy.evidence),
        *(f"evidence:{each.name}" for each in policy.evidence),
        "approvals",
        "rejections",
    }
    for name in policy.break_glass.never:
        if name not in known and not name.startswith("approvals:"):
            yield Fault(
                path="break_glass.never",
                says=f"{name} is neither a surface nor a rule, so it protects nothing.",
                suggestion=near(name, known),
            )
    for need in policy.break_glass.needs:
        if need not in ("incident", "reason"):
            says = f"Nothing can be said as {need}, so break-glass could never be used."
            yield Fault(path="break_glass.needs", says=says, expected="`incident` or `reason`")
