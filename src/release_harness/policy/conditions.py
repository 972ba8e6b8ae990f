"""Conditions have three answers: pass means true, fail means false, and unknown stays unknown (Kleene's strong logic).

Whatever is missing, of another type than asked for, too long or malformed is unknown, with the reason in the trace; nothing
here raises. Taking a fact away can therefore only turn an answer into unknown, never into another answer.
"""

import math
import operator
from collections.abc import Callable, Sequence

from release_harness.kernel.errors import InputError
from release_harness.kernel.facts import FactValue, Known, look_up
from release_harness.kernel.identity import ActorKind
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome, Verdict, combine_all, combine_any
from release_harness.policy.identities import is_identity, seen_by
from release_harness.policy.model import (
    AllOf,
    AnyOf,
    AuthorTest,
    Condition,
    FactTest,
    FilesTest,
    Not,
    Operator,
    Quantifier,
    Regex,
    SurfaceTest,
)
from release_harness.policy.regexes import full_match
from release_harness.policy.scene import Scene

_WORDS = {
    Operator.EQ: "",
    Operator.NE: "not ",
    Operator.GT: "more than ",
    Operator.GE: "at least ",
    Operator.LT: "less than ",
    Operator.LE: "at most ",
    Operator.IN: "one of ",
    Operator.CONTAINS: "with ",
    Operator.MATCHES: "matching ",
}
_ORDER: dict[Operator, Callable[[float, float], bool]] = {
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
}
_FLIPPED = {Outcome.PASS: Outcome.FAIL, Outcome.FAIL: Outcome.PASS, Outcome.UNKNOWN: Outcome.UNKNOWN}
_FILES_SHOWN_COUNT = 3


def evaluate(condition: Condition, scene: Scene) -> Verdict:
    """Answer a condition and trace why: pass is true, fail is false."""
    if isinstance(condition, FactTest):
        return _test_fact(condition, scene)
    if isinstance(condition, FilesTest):
        return _test_files(condition, scene)
    if isinstance(condition, SurfaceTest):
        return _test_surface(condition, scene)
    if isinstance(condition, AuthorTest):
        return _test_author(condition, scene)
    if isinstance(condition, Not):
        return _negate(evaluate(condition.condition, scene))
    children = tuple(evaluate(part, scene) for part in condition.conditions)
    return _combine(condition, children)


def describe(condition: Condition) -> str:
    """Say what a condition wants, in words."""
    if isinstance(condition, FactTest):
        return f"{condition.fact} is {_wanted(condition)}"
    if isinstance(condition, FilesTest):
        amount = {
            Quantifier.ANY: "a changed file is",
            Quantifier.ALL: "every changed file is",
            Quantifier.NONE: "no changed file is",
        }
        return f"{amount[condition.quantifier]} in {_show_paths(condition)}"
    if isinstance(condition, SurfaceTest):
        return f"the change touches {condition.surface}"
    if isinstance(condition, AuthorTest):
        return f"{condition.identity} is an author"
    if isinstance(condition, Not):
        return f"not ({describe(condition.condition)})"
    word = " and " if isinstance(condition, AllOf) else " or "
    parts = [describe(each) for each in condition.conditions]
    return word.join(f"({part})" if " and " in part or " or " in part else part for part in parts) or "nothing"


def show_files(paths: Sequence[str]) -> str:
    """Name a few files, safely for a terminal, and count the rest."""
    shown = ", ".join(show_text(path) for path in paths[:_FILES_SHOWN_COUNT])
    rest = len(paths) - _FILES_SHOWN_COUNT
    return f"{shown} and {rest} more" if rest > 0 else shown


def _combine(condition: AllOf | AnyOf, children: tuple[Verdict, ...]) -> Verdict:
    outcomes = [child.outcome for child in children]
    wants_all = isinstance(condition, AllOf)
    outcome = combine_all(outcomes) if wants_all else combine_any(outcomes)
    true_count = outcomes.count(Outcome.PASS)
    unknown_count = outcomes.count(Outcome.UNKNOWN)
    unknown = f", {unknown_count} unknown" if unknown_count else ""
    deciding = [child.says for child in children if child.outcome is outcome]
    says = "; ".join(deciding) or ("all parts" if wants_all else "any part")
    return Verdict(
        outcome=outcome,
        says=says if children else "there is nothing to ask",
        seen=f"{true_count} of {len(children)} true{unknown}",
        wanted="all of them true" if wants_all else "one of them true",
        children=children,
        one_suffices=not wants_all,
    )


def _negate(inner: Verdict) -> Verdict:
    return Verdict(
        outcome=_FLIPPED[inner.outcome],
        says=inner.says if inner.outcome is Outcome.UNKNOWN else f"{inner.says}, asked the other way round",
        seen=inner.seen,
        wanted=f"not: {inner.wanted}",
        children=(inner,) if inner.children else (),
    )


def _test_fact(test: FactTest, scene: Scene) -> Verdict:
    fact = look_up(scene.facts, test.fact)
    wanted = f"{test.fact} is {_wanted(test)}"
    if not isinstance(fact, Known):
        return Verdict(
            outcome=Outcome.UNKNOWN,
            says=f"{test.fact} is unknown: {show_text(fact.why)}",
            seen=f"unknown: {show_text(fact.why)}",
            wanted=wanted,
        )
    seen = f"{_show(fact.value)} ({show_text(fact.source)})"
    answer = _compare(test, fact.value)
    if answer is None:
        why = _why_incomparable(test, fact.value)
        return Verdict(outcome=Outcome.UNKNOWN, says=f"{test.fact} cannot be judged: {why}", seen=seen, wanted=wanted)
    outcome = Outcome.PASS if answer else Outcome.FAIL
    return Verdict(outcome=outcome, says=f"{test.fact} is {_show(fact.value)}", seen=seen, wanted=wanted)


