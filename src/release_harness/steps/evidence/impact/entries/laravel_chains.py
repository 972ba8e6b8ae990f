"""Chains of calls as Laravel's route files write them: `Route::prefix(…)->middleware(…)->group(…)`."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.expressions import items_of
from release_harness.steps.evidence.impact.facts import Expr

DEPTH_LIMIT = 30


class Step(NamedTuple):
    """One call of a chain such as `Route::prefix(…)->group(…)`."""

    word: str
    arguments: list[Expr]
    line: int


def chain(expr: Expr | None) -> list[Step]:
    """Return the calls of `Route::a()->b()`, the first first; empty for anything else."""
    found: list[Step] = []
    while expr is not None and expr[0] == "c" and expr[1][0] == "a":
        found.append(Step(str(expr[1][2]), [*expr[2], *expr[3].values()], expr[4]))
        expr = expr[1][1]
    is_route = expr is not None and expr[0] == "n" and expr[1] in {"Route", "$router"}
    return list(reversed(found)) if is_route else []


def steps_on(expr: Expr | None, name: str) -> list[Step]:
    """Return the calls of a chain on a variable."""
    found: list[Step] = []
    while expr is not None and expr[0] == "c" and expr[1][0] == "a":
        found.append(Step(str(expr[1][2]), list(expr[2]), expr[4]))
        expr = expr[1][1]
    return list(reversed(found)) if expr == ["n", name] else []


def flat(exprs: Iterable[Expr]) -> Iterator[Expr]:
    """Yield middleware one by one."""
    for each in exprs:
        inner = items_of(each)
        if inner is None:
            yield each
        else:
            yield from flat(inner)
