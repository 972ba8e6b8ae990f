"""Which approvals count as a person's word on this very content, and which rejections stand."""

from datetime import datetime

from release_harness.kernel.identity import Actor, ActorKind, ProofLevel
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.policy.identities import identify, is_own_key, person_of, person_with_key, seen_by
from release_harness.policy.model import ApprovalRequirement, Person, Policy, Retention
from release_harness.policy.scene import Scene
from release_harness.policy.subject import ApprovalSeen

HARDWARE_KEY_PREFIX = "sk-"
"""Keys that sign only while somebody touches the device carry this in front of their type."""


@record
class Vote:
    """One approval, and whose word it is."""

    approval: ApprovalSeen
    person: Person | None
    proof: ProofLevel
    """What is proven under this policy; never more than the approval says."""
    why_not: str
    """Why it counts for nothing; empty when it may fill a requirement."""


def read_votes(
    scene: Scene, approvals: tuple[ApprovalSeen, ...], retention: Retention, tier: str, now: datetime
) -> tuple[Vote, ...]:
    """Say of each approval whose it is and whether it speaks about this content; rejections are left out."""
    votes = []
    for approval in approvals:
        if not approval.approved:
            continue
        person = _person(scene.policy, approval)
        why = _why_not_person(scene.policy, approval, person) or _why_not_content(scene, approval, retention, tier, now)
        if not why and person is not None and _takes_back(scene, approval, approvals):
            why = "the same person rejected it afterwards"
        votes.append(Vote(approval=approval, person=person, proof=proof_of(approval, person), why_not=why))
    return tuple(votes)


def why_unfit(scene: Scene, requirement: ApprovalRequirement, vote: Vote, role: frozenset[str]) -> str:
    """Say why a vote that counts does not fill this requirement; nothing when it does."""
    if vote.person is None:
        return "it is nobody's"
    excluded = why_excluded(scene, requirement, vote.person)
    if excluded:
        return excluded
    if not vote.proof.reaches(requirement.proof):
        return f"it is proven by {vote.proof.value} and {requirement.proof.value} is asked for"
    if requirement.role and vote.person.id not in role:
        return f"{vote.person.id} does not belong to {requirement.role}"
    if requirement.lens and requirement.lens not in vote.approval.lenses:
        return f"it was not looked at under the lens {requirement.lens}"
    return ""


def why_excluded(scene: Scene, requirement: ApprovalRequirement, person: Person) -> str:
    """Say why a person may not approve this change for themselves; nothing when they may."""
    policy = scene.policy
    if requirement.exclude_author and any(_is(policy, author, person) for author in scene.subject.authors):
        return f"{person.id} is an author of the change"
    if excludes_requester(policy, requirement) and _is_requester(scene, person):
        return f"{person.id} asked for the change"
    return ""


def excludes_requester(policy: Policy, requirement: ApprovalRequirement) -> bool:
    """Tell whether whoever asked for the change may not approve it."""
    return requirement.exclude_requester or (requirement.exclude_author and policy.count_requester_as_author)


def why_one_more(scene: Scene, requirement: ApprovalRequirement) -> str:
    """Say why one more person is needed: somebody unknown stands behind the change, and could be one of the approvers.

    Of n + 1 people at least n are not that somebody. Unknown authorship counts as an agent's.
    """
    if not (requirement.exclude_author or requirement.exclude_requester):
        return ""
    authors = [seen_by(scene.policy, author) for author in scene.subject.authors]
    if any(author.kind is ActorKind.UNKNOWN for author in authors):
        return "an author is nobody that the policy knows"
    if not excludes_requester(scene.policy, requirement):
        return ""
    requester = scene.subject.requester
    behind = [*scene.subject.authors, *([requester] if requester is not None else [])]
    if any(_is_known_behind(scene.policy, each) for each in behind):
        return ""
    if requester is None:
        return "an agent wrote it and nobody knows who asked for it"
    return "who asked for it is nobody that the policy knows"


def proof_of(approval: ApprovalSeen, person: Person | None) -> ProofLevel:
    """Return the proof that holds under the judging policy: above `login` only with one of the person's own keys."""
    if approval.proof is ProofLevel.LOGIN or person is None or not is_own_key(person, approval.key):
        return ProofLevel.LOGIN
    if approval.proof is ProofLevel.PRESENCE and not approval.key.startswith(HARDWARE_KEY_PREFIX):
        return ProofLevel.KEY
    return approval.proof