def _compare(test: FactTest, value: FactValue) -> bool | None:
    """Compare a known value; None when the two cannot be compared."""
    operand = test.operand
    if test.operator is Operator.KNOWN:
        # That something is unknown is never a reason for yes: `known: false` is false or unknown.
        return operand if isinstance(operand, bool) else None
    if test.operator is Operator.MATCHES:
        return _match(operand, value)
    if isinstance(operand, Regex):
        return None
    if test.operator in (Operator.EQ, Operator.NE):
        equal = _equal(value, operand)
        return equal if equal is None or test.operator is Operator.EQ else not equal
    if test.operator is Operator.IN:
        return value in operand if isinstance(operand, tuple) and isinstance(value, str) else None
    if test.operator is Operator.CONTAINS:
        return operand in value if isinstance(value, tuple) and isinstance(operand, str) else None
    if not (_is_number(value) and _is_number(operand)):
        return None
    return _ORDER[test.operator](value, operand)  # type: ignore[arg-type]  # both were just seen to be numbers


def _match(operand: FactValue | Regex, value: FactValue) -> bool | None:
    if not isinstance(operand, Regex):
        return None
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, tuple):
        return None
    try:
        answers = [full_match(operand, each) for each in values]
    except InputError:
        return None
    return True if True in answers else None if None in answers else False


def _equal(value: FactValue, operand: FactValue) -> bool | None:
    if _is_number(value) and _is_number(operand):
        return value == operand
    if type(value) is not type(operand) or isinstance(value, int | float) is not isinstance(value, bool):
        return None
    return value == operand


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _why_incomparable(test: FactTest, value: FactValue) -> str:
    if test.operator is Operator.MATCHES:
        return "it is too long, no text, or the regular expression is refused"
    operand = test.operand
    return f"a {type(value).__name__} cannot be compared by `{test.operator.value}` with a {type(operand).__name__}"


def _test_files(test: FilesTest, scene: Scene) -> Verdict:
    subject = scene.subject
    matched = scene.matched.get(test.paths)
    wanted = describe(test)
    if matched is None:
        return Verdict(
            outcome=Outcome.UNKNOWN,
            says="a path pattern is malformed or missing",
            seen="no match possible",
            wanted=wanted,
        )
    total = len(subject.files)
    seen = f"{len(matched)} of {total} files" + (f": {show_files(matched)}" if matched else "")
    if not total:
        return Verdict(outcome=Outcome.UNKNOWN, says="no file is changed", seen="no file", wanted=wanted)
    answer: bool | None
    if test.quantifier is Quantifier.ALL:
        answer = len(matched) == total
        decided = not answer
    else:
        answer = bool(matched) is (test.quantifier is Quantifier.ANY)
        decided = bool(matched)
    if not decided and not subject.listing_complete:
        return Verdict(outcome=Outcome.UNKNOWN, says="the list of files was cut short", seen=seen, wanted=wanted)
    return Verdict(outcome=Outcome.PASS if answer else Outcome.FAIL, says=seen, seen=seen, wanted=wanted)


def _test_surface(test: SurfaceTest, scene: Scene) -> Verdict:
    surfaces = [each for each in scene.policy.surfaces if each.name == test.surface]
    wanted = describe(test)
    if not surfaces:
        return Verdict(
            outcome=Outcome.UNKNOWN, says=f"the policy has no surface {test.surface}", seen="", wanted=wanted
        )
    parts = [_test_files(FilesTest(quantifier=Quantifier.ANY, paths=each.paths), scene) for each in surfaces]
    outcome = combine_any(part.outcome for part in parts)
    says = f"the change {'touches' if outcome is Outcome.PASS else 'does not touch'} {test.surface}"
    if outcome is Outcome.UNKNOWN:
        says = f"whether the change touches {test.surface} is unknown: {parts[0].says}"
    return Verdict(outcome=outcome, says=says, seen=parts[0].seen, wanted=wanted)


def _test_author(test: AuthorTest, scene: Scene) -> Verdict:
    authors = [seen_by(scene.policy, author) for author in scene.subject.authors]
    seen = ", ".join(f"{show_text(author.id)} ({author.kind.value})" for author in authors) or "nobody"
    wanted = describe(test)
    if any(is_identity(scene.policy, author, test.identity) for author in authors):
        return Verdict(outcome=Outcome.PASS, says=f"{test.identity} is an author", seen=seen, wanted=wanted)
    if not authors or any(author.kind is ActorKind.UNKNOWN for author in authors):
        return Verdict(
            outcome=Outcome.UNKNOWN, says=f"whether {test.identity} is an author is unknown", seen=seen, wanted=wanted
        )
    return Verdict(outcome=Outcome.FAIL, says=f"{test.identity} is no author", seen=seen, wanted=wanted)


def _wanted(test: FactTest) -> str:
    if test.operator is Operator.KNOWN:
        return "known" if test.operand is True else "not known"
    shown = f"`{test.operand.text}`" if isinstance(test.operand, Regex) else _show(test.operand)
    return _WORDS[test.operator] + shown


def _show(value: FactValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(show_text(item) for item in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return show_text(str(value))


def _show_paths(test: FilesTest) -> str:
    return ", ".join(("!" if rule.negated else "") + rule.glob.text for rule in test.paths.rules) or "no path"
