"""The tier of a change: the maximum of everything that matches, and the highest one for what is not known."""

from collections.abc import Iterable, Sequence

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record
from release_harness.kernel.verdict import Outcome
from release_harness.policy.catalog import is_of_the_history
from release_harness.policy.conditions import describe, evaluate, show_files
from release_harness.policy.globs import compile_globs
from release_harness.policy.model import FactTest, Glob, LowerRule, PathRule, PathSet, Policy, Surface
from release_harness.policy.scene import Scene, conditions_in, set_scene
from release_harness.policy.subject import Subject, TierDecision, TierReason

RULES_OF_THE_HARNESS = PathSet(
    rules=(PathRule(glob=Glob(text=".rh/**")), PathRule(glob=Glob(text=".rh/briefs/*.md"), negated=True))
)
"""What judges changes is hard under every policy, also one that does not name it; briefs judge nothing."""
HARNESS = "harness-rules"
"""Name of the surface that every policy has."""


@record
class _Findings:
    """What stands for or against each tier before the maximum is taken."""

    reasons: tuple[TierReason, ...]
    unknown: tuple[TierReason, ...]
    """Reasons of the highest tier that only say that something is not known."""
    surfaces: tuple[str, ...]


def assess_tier(policy: Policy, subject: Subject) -> TierDecision:
    """Give the change the maximum tier of everything that matches; never raises for a policy that was read.

    A file that no surface matches has the default tier. What is unknown (a rule, the list of files, a digest)
    counts as the highest tier; `possible` then names every tier that the change could have.
    """
    return assess_scene(set_scene(policy, subject))


def assess_scene(scene: Scene) -> TierDecision:
    """Do what `assess_tier` does, for a scene that is already set."""
    policy = scene.policy
    if not policy.tiers:
        reason = TierReason(
            rule="unknown:policy", tier="", because="the policy has no tiers, so nothing can be judged by it"
        )
        return TierDecision(tier="", reasons=(reason,), surfaces=(), possible=())
    surfaces = _assess_surfaces(scene)
    raised = _assess_raises(scene)
    gaps = _assess_gaps(scene)
    stands = (*surfaces.reasons, *raised.reasons)
    unknown = (*gaps, *surfaces.unknown, *raised.unknown)
    default = _default_reason(scene, surfaces)
    reasons = _sort(policy, (*unknown, *stands, *default))
    tier = reasons[0].tier
    lowest = max((policy.rank(each.tier) for each in (*stands, *default)), default=0)
    if not stands and default:
        lowered, might = _lower(scene, default[0])
        lowest = min([lowest, *might])
        if lowered is not None and not unknown:
            tier, reasons = lowered.tier, (lowered,)
    possible = policy.tiers[lowest : policy.rank(tier) + 1]
    return TierDecision(tier=tier, reasons=reasons, surfaces=surfaces.surfaces, possible=possible)


def hard_surfaces(policy: Policy, decision: TierDecision) -> tuple[str, ...]:
    """Return the touched surfaces that nobody may go past."""
    hard = {surface.name for surface in policy.surfaces if surface.hard} | {HARNESS}
    return tuple(name for name in decision.surfaces if name in hard)


def _assess_surfaces(scene: Scene) -> _Findings:
    reasons: list[TierReason] = []
    unknown: list[TierReason] = []
    touched: list[str] = []
    for surface in scene.policy.surfaces:
        files = scene.matched.get(surface.paths)
        if files is None:
            unknown.append(
                _unknown(scene.policy, f"surface:{surface.name}", "its path patterns are malformed or missing")
            )
            touched.append(surface.name)
        elif files:
            touched.append(surface.name)
            reason = _surface_reason(scene.policy, surface, files)
            (reasons if reason.rule.startswith("surface:") else unknown).append(reason)
    harness = compile_globs(RULES_OF_THE_HARNESS)
    own = tuple(path for path in scene.subject.files if path.startswith(".rh/") and harness.matches(path))
    if own:
        covered = {path for each in scene.policy.surfaces if each.hard for path in scene.matched.get(each.paths) or ()}
        if not covered.issuperset(own):
            touched.append(HARNESS)
            because = "these files decide what may pass, under every policy"
            reasons.append(
                TierReason(rule=f"surface:{HARNESS}", tier=scene.policy.tiers[-1], because=because, files=own)
            )
    return _Findings(reasons=tuple(reasons), unknown=tuple(unknown), surfaces=tuple(dict.fromkeys(touched)))


def _surface_reason(policy: Policy, surface: Surface, files: tuple[str, ...]) -> TierReason:
    because = surface.because or f"touches {surface.name}: {show_files(files)}"
    if surface.tier not in policy.tiers:
        return _unknown(policy, f"surface:{surface.name}", f"the policy has no tier {surface.tier}")
    return TierReason(rule=f"surface:{surface.name}", tier=surface.tier, because=because, files=files)


