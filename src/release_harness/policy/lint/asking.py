"""Tiers that ask for less than the tier below, nothing at all, or what can never be shown."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from release_harness.kernel.errors import Fault
from release_harness.policy.evidence import COMPUTED
from release_harness.policy.model import Binding, Policy, Retention
from release_harness.policy.requirements import asked_by, implies, inherit_chain


def check_asking(policy: Policy) -> Iterator[Fault]:
    """Check what each tier asks for, against the tier below it."""
    for tier in policy.tiers:
        chain = inherit_chain(policy, tier)
        if isinstance(chain, str):
            yield Fault(path=f"require.{tier}", says=f"{chain[0].upper()}{chain[1:]}, so such a change can never pass.")
        elif not any(each.evidence or each.approvals for each in chain):
            yield Fault(
                path=f"require.{tier}",
                says=f"Tier {tier} asks for nothing, so nothing is known and no such change passes.",
            )
    for lower, higher in pairwise(policy.tiers):
        yield from _check_weaker(policy, lower, higher)
    yield from _check_retention(policy)
    yield from _check_evidence(policy)
    for requirement in policy.requirements:
        for each in requirement.approvals:
            if each.humans_count < 1 and each.owners is None:
                yield Fault(
                    path=f"require.{requirement.tier}.approvals",
                    says="The requirement asks nobody.",
                    expected="`humans: 1` or more",
                )
    if policy.break_glass is not None and policy.break_glass.ttl <= timedelta(0):
        yield Fault(path="break_glass.ttl", says="Break-glass that holds for no time can never be used.")


def _check_weaker(policy: Policy, lower: str, higher: str) -> Iterator[Fault]:
    below, above = asked_by(policy, (lower,)), asked_by(policy, (higher,))
    if below.faults or above.faults:
        return
    missing = [name for name in below.evidence if name not in above.evidence]
    unasked = [each for each in below.approvals if not any(implies(other, each) for other in above.approvals)]
    if missing or unasked:
        what = [*missing, *(["approvals that it asks for"] if unasked else [])]
        says = f"Tier {higher} asks for less than {lower}: not for {', '.join(what)}."
        yield Fault(path=f"require.{higher}", says=says, expected=f"`inherit: {lower}`")


def _check_retention(policy: Policy) -> Iterator[Fault]:
    named = dict(policy.retention)
    strict = [named.get(tier, Retention.SAME_RESULT) is Retention.SAME_RESULT for tier in policy.tiers]
    for (lower, lower_strict), (higher, higher_strict) in pairwise(zip(policy.tiers, strict, strict=True)):
        if lower_strict and not higher_strict:
            says = f"Approvals of tier {higher} are kept more easily than those of {lower}."
            yield Fault(path=f"approvals.retain_on.{higher}", says=says, expected="`same_result`")
    if len(strict) > 1 and not strict[-1] and not any(strict):
        says = f"The highest tier {policy.tiers[-1]} keeps approvals for results that nobody has seen."
        yield Fault(path=f"approvals.retain_on.{policy.tiers[-1]}", says=says, expected="`same_result`")


def _check_evidence(policy: Policy) -> Iterator[Fault]:
    for each in policy.evidence:
        path = f"evidence.{each.name}"
        if each.bind is Binding.RELEASE:
            yield Fault(
                path=path, says=f"{each.name} is bound to a release, and a change is none; it can never be shown."
            )
        if each.max_age is not None and each.max_age <= timedelta(0):
            yield Fault(path=path, says=f"{each.name} is stale at once, so it can never be shown.")
        if each.predicate == COMPUTED and (each.max_age is not None or each.invalidated_by):
            yield Fault(path=path, says=f"{each.name} is computed anew each time, so it does not age.")
