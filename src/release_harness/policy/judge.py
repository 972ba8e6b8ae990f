"""What one policy says of one subject, and the stricter of several policies."""

from collections.abc import Sequence
from datetime import datetime

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.verdict import NextAction, Outcome, Verdict, all_of
from release_harness.policy.approval_plan import plan_approvals
from release_harness.policy.approvals import judge_approvals
from release_harness.policy.break_glass import FORCED, apply_bypasses
from release_harness.policy.conditions import show_files
from release_harness.policy.evidence import judge_evidence
from release_harness.policy.model import Policy, Retention
from release_harness.policy.requirements import asked_by
from release_harness.policy.scene import Scene, set_scene
from release_harness.policy.subject import ApprovalSeen, BypassSeen, EvidenceSeen, Judgement, Subject, TierDecision
from release_harness.policy.tier import assess_scene


def judge(
    policy: Policy,
    digest: PolicyDigest,
    subject: Subject,
    evidence: tuple[EvidenceSeen, ...],
    approvals: tuple[ApprovalSeen, ...],
    bypasses: tuple[BypassSeen, ...],
    now: datetime,
) -> Judgement:
    """Judge a subject under one policy: its tier, and whether it has shown everything that this tier asks for.

    Pass needs every requirement to be known true. A policy or a tier that asks for nothing, a change without files and a change
    without a result tree never pass. Break-glass marks single nodes as FORCED; all others are judged as ever.
    """
    scene = set_scene(policy, subject)
    tier = assess_scene(scene)
    content = _judge_content(scene)
    asked = asked_by(policy, tier.possible)
    faults = [_ill_formed(fault) for fault in (*asked.faults, *([] if tier.tier else ["the policy has no tiers"]))]
    found = [
        judge_evidence(name, scene, evidence, digest, now) for name in _evidence_names(scene, tier, asked.evidence)
    ]
    answers = judge_approvals(
        asked.approvals, scene, tier.surfaces, approvals, _retention(policy, tier), tier.tier, now
    )
    asked_of_people = [answer.verdict for answer in answers]
    nodes = [apply_bypasses(each, scene, tier, bypasses, now) for each in found]
    people = [apply_bypasses(each, scene, tier, bypasses, now) for each in asked_of_people]
    forced = _went_past((*found, *asked_of_people), (*nodes, *people))
    slots = [
        slot
        for answer, node in zip(answers, people, strict=True)
        if node.outcome is not Outcome.PASS
        for slot in answer.slots
    ]
    children = [*content, *faults, *nodes, *_group_people(people, plan_approvals(slots, policy))]
    return Judgement(
        policy=policy,
        policy_digest=digest,
        tier=tier,
        verdict=_sum_up(tier, children, asks_anything=bool(nodes or people), forced=forced),
        forced=forced,
    )


def combine(judgements: Sequence[Judgement]) -> Verdict:
    """Return the stricter of all: pass only when every policy in force says pass; unknown without any."""
    if not judgements:
        return Verdict(
            outcome=Outcome.UNKNOWN,
            says="No policy judged the change.",
            rule="policy",
            seen="no policy",
            wanted="a policy",
        )
    if len(judgements) == 1:
        return judgements[0].verdict
    return all_of(
        "The stricter of all policies in force holds.",
        (judgement.verdict for judgement in judgements),
        rule="policies",
        wanted="every policy in force passes the change",
    )


def is_forced(judgements: Sequence[Judgement]) -> bool:
    """Tell whether break-glass was used under any of the policies."""
    return any(judgement.forced for judgement in judgements)


def strictest_tier(judgements: Sequence[Judgement]) -> TierDecision | None:
    """Return the tier decision that asks for most: the one whose tier leaves the fewest above it; None without any."""
    return min(judgements, key=_tiers_above).tier if judgements else None


def _went_past(before: Sequence[Verdict], after: Sequence[Verdict]) -> bool:
    return any(
        new.outcome is Outcome.PASS and old.outcome is not Outcome.PASS for old, new in zip(before, after, strict=True)
    )


def _tiers_above(judgement: Judgement) -> int:
    tiers = judgement.policy.tiers
    return len(tiers) - 1 - tiers.index(judgement.tier.tier) if judgement.tier.tier in tiers else -1


