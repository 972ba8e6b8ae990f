"""How expressions are put together, the same for every reader of Python."""

from math import isfinite

from release_harness.steps.evidence.impact.expressions import OTHER, TEXT_LIMIT, walk
from release_harness.steps.evidence.impact.facts import Expr

LARGEST_NUMBER = 2**63
MARKED_DEPTH = 4
NULL: Expr = ["k", None]


def held(parts: list[Expr]) -> Expr:
    """Return what operators hold: nested ones are flattened, constants that are no text are left out."""
    kept: list[Expr] = []
    for part in parts:
        form = part[0]
        if form == "b":
            kept.extend(part[1])
        elif form not in {"k", "o"}:
            kept.append(part)
    return ["b", kept] if kept else OTHER


def choice(*parts: tuple[str, Expr]) -> Expr:
    """Return a conditional expression: its test, body and what holds otherwise, each with its letter; constants are left out."""
    kept = [each for each in parts if each[1][0] not in {"k", "o"}]
    return _marked([part for _, part in kept], "?" + "".join(letter for letter, _ in kept))


def combined(parts: list[Expr], operator: str) -> Expr:
    """Return operands that `|`, `&` or `~` joins."""
    return _marked([part for part in parts if part[0] not in {"k", "o"}], operator)


def _marked(parts: list[Expr], mark: str) -> Expr:
    if not parts:
        return OTHER
    # A chain of thousands would nest as deeply as no reader of JSON goes.
    return ["b", parts, mark] if max(map(_depth, parts)) < MARKED_DEPTH else held(parts)


def _depth(part: Expr) -> int:
    return 1 + max(map(_depth, part[1])) if part[0] == "b" else 0


def text(value: str) -> Expr:
    """Return a string constant, cut."""
    return ["s", value if len(value) <= TEXT_LIMIT else value[:TEXT_LIMIT]]


def number(value: complex) -> Expr:
    """Return a number, or null when JSON cannot say it."""
    if isinstance(value, int):
        return ["k", value] if -LARGEST_NUMBER <= value < LARGEST_NUMBER else NULL
    if isinstance(value, float) and isfinite(value):
        return ["k", value]
    return NULL


def negative(operand: Expr) -> Expr:
    """Return what `-operand` is."""
    if operand[0] == "k" and type(operand[1]) in {int, float}:
        return number(-operand[1])
    return held([operand])


def joined(parts: list[Expr]) -> Expr:
    """Return a string put together from parts: nested ones are flattened and neighbouring texts become one."""
    flat: list[Expr] = []
    for part in parts:
        for each in part[1] if part[0] == "f" else (part,):
            if each[0] != "s":
                flat.append(each)
            elif flat and flat[-1][0] == "s":
                flat[-1] = text(flat[-1][1] + each[1])
            elif each[1]:
                flat.append(each)
    if not flat:
        return ["s", ""]
    return flat[0] if len(flat) == 1 and flat[0][0] == "s" else ["f", flat]


def added(parts: list[Expr]) -> Expr:
    """Return what `a + b + c` is: a string when one of them is one."""
    if any(part[0] in {"s", "f"} for part in parts):
        return joined(parts)
    return held(parts)


def formatted(template: Expr, argument: Expr) -> Expr:
    """Return what `template % argument` is."""
    if template[0] not in {"s", "f"}:
        return held([template, argument])
    return joined([template, *(argument[1] if argument[0] == "l" else (argument,))])


def relined(expr: Expr, line: int) -> Expr:
    """Put every call inside on one line: versions of Python disagree where the parts of a formatted string stand."""
    if expr[0] not in {"s", "n"}:
        for each in walk(expr):
            if each[0] == "c":
                each[4] = line
    return expr


def is_type_checking(test: Expr) -> int:
    """Return 1 for `TYPE_CHECKING`, -1 for `not TYPE_CHECKING`, else 0."""
    if test[0] == "b":
        return -is_type_checking(test[1][0]) if len(test[1]) == 1 else 0
    return int(test[0] in {"n", "a"} and test[-1] == "TYPE_CHECKING")


def is_main(test: Expr) -> bool:
    """Tell whether it is `__name__ == "__main__"`."""
    return test[0] == "b" and ["n", "__name__"] in test[1] and ["s", "__main__"] in test[1]