def _assess_raises(scene: Scene) -> _Findings:
    reasons: list[TierReason] = []
    unknown: list[TierReason] = []
    for rule in scene.policy.raise_rules:
        answer = evaluate(rule.when, scene)
        if answer.outcome is Outcome.UNKNOWN:
            unknown.append(_unknown(scene.policy, rule.id, answer.says))
        elif answer.outcome is Outcome.PASS and rule.tier not in scene.policy.tiers:
            unknown.append(_unknown(scene.policy, rule.id, f"the policy has no tier {rule.tier}"))
        elif answer.outcome is Outcome.PASS:
            because = (
                f"{rule.because} ({answer.says})"
                if rule.because
                else f"{answer.says}; the rule asks whether {describe(rule.when)}"
            )
            reasons.append(TierReason(rule=f"raise:{rule.id}", tier=rule.tier, because=because))
    return _Findings(reasons=tuple(reasons), unknown=tuple(unknown), surfaces=())


def _assess_gaps(scene: Scene) -> tuple[TierReason, ...]:
    subject = scene.subject
    gaps: list[TierReason] = []
    if not subject.listing_complete:
        gaps.append(_unknown(scene.policy, "listing", "the list of changed files was cut short"))
    elif not subject.files:
        gaps.append(_unknown(scene.policy, "nothing", "the change has no files, so there is nothing to judge"))
    if subject.change is None or subject.result_tree is None:
        missing = "change digest" if subject.change is None else "result tree"
        gaps.append(_unknown(scene.policy, "digest", f"the {missing} could not be computed"))
    return tuple(gaps)


def _default_reason(scene: Scene, surfaces: _Findings) -> tuple[TierReason, ...]:
    """Give the default tier to the files that no surface matches."""
    matched = {path for reason in surfaces.reasons for path in reason.files}
    files = tuple(path for path in scene.subject.files if path not in matched)
    policy = scene.policy
    if not files and scene.subject.files:
        return ()
    if policy.default_tier not in policy.tiers:
        return (_unknown(policy, "default", f"the policy has no tier {policy.default_tier}"),)
    because = f"no surface names {show_files(files)}" if files else "no surface names what is changed"
    return (TierReason(rule="default", tier=policy.default_tier, because=because, files=files),)


def _lower(scene: Scene, default: TierReason) -> tuple[TierReason | None, tuple[int, ...]]:
    """Return the reason of the lowest rule that applies, and the ranks that every rule lowers to that does or might."""
    policy = scene.policy
    applying: list[tuple[int, LowerRule]] = []
    might: list[int] = []
    for rule in policy.lower_rules:
        if (
            default.rule != "default"
            or rule.to not in policy.tiers
            or policy.rank(rule.to) >= policy.rank(default.tier)
        ):
            continue
        if not _covers_all(rule.only, scene.subject.files) or _asks_the_past(rule):
            continue
        outcome = evaluate(rule.when, scene).outcome if rule.when is not None else Outcome.PASS
        if outcome is not Outcome.FAIL:
            might.append(policy.rank(rule.to))
        if outcome is Outcome.PASS:
            applying.append((policy.rank(rule.to), rule))
    if not applying:
        return None, tuple(might)
    # The lowest one, so that more files (for which fewer rules apply) can never mean a lower tier.
    rank, rule = min(applying, key=lambda each: each[0])
    because = rule.because or f"every changed file is one of its kind: {show_files(scene.subject.files)}"
    reason = TierReason(rule=f"lower:{rule.id}", tier=policy.tiers[rank], because=because, files=scene.subject.files)
    return reason, tuple(might)


def _asks_the_past(rule: LowerRule) -> bool:
    """Tell whether a rule would lower by a score: what history guesses raises a tier, and never lowers one."""
    parts = conditions_in(rule.when) if rule.when is not None else ()
    return any(isinstance(part, FactTest) and is_of_the_history(part.fact) for part in parts)


def _covers_all(only: PathSet, files: Sequence[str]) -> bool:
    try:
        matcher = compile_globs(only, covers_folder=False)
    except InputError:
        return False
    return bool(files) and all(matcher.matches(path) for path in files)


def _unknown(policy: Policy, rule: str, because: str) -> TierReason:
    return TierReason(rule=f"unknown:{rule}", tier=policy.tiers[-1], because=because)


def _sort(policy: Policy, reasons: Iterable[TierReason]) -> tuple[TierReason, ...]:
    return tuple(sorted(reasons, key=lambda reason: -policy.rank(reason.tier)))
