"""Is there evidence for this very content, fresh enough, and does it show what is wanted?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from release_harness.kernel.digests import PolicyDigest
from release_harness.kernel.facts import Fact
from release_harness.kernel.time import format_duration, format_instant
from release_harness.kernel.verdict import NextAction, Outcome, Verdict, combine_all
from release_harness.policy.catalog import is_of_the_diff
from release_harness.policy.conditions import describe, evaluate
from release_harness.policy.model import AllOf, AnyOf, Binding, Condition, EvidenceDefinition, FactTest, Invalidator
from release_harness.policy.scene import Scene
from release_harness.policy.subject import EvidenceSeen, Subject

COMPUTED = "computed"
"""Predicate of evidence that rh computes itself from the change; it reads the facts of the subject."""
TEST_COMMAND = "rh evidence run"
"""The command that tests the result tree."""


def judge_evidence(
    name: str,
    scene: Scene,
    evidence: tuple[EvidenceSeen, ...],
    digest: PolicyDigest,
    now: datetime,
) -> Verdict:
    """Judge one kind of evidence that a tier or a surface asks for; missing or stale evidence is unknown, never pass."""
    rule = f"evidence:{name}"
    found = [each for each in scene.policy.evidence if each.name == name]
    if len(found) != 1:
        says = (
            f"the policy asks for {name} and {'does not say what it is' if not found else 'defines it more than once'}"
        )
        action = NextAction(do=f"Define the evidence {name} once in the policy.", who="owners of the policy")
        return Verdict(
            outcome=Outcome.UNKNOWN, says=says, rule=rule, seen="no definition", wanted=name, actions=(action,)
        )
    definition = found[0]
    if definition.predicate == COMPUTED:
        return _judge_computed(definition, scene)
    return _judge_attested(definition, scene, evidence, digest, now)


def _judge_computed(definition: EvidenceDefinition, scene: Scene) -> Verdict:
    missing = _missing_binding(definition.bind, scene.subject)
    if missing:
        return _nothing(definition, missing, "nothing to bind it to")
    return _node(definition, evaluate(definition.when, scene), scene.subject.advice, "computed from the change")


def _judge_attested(
    definition: EvidenceDefinition,
    scene: Scene,
    evidence: tuple[EvidenceSeen, ...],
    digest: PolicyDigest,
    now: datetime,
) -> Verdict:
    missing = _missing_binding(definition.bind, scene.subject)
    if missing:
        return _nothing(definition, missing, "nothing to bind it to")
    of_its_kind = [each for each in evidence if each.predicate == definition.predicate]
    bound = [each for each in of_its_kind if _is_bound(definition.bind, each, scene.subject)]
    if not bound:
        seen = f"{len(of_its_kind)} for other content" if of_its_kind else "none"
        return _nothing(definition, f"there is no {definition.name} evidence for this content", seen)
    newest_at = max(each.finished_at for each in bound)
    answers = [_judge_one(definition, each, scene, digest, now) for each in bound if each.finished_at == newest_at]
    # Of several records that ended at the same instant, the worst one counts.
    return min(answers, key=lambda answer: (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS).index(answer.outcome))


def _judge_one(
    definition: EvidenceDefinition,
    seen: EvidenceSeen,
    scene: Scene,
    digest: PolicyDigest,
    now: datetime,
) -> Verdict:
    stale = _why_stale(definition, seen, scene.subject, digest, now)
    shown = f"{seen.id[:19]} of {format_instant(seen.finished_at)}"
    if stale:
        return _nothing(definition, f"the {definition.name} evidence is stale: {stale}", shown)
    facts = _facts_of(seen, scene.facts)
    return _node(definition, evaluate(definition.when, scene.with_facts(facts)), seen.advice, shown)


def _facts_of(seen: EvidenceSeen, of_subject: Mapping[str, Fact]) -> Mapping[str, Fact]:
    """Join the facts of a record with those of the diff; what another record says is no fact of this one."""
    diff = {name: fact for name, fact in of_subject.items() if is_of_the_diff(name)}
    return {**seen.facts, **diff}


def _missing_binding(bind: Binding, subject: Subject) -> str:
    if bind is Binding.RESULT_TREE and subject.result_tree is None:
        return "there is no result tree that evidence could speak about"
    if bind is Binding.CHANGE and subject.change is None:
        return "there is no change digest that evidence could speak about"
    if bind is Binding.RELEASE:
        return "a change is no release yet, so nothing can be bound to one"
    return ""


def _is_bound(bind: Binding, seen: EvidenceSeen, subject: Subject) -> bool:
    """Compare exactly the digest that the definition names: any other one that happens to match proves nothing."""
    if bind is Binding.RESULT_TREE:
        return seen.result_tree is not None and seen.result_tree == subject.result_tree
    return bind is Binding.CHANGE and seen.change is not None and seen.change == subject.change


def _why_stale(
    definition: EvidenceDefinition, seen: EvidenceSeen, subject: Subject, digest: PolicyDigest, now: datetime
) -> str:
    age = now - seen.finished_at
    if age.total_seconds() < 0:
        return f"it ended {format_duration(-age)} from now, so a clock went backwards"
    if definition.max_age is not None and age > definition.max_age:
        return f"it is {format_duration(age)} old and holds for {format_duration(definition.max_age)}"
    for invalidator in definition.invalidated_by:
        why = _why_invalidated(invalidator, seen, subject, digest)
        if why:
            return why
    return ""


def _why_invalidated(invalidator: Invalidator, seen: EvidenceSeen, subject: Subject, digest: PolicyDigest) -> str:
    if invalidator is Invalidator.POLICY:
        known = {digest, subject.rules} - {None}
        return "" if seen.policy in known else "it was made under another policy"
    before, present, word = (
        (seen.base, subject.base, "base")
        if invalidator is Invalidator.BASE_MOVED
        else (seen.dependency_lock, subject.dependency_lock, "dependency lock")
    )
    if not before or not present:
        return f"the {word} that it was made on is not known"
    return "" if before == present else f"the {word} is another one now"


def _node(definition: EvidenceDefinition, trace: Verdict, advice: Mapping[str, str], seen: str) -> Verdict:
    verdict = {Outcome.PASS: "shows what is wanted", Outcome.FAIL: "does not show what is wanted"}
    tail = verdict.get(trace.outcome, "cannot be judged")
    return Verdict(
        outcome=combine_all([trace.outcome]),
        says=f"{definition.name} {tail}: {trace.says}",
        rule=f"evidence:{definition.name}",
        seen=f"{trace.seen} [{seen}]",
        wanted=describe(definition.when),
        actions=() if trace.outcome is Outcome.PASS else (_action(definition, trace, advice),),
        children=(trace,),
    )


def _nothing(definition: EvidenceDefinition, says: str, seen: str) -> Verdict:
    return Verdict(
        outcome=Outcome.UNKNOWN,
        says=says,
        rule=f"evidence:{definition.name}",
        seen=seen,
        wanted=describe(definition.when),
        actions=(_obtain(definition),),
    )


def _action(definition: EvidenceDefinition, trace: Verdict, advice: Mapping[str, str]) -> NextAction:
    """Say what mends it: what is known of the facts that are not as wanted, else what the policy says, else its condition."""
    lacking = _facts_that_lack(definition.when, trace, trace.outcome)
    known = dict.fromkeys(advice[name] for name in lacking if name in advice)
    if trace.outcome is not Outcome.FAIL and not known:
        return _obtain(definition)
    again = f" and show it again with `{definition.obtain}`" if definition.obtain else ""
    do = " ".join(known) or definition.advice or f"Mend the change until {describe(definition.when)}{again}."
    return NextAction(do=do, command=definition.obtain, who="author")


def _facts_that_lack(condition: Condition, trace: Verdict, outcome: Outcome) -> Iterator[str]:
    """Yield the names of the facts that give an outcome, fail or unknown, in the order of the condition."""
    if isinstance(condition, FactTest):
        if trace.outcome is outcome:
            yield condition.fact
    elif isinstance(condition, AllOf | AnyOf):
        for part, answer in zip(condition.conditions, trace.children, strict=True):
            yield from _facts_that_lack(part, answer, outcome)


def _obtain(definition: EvidenceDefinition) -> NextAction:
    """Say how evidence is got that is not there, too old, or does not know."""
    if definition.advice:
        return NextAction(do=definition.advice, command=definition.obtain, shows=(definition.name,))
    if definition.obtain:
        shows = (definition.name,)
        return NextAction(do=ask_to_show(definition.obtain, shows), command=definition.obtain, shows=shows)
    return NextAction(do=f"Supply what makes {definition.name} known: {describe(definition.when)}.")


def ask_to_show(command: str, names: Sequence[str]) -> str:
    """Ask for one command that brings all of this evidence."""
    quoted = [f"`{name}`" for name in names]
    listed = " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
    deed = "Run the tests on the result" if command == TEST_COMMAND else f"Run `{command}`"
    return f"{deed}: shows {listed}."
