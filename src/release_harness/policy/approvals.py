"""Have enough of the right people approved this very content?"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.policy.approval_plan import Slot
from release_harness.policy.conditions import show_files
from release_harness.policy.identities import members_of
from release_harness.policy.model import ApprovalRequirement, OwnersMode, Person, Retention
from release_harness.policy.requirements import drop_implied
from release_harness.policy.scene import Scene
from release_harness.policy.subject import ApprovalSeen
from release_harness.policy.votes import (
    HARDWARE_KEY_PREFIX,
    Vote,
    judge_rejections,
    read_votes,
    why_excluded,
    why_one_more,
    why_unfit,
)


@record
class _Ownership:
    """Owners of which the requirement asks somebody, for some files or one surface."""

    label: str
    owners: tuple[str, ...]


@record
class Answer:
    """The verdict on one requirement, and the approvals that would still be needed."""

    verdict: Verdict
    slots: tuple[Slot, ...] = ()


def judge_approvals(
    requirements: Sequence[ApprovalRequirement],
    scene: Scene,
    surfaces: Sequence[str],
    approvals: tuple[ApprovalSeen, ...],
    retention: Retention,
    tier: str,
    now: datetime,
) -> tuple[Answer, ...]:
    """Judge what a tier and the touched surfaces ask of people; a missing approval is unknown, a rejection is fail."""
    asked = drop_implied((*requirements, *_lens_requirements(requirements, scene, surfaces)))
    votes = read_votes(scene, approvals, retention, tier, now)
    answers = [_judge(each, scene, surfaces, votes) for each in asked]
    rejected = judge_rejections(scene, approvals, now)
    return (*answers, Answer(verdict=rejected)) if rejected is not None else tuple(answers)


def describe_requirement(requirement: ApprovalRequirement) -> str:
    """Say in words what is asked of people."""
    words = [f"{requirement.humans_count} {'person' if requirement.humans_count == 1 else 'people'}"]
    if requirement.role:
        words.append(f"of {requirement.role}")
    if requirement.lens:
        words.append(f"under the lens {requirement.lens}")
    if requirement.proof is not ProofLevel.LOGIN:
        words.append(f"proven by {requirement.proof.value}")
    if requirement.owners is not None:
        amount = {
            OwnersMode.ANY: "an owner",
            OwnersMode.ALL: "every owner",
            OwnersMode.COUNT: f"{requirement.owners.count} owners",
        }
        words.append(f"and {amount[requirement.owners.mode]} of each owned file")
    excluded = [
        word
        for word, yes in (("author", requirement.exclude_author), ("requester", requirement.exclude_requester))
        if yes
    ]
    if excluded:
        words.append(f"(not the {' or '.join(excluded)})")
    return " ".join(words)


def requirement_id(requirement: ApprovalRequirement) -> str:
    """Name a requirement by what it asks, so that break-glass can name it: `approvals:2:key:lens=security`."""
    parts = ["approvals", str(requirement.humans_count)]
    if requirement.proof is not ProofLevel.LOGIN:
        parts.append(requirement.proof.value)
    parts += [f"role={requirement.role}"] if requirement.role else []
    parts += [f"lens={requirement.lens}"] if requirement.lens else []
    if requirement.owners is not None:
        count = (
            str(requirement.owners.count)
            if requirement.owners.mode is OwnersMode.COUNT
            else requirement.owners.mode.value
        )
        parts.append(f"owners={count}")
    return ":".join(parts)


def _lens_requirements(
    requirements: Sequence[ApprovalRequirement], scene: Scene, surfaces: Sequence[str]
) -> Iterable[ApprovalRequirement]:
    """Ask one look under each lens of each touched surface, proven as well as the tier asks of anybody."""
    order = tuple(ProofLevel)
    proof = max((each.proof for each in requirements), key=order.index, default=ProofLevel.LOGIN)
    for surface in scene.policy.surfaces:
        for lens in surface.lenses if surface.name in surfaces else ():
            yield ApprovalRequirement(
                humans_count=1, proof=proof, lens=lens, exclude_author=True, exclude_requester=True
            )


def _judge(requirement: ApprovalRequirement, scene: Scene, surfaces: Sequence[str], votes: Sequence[Vote]) -> Answer:
    role = members_of(scene.policy, requirement.role) if requirement.role else frozenset()
    traces: list[Verdict] = []
    counted: dict[str, Vote] = {}
    for vote in votes:
        why = vote.why_not or why_unfit(scene, requirement, vote, role)
        if not why and vote.person is not None:
            counted.setdefault(vote.person.id, vote)
        traces.append(_trace(vote, why))
    more = why_one_more(scene, requirement)
    wanted_count = requirement.humans_count + bool(more)
    able = {each.id for each in scene.policy.people if _is_able(scene, requirement, each, role)}
    slots = [_slot(requirement, able - set(counted)) for _ in range(wanted_count - len(counted))]
    gaps = [f"{wanted_count - len(counted)} more needed"] if slots else []
    actions: tuple[NextAction, ...] = ()
    if requirement.exclude_author and not scene.subject.authors:
        gaps.append("nobody knows who wrote the change, so an approval could be its author's")
        actions = (
            NextAction(do="Commit the change, so that its authors are known.", command="git commit", who="author"),
        )
    if requirement.owners is not None:
        owner_gaps, owner_slots = _judge_owners(requirement, scene, surfaces, frozenset(counted), able)
        gaps += owner_gaps
        slots += owner_slots
    elif wanted_count <= 0:
        gaps.append("the requirement asks nobody")
    verdict = Verdict(
        outcome=Outcome.UNKNOWN if gaps else Outcome.PASS,
        says=_says(counted, wanted_count, gaps, more),
        rule=requirement_id(requirement),
        seen=", ".join(f"{name} ({vote.proof.value})" for name, vote in counted.items()) or "nobody",
        wanted=describe_requirement(requirement) + (f", and one more because {more}" if more else ""),
        actions=actions,
        children=tuple(traces),
    )
    return Answer(verdict=verdict, slots=tuple(slots))


def _says(counted: dict[str, Vote], wanted_count: int, gaps: Sequence[str], more: str) -> str:
    tail = f": {'; '.join(gaps)}" if gaps else ""
    because = f" (one more than usual, because {more})" if more and gaps else ""
    return f"{len(counted)} of {wanted_count} asked people approved this content{tail}{because}"


def _trace(vote: Vote, why: str) -> Verdict:
    name = vote.person.id if vote.person is not None else show_text(vote.approval.approver.id)
    return Verdict(
        outcome=Outcome.UNKNOWN if why else Outcome.PASS,
        says=f"the approval of {name} does not count: {why}" if why else f"{name} approved this content",
        seen=f"{vote.approval.id[:19]}, {vote.proof.value}, lenses: {', '.join(vote.approval.lenses) or 'none'}",
    )


def _is_able(scene: Scene, requirement: ApprovalRequirement, person: Person, role: frozenset[str]) -> bool:
    """Tell whether a person could fill the requirement if they approved now."""
    if requirement.role and person.id not in role:
        return False
    if requirement.proof is ProofLevel.KEY and not person.keys:
        return False
    if requirement.proof is ProofLevel.PRESENCE and not any(key.startswith(HARDWARE_KEY_PREFIX) for key in person.keys):
        return False
    return not why_excluded(scene, requirement, person)


def _slot(requirement: ApprovalRequirement, candidates: Iterable[str], owner_of: str = "") -> Slot:
    return Slot(
        candidates=frozenset(candidates),
        proof=requirement.proof,
        lenses=frozenset({requirement.lens} - {""}),
        roles=frozenset({requirement.role} - {""}),
        owner_of=owner_of,
        rule=requirement_id(requirement),
    )


def _judge_owners(
    requirement: ApprovalRequirement, scene: Scene, surfaces: Sequence[str], counted: frozenset[str], able: set[str]
) -> tuple[list[str], list[Slot]]:
    groups, gaps = _ownerships(scene, surfaces)
    slots: list[Slot] = []
    for group in groups:
        for owners, need in _asked_of(requirement, group, scene):
            members = frozenset(name for owner in owners for name in members_of(scene.policy, owner))
            missing = need - len(members & counted)
            if missing > 0:
                named = ", ".join(show_text(owner) for owner in owners)
                known = "" if members else ", which stands for nobody in the policy"
                gaps.append(f"{missing} of {named} for {group.label}{known}")
                slots += [_slot(requirement, (members & able) - counted, named) for _ in range(missing)]
    return gaps, slots


def _asked_of(requirement: ApprovalRequirement, group: _Ownership, scene: Scene) -> list[tuple[tuple[str, ...], int]]:
    """Return of whom (any of these owners) how many are asked."""
    mode = requirement.owners.mode if requirement.owners is not None else OwnersMode.ALL
    if mode is OwnersMode.ANY:
        return [(group.owners, 1)]
    if mode is OwnersMode.COUNT:
        return [(group.owners, max(1, requirement.owners.count if requirement.owners is not None else 1))]
    excluded = {each.id for each in scene.policy.people if why_excluded(scene, requirement, each)}
    members = {owner: members_of(scene.policy, owner) for owner in group.owners}
    # An owner who wrote the change is not asked to approve it, as long as another owner is.
    others = [owner for owner in group.owners if not members[owner] or not members[owner] <= excluded]
    return [((owner,), 1) for owner in others or group.owners]


def _ownerships(scene: Scene, surfaces: Sequence[str]) -> tuple[list[_Ownership], list[str]]:
    """Return whose approval the touched files need, and why that is not known."""
    subject = scene.subject
    files_of: dict[tuple[str, ...], list[str]] = {}
    for row in subject.owners:
        if row.owners:
            files_of.setdefault(tuple(sorted(set(row.owners))), []).append(row.path)
    groups = [_Ownership(label=show_files(files), owners=owners) for owners, files in files_of.items()]
    groups += [
        _Ownership(label=f"the surface {surface.name}", owners=surface.owners)
        for surface in scene.policy.surfaces
        if surface.name in surfaces and surface.owners
    ]
    covered = {row.path for row in subject.owners}
    missing = [path for path in subject.files if path not in covered]
    if missing:
        return groups, [f"nobody has looked up who owns {show_files(missing)}"]
    if not groups:
        return groups, ["owners are asked for, and none of the files has one"]
    return groups, []
