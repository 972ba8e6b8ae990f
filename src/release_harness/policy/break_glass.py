"""Going past rules in an emergency: signed, reasoned, by rule id, for a while, never past what is hard."""

from dataclasses import replace
from datetime import datetime

from release_harness.kernel.identity import ProofLevel
from release_harness.kernel.paths import show_text
from release_harness.kernel.time import format_duration, format_instant
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.policy.identities import is_own_key, members_of, person_of
from release_harness.policy.model import BreakGlass
from release_harness.policy.scene import Scene
from release_harness.policy.subject import BypassSeen, TierDecision
from release_harness.policy.tier import hard_surfaces

FORCED = "FORCED"
"""First word of a node that somebody went past; it was not passed."""


def apply_bypasses(
    node: Verdict, scene: Scene, tier: TierDecision, bypasses: tuple[BypassSeen, ...], now: datetime
) -> Verdict:
    """Mark a node that did not pass as FORCED when a statement in force names its rule; otherwise say why not.

    The node itself stays below the mark with what it found.
    """
    naming = [bypass for bypass in bypasses if node.rule and node.rule in bypass.rules]
    if node.outcome is Outcome.PASS or not naming:
        return node
    refused = []
    for bypass in naming:
        why = why_not_in_force(bypass, scene, now) or _why_never(node.rule, scene, tier)
        if not why:
            return _forced(node, bypass)
        refused.append(f"break-glass {show_text(bypass.id)[:19]} has no effect: {why}")
    return replace(node, says=f"{node.says} ({'; '.join(refused)})")


def why_not_in_force(bypass: BypassSeen, scene: Scene, now: datetime) -> str:
    """Say why a statement has no effect under this policy; nothing when it is in force."""
    rules = scene.policy.break_glass
    if rules is None:
        return "the policy knows no break-glass"
    if scene.subject.change is None or bypass.change != scene.subject.change:
        return "it is for other content"
    said = {"incident": bypass.incident, "reason": bypass.reason}
    missing = [need for need in rules.needs if not said.get(need, "").strip()]
    if missing or not bypass.reason.strip():
        return f"it does not say {', '.join(missing) or 'the reason'}"
    ttl = min(bypass.ttl, rules.ttl)
    if now < bypass.given_at:
        return "it was given in the future, so a clock went backwards"
    if now >= bypass.given_at + ttl:
        return f"it held for {format_duration(ttl)} from {format_instant(bypass.given_at)}"
    return _why_not_allowed(bypass, scene, rules)


def _why_not_allowed(bypass: BypassSeen, scene: Scene, rules: BreakGlass) -> str:
    person = person_of(scene.policy, bypass.actor)
    if person is None:
        return f"{show_text(bypass.actor.id)} is no person of the policy"
    if not any(person.id in members_of(scene.policy, who) for who in rules.who):
        return f"{person.id} may not do it; {', '.join(rules.who) or 'nobody'} may"
    if not bypass.proof.reaches(ProofLevel.KEY) or not is_own_key(person, bypass.key):
        return f"it is not signed with a key of {person.id}"
    return ""


def _why_never(rule: str, scene: Scene, tier: TierDecision) -> str:
    hard = hard_surfaces(scene.policy, tier)
    if hard:
        return f"the change touches {', '.join(hard)}, which nobody may go past"
    never = scene.policy.break_glass.never if scene.policy.break_glass is not None else ()
    touched = [name for name in tier.surfaces if name in never]
    if touched:
        return f"the change touches {', '.join(touched)}, which nobody may go past"
    if rule in never or rule.partition(":")[2] in never or rule.partition(":")[0] in never:
        return f"nobody may go past {rule}"
    return ""


def _forced(node: Verdict, bypass: BypassSeen) -> Verdict:
    reason = show_text(bypass.reason.strip())
    return Verdict(
        outcome=Outcome.PASS,
        says=f"{FORCED} by {show_text(bypass.actor.id)} for {show_text(bypass.incident)}: {reason}",
        rule=node.rule,
        seen=node.seen,
        wanted=node.wanted,
        children=(replace(node, rule="", actions=()),),
    )