def judge_rejections(scene: Scene, approvals: tuple[ApprovalSeen, ...], now: datetime) -> Verdict | None:
    """Fail when somebody, person or agent, rejected this content and did not take it back; None when nobody did."""
    standing = [
        each
        for each in approvals
        if not each.approved
        and each.change == scene.subject.change
        and not any(_withdraws(scene.policy, other, each, now) for other in approvals)
    ]
    if not standing:
        return None
    names = ", ".join(dict.fromkeys(show_text(_voice(scene.policy, each)) for each in standing))
    do = f"Mend what {names} rejected, or ask them to approve this content."
    return Verdict(
        outcome=Outcome.FAIL,
        says=f"{names} rejected this content",
        rule="rejections",
        seen=f"{len(standing)} rejections stand",
        wanted="nobody rejects it",
        actions=(NextAction(do=do, command="rh approve", who=names),),
    )


def _person(policy: Policy, approval: ApprovalSeen) -> Person | None:
    if approval.approver.kind in (ActorKind.AGENT, ActorKind.SERVICE):
        return None
    by_key = person_with_key(policy, approval.key) if approval.proof is not ProofLevel.LOGIN else None
    by_name = person_of(policy, approval.approver)
    if by_key is not None and by_name is not None and by_key.id != by_name.id:
        return None
    return by_key or by_name


def _why_not_person(policy: Policy, approval: ApprovalSeen, person: Person | None) -> str:
    if person is not None:
        return ""
    seen = seen_by(policy, approval.approver)
    if seen.kind in (ActorKind.AGENT, ActorKind.SERVICE):
        return f"{show_text(seen.id)} is an agent, and agents never fill a person's place"
    if seen.kind is ActorKind.PERSON:
        return f"its key is not the key of {show_text(seen.id)}"
    return f"{show_text(seen.id)} is not among the people of the policy"


def _why_not_content(scene: Scene, approval: ApprovalSeen, retention: Retention, tier: str, now: datetime) -> str:
    subject = scene.subject
    if subject.change is None or approval.change != subject.change:
        return "it was given to other content"
    if retention is Retention.SAME_RESULT and (
        subject.result_tree is None or approval.result_tree != subject.result_tree
    ):
        return "it was given to another result, and this tier keeps approvals for the same result only"
    if not subject.target or approval.target != subject.target:
        return f"it was given for the branch {show_text(approval.target) or '(none)'}"
    if approval.given_at > now:
        return "it was given in the future, so a clock went backwards"
    tiers = scene.policy.tiers
    if approval.tier_shown in tiers and tier in tiers and tiers.index(approval.tier_shown) < tiers.index(tier):
        return f"its giver was shown the tier {approval.tier_shown}"
    return ""


def _takes_back(scene: Scene, approval: ApprovalSeen, approvals: tuple[ApprovalSeen, ...]) -> bool:
    voice = _voice(scene.policy, approval)
    return any(
        not other.approved
        and other.change == approval.change
        and other.given_at >= approval.given_at
        and _voice(scene.policy, other) == voice
        for other in approvals
    )


def _withdraws(policy: Policy, approval: ApprovalSeen, rejection: ApprovalSeen, now: datetime) -> bool:
    """Tell whether an approval takes a rejection back: same somebody, same content, later, proven at least as well."""
    voice = _voice(policy, rejection)
    person = _person(policy, approval)
    return (
        approval.approved
        and approval.change == rejection.change
        and approval.target == rejection.target
        and rejection.given_at < approval.given_at <= now
        and voice == _voice(policy, approval)
        and not voice.endswith(":unknown")
        and proof_of(approval, person).reaches(proof_of(rejection, _person(policy, rejection)))
    )


def _voice(policy: Policy, approval: ApprovalSeen) -> str:
    person = _person(policy, approval)
    if person is not None:
        return person.id
    seen = seen_by(policy, approval.approver)
    return f"{seen.kind.value}:{seen.id}"


def _is_known_behind(policy: Policy, actor: Actor) -> bool:
    """Tell whether a known person is, or is known to stand behind, an author or requester."""
    return any(_is(policy, actor, person) or _stands_behind(person, actor.on_behalf_of) for person in policy.people)


def _stands_behind(person: Person, boss: str) -> bool:
    return bool(boss) and (boss == person.id or boss.lower() in {email.lower() for email in person.emails})


def _is(policy: Policy, actor: Actor, person: Person) -> bool:
    """Tell whether an actor is the person, also when an agent borrowed the person's address."""
    if person_of(policy, actor) == person:
        return True
    address = actor.email.lower()
    if not address:
        return False
    plain = identify(policy, "", address)
    return person.id in (plain.id, plain.on_behalf_of)


def _is_requester(scene: Scene, person: Person) -> bool:
    """Tell whether the person asked for the change, or is the one on whose behalf an agent wrote it."""
    requester = scene.subject.requester
    bosses = {author.on_behalf_of for author in scene.subject.authors}
    bosses |= {seen_by(scene.policy, author).on_behalf_of for author in scene.subject.authors}
    if requester is not None:
        if _is(scene.policy, requester, person):
            return True
        bosses.add(requester.on_behalf_of)
    return any(_stands_behind(person, boss) for boss in bosses)