def _judge_content(scene: Scene) -> list[Verdict]:
    """Say what stands in the way of judging at all; nothing when the content is whole."""
    subject = scene.subject
    nodes: list[Verdict] = []
    if subject.conflicts:
        action = NextAction(
            do=f"Merge the target branch and resolve {show_files(subject.conflicts)}.",
            command="git merge",
            who="author",
        )
        nodes.append(
            Verdict(
                outcome=Outcome.FAIL,
                says="the change does not merge onto its target",
                rule="content:conflicts",
                seen=f"conflicts in {show_files(subject.conflicts)}",
                wanted="a merge without conflicts",
                actions=(action,),
            )
        )
    elif subject.result_tree is None:
        nodes.append(_missing("result_tree", "there is no result tree, so nothing is known about what would land"))
    if subject.change is None:
        nodes.append(_missing("change_digest", "there is no change digest that anything could be bound to"))
    if not subject.listing_complete:
        nodes.append(
            _missing("listing", "the list of changed files was cut short, so what is in the rest is not known")
        )
    elif not subject.files and not subject.conflicts:
        nodes.append(_missing("nothing", "there is nothing to judge: the change has no files"))
    return nodes


def _missing(what: str, says: str) -> Verdict:
    do = {
        "nothing": "Commit something that differs from the target branch.",
        "listing": "Fetch the missing history, so that every changed file can be listed.",
    }.get(what, "Fetch the missing history, so that the merge onto the target can be computed.")
    action = NextAction(do=do, command="" if what == "nothing" else "git fetch --unshallow", who="author")
    return Verdict(
        outcome=Outcome.UNKNOWN, says=says, rule=f"content:{what}", seen="missing", wanted="known", actions=(action,)
    )


def _ill_formed(fault: str) -> Verdict:
    action = NextAction(do=f"Mend the policy: {fault}.", command="rh policy check", who="owners of the policy")
    return Verdict(
        outcome=Outcome.UNKNOWN,
        says=fault,
        rule="policy",
        seen=fault,
        wanted="a policy that says what is asked",
        actions=(action,),
    )


def _evidence_names(scene: Scene, tier: TierDecision, asked: Sequence[str]) -> tuple[str, ...]:
    """Join what the tier asks for with what the touched surfaces ask for themselves."""
    own = [name for surface in scene.policy.surfaces if surface.name in tier.surfaces for name in surface.evidence]
    return tuple(dict.fromkeys((*asked, *own)))


def _retention(policy: Policy, tier: TierDecision) -> Retention:
    """Return what approvals must still be true of: the strictest of all possible tiers, and for a tier not named, too."""
    named = dict(policy.retention)
    found = {named.get(each, Retention.SAME_RESULT) for each in (*tier.possible, tier.tier)}
    return Retention.SAME_CHANGE if found == {Retention.SAME_CHANGE} else Retention.SAME_RESULT


def _group_people(nodes: Sequence[Verdict], actions: tuple[NextAction, ...]) -> list[Verdict]:
    if not actions:
        return list(nodes)
    group = all_of("people have looked at this content", nodes, rule="approvals")
    return [
        Verdict(
            outcome=group.outcome,
            says="people still have to look at this content",
            rule="approvals",
            seen=group.seen,
            wanted=group.wanted,
            actions=actions,
            children=group.children,
        )
    ]


def _sum_up(tier: TierDecision, children: Sequence[Verdict], *, asks_anything: bool, forced: bool) -> Verdict:
    listed = list(children)
    if not asks_anything and not listed:
        listed = [
            _ill_formed(f"a change of tier {tier.tier or '(none)'} is asked for nothing, so nothing is known about it")
        ]
    summary = all_of("", listed)
    words = {
        Outcome.PASS: "has shown everything that is asked for",
        Outcome.FAIL: "must not land",
        Outcome.UNKNOWN: "has not shown everything that is asked for yet",
    }
    says = f"The change of tier {tier.tier or '(unknown)'} {words[summary.outcome]}."
    if forced and summary.outcome is Outcome.PASS:
        says = f"{FORCED}: the change of tier {tier.tier} goes past rules that it did not pass."
    return Verdict(
        outcome=summary.outcome,
        says=says,
        rule=f"tier:{tier.tier or 'unknown'}",
        seen=summary.seen,
        wanted=f"everything that tier {tier.tier or '(unknown)'} asks for",
        children=summary.children,
    )
