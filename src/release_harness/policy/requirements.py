"""What a tier asks for once its chain of `inherit` was followed, without what something else already implies."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.records import record
from release_harness.policy.model import ApprovalRequirement, OwnersMode, OwnersRequirement, Policy, TierRequirement


@record
class Asked:
    """Everything that one or several tiers ask for."""

    evidence: tuple[str, ...]
    approvals: tuple[ApprovalRequirement, ...]
    faults: tuple[str, ...]
    """Why it is not known what is asked for; empty when it is."""


def asked_by(policy: Policy, tiers: Sequence[str]) -> Asked:
    """Return what all of the tiers together ask for."""
    faults: list[str] = []
    evidence: dict[str, None] = {}
    approvals: list[ApprovalRequirement] = []
    for tier in tiers:
        chain = inherit_chain(policy, tier)
        if isinstance(chain, str):
            faults.append(chain)
            continue
        for requirement in reversed(chain):
            evidence.update(dict.fromkeys(requirement.evidence))
            approvals.extend(requirement.approvals)
    return Asked(evidence=tuple(evidence), approvals=drop_implied(approvals), faults=tuple(faults))


def inherit_chain(policy: Policy, tier: str) -> tuple[TierRequirement, ...] | str:
    """Return the requirement of a tier and of everything it inherits from, or a sentence why that is not known."""
    chain: list[TierRequirement] = []
    wanted = tier
    while wanted:
        if any(each.tier == wanted for each in chain):
            return f"the requirements of tier {tier} inherit from each other in a circle"
        found = [each for each in policy.requirements if each.tier == wanted]
        if not found:
            return f"the policy does not say what a change of tier {wanted} must show"
        if len(found) > 1:
            return f"the policy says twice what a change of tier {wanted} must show"
        chain.append(found[0])
        wanted = found[0].inherit
    return tuple(chain)


def drop_implied(approvals: Iterable[ApprovalRequirement]) -> tuple[ApprovalRequirement, ...]:
    """Leave out each requirement that another one implies, so that nobody is asked for the same thing twice."""
    listed = list(dict.fromkeys(approvals))
    return tuple(each for each in listed if not any(other is not each and implies(other, each) for other in listed))


def implies(strong: ApprovalRequirement, weak: ApprovalRequirement) -> bool:
    """Tell whether whatever fills the strong requirement fills the weak one too."""
    return (
        strong.humans_count >= weak.humans_count
        and strong.proof.reaches(weak.proof)
        and weak.role in ("", strong.role)
        and weak.lens in ("", strong.lens)
        and _owners_imply(strong.owners, weak.owners)
        and (strong.exclude_author or not weak.exclude_author)
        and (strong.exclude_requester or not weak.exclude_requester)
    )


def _owners_imply(strong: OwnersRequirement | None, weak: OwnersRequirement | None) -> bool:
    if weak is None or strong == weak:
        return True
    if strong is None:
        return False
    return strong.mode is OwnersMode.ALL and weak.mode is OwnersMode.ANY
