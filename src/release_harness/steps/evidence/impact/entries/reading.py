"""The calls and decorators of one file by name, and expressions as people write them; shared by the adapters."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from release_harness.steps.evidence.impact.expressions import (
    argument,
    branches,
    items_of,
    operator_of,
    parts_of,
    text_of,
)
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Statement, Symbol
from release_harness.steps.evidence.model.impact import SymbolId

HTTP_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
TEST_FOLDERS = frozenset({"test", "tests", "testing", "__tests__", "unittests"})
SHOWN_LIMIT = 160


class CallSite(NamedTuple):
    """One call, and where it is written."""

    scope: Symbol
    statement: Statement
    call: Expr


class Decoration(NamedTuple):
    """One decorator of a function or class."""

    symbol: Symbol
    around: Symbol
    """Scope in which the decorator is evaluated."""
    expr: Expr
    position: int
    """0 for the outermost."""


class Index(NamedTuple):
    """What a file calls and decorates, by the last part of the name."""

    facts: FileFacts
    calls: dict[str, list[CallSite]]
    decorations: dict[str, list[Decoration]]
    symbols: dict[str, Symbol]


_LEAVES = frozenset({"n", "s", "k", "o", "y"})
_latest: list[Index] = []  # all adapters look at one file after another: a memory of one file is enough


def index_of(facts: FileFacts) -> Index:
    """Return the index of a file; asking again for the same facts costs nothing."""
    if _latest and _latest[0].facts is facts:
        return _latest[0]
    found = Index(facts, {}, {}, {each.qualname: each for each in facts.symbols})
    for symbol in facts.symbols:
        around = outer_of(found.symbols, symbol)
        for position, expr in enumerate(symbol.decorators):
            found.decorations.setdefault(last_name(expr), []).append(Decoration(symbol, around, expr, position))
        for statement in symbol.body:
            if statement.value is not None and statement.value[0] not in _LEAVES:
                for each in calls_in(statement.value):
                    found.calls.setdefault(last_name(each), []).append(CallSite(symbol, statement, each))
    _latest[:] = [found]
    return found


def calls_in(expr: Expr) -> list[Expr]:
    """Return the calls inside an expression, outermost first, in source order; quicker than a walk over everything."""
    found: list[Expr] = []
    waiting = [expr]
    while waiting:
        each = waiting.pop()
        form = each[0]
        if form == "c":
            found.append(each)
        elif form in _LEAVES:
            continue
        parts = [part for part in parts_of(each) if part[0] not in _LEAVES]
        parts.reverse()
        waiting.extend(parts)
    return found


def outer_of(symbols: dict[str, Symbol], symbol: Symbol) -> Symbol:
    """Return the scope that a symbol is written in; the module for itself."""
    name = outer_qualname(symbol.qualname)
    while name and name not in symbols:
        name = outer_qualname(name)
    return symbols.get(name, symbol)


def outer_qualname(qualname: str) -> str:
    """Return the qualified name of the scope around one; empty for the module."""
    return qualname.rpartition(".")[0].removesuffix("<locals>").rstrip(".")


def last_name(expr: Expr | None) -> str:
    """Return the last part of the name that is called or mentioned: `get` for `app.router.get(…)`."""
    while expr and expr[0] in {"c", "i"}:
        expr = expr[1]
    if expr and expr[0] == "a":
        return str(expr[2])
    return str(expr[1]) if expr and expr[0] == "n" else ""


def base_of(expr: Expr | None) -> Expr | None:
    """Return `app.router` for `app.router.get` or `app.router.get(…)`, None for a plain name."""
    if expr and expr[0] == "c":
        expr = expr[1]
    return expr[1] if expr and expr[0] == "a" else None


def path_of(symbol: SymbolId) -> str:
    """Return the path of the file that a symbol is in."""
    return symbol.rpartition(":")[0]


def qualname_of(symbol: SymbolId) -> str:
    """Return the qualified name inside the file."""
    return symbol.rpartition(":")[2]


def short_name(name: str) -> str:
    """Return the last part of a SymbolId or dotted name."""
    return name.rpartition(":")[2].rpartition(".")[2]


_SCRIPT_MARKS = (".test", ".spec", "-spec", ".cy", ".stories", ".e2e", "_spec")
_TEST_MARKS = {
    **dict.fromkeys(("ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue"), _SCRIPT_MARKS),
    **dict.fromkeys(("java", "kt"), ("Test", "Tests", "IT")),
    "php": ("Test",),
    "rb": ("_spec",),
}
"""Ending of a file -> how names of tests end in that language."""


@lru_cache(maxsize=1 << 16)
def is_test_path(path: str) -> bool:
    """Tell whether a file holds tests: what is registered there is no way into the product."""
    *folders, name = path.split("/")
    if any(each in TEST_FOLDERS for each in folders):
        return True
    stem, _, ending = name.rpartition(".")
    if stem == "conftest" or stem.startswith("test_") or stem.endswith("_test") or stem == "tests":
        return True
    marks = _TEST_MARKS.get(ending, ())
    folder = {"rb": "spec", "rake": "spec"}.get(ending, "e2e" if marks is _SCRIPT_MARKS else "")
    return stem.endswith(marks) or folder in folders


def shown(expr: Expr | None) -> str:
    """Return an expression about as the source says it, on one line and cut."""
    text = _shown(expr, 0)
    return text if len(text) <= SHOWN_LIMIT else text[: SHOWN_LIMIT - 1] + "…"


def _shown(expr: Expr | None, depth: int) -> str:
    if not expr or depth > 8:  # noqa: PLR2004 - deeper than anybody reads
        return "…"
    form = expr[0]
    if form == "n":
        return str(expr[1])
    if form == "a":
        return f"{_shown(expr[1], depth + 1)}.{expr[2]}"
    if form == "s":
        return '"' + str(expr[1]).replace('"', '\\"') + '"'
    if form == "k":
        return str(expr[1])
    if form == "i":
        return f"{_shown(expr[1], depth + 1)}[{_shown(expr[2], depth + 1)}]"
    if form == "l":
        return "[" + ", ".join(_shown(each, depth + 1) for each in expr[1]) + "]"
    if form == "c":
        return _shown(expr[1], depth + 1) + "(" + ", ".join(_shown_arguments(expr, depth + 1)) + ")"
    if form == "b":
        return _shown_operands(expr, depth)
    return {"m": "lambda: …", "y": str(expr[-1])}.get(form, "…")


def _shown_operands(expr: Expr, depth: int) -> str:
    chosen = branches(expr)
    if chosen is not None:
        test, (body, otherwise) = chosen
        return f"{_shown(body, depth + 1)} if {_shown(test, depth + 1)} else {_shown(otherwise, depth + 1)}"
    operator = operator_of(expr)
    parts = [_shown(each, depth + 1) for each in expr[1]]
    if operator == "~":
        return f"~{parts[0]}"
    # Which operator it was is not kept of the others, nor the constants among their operands.
    return f" {operator} ".join(parts) if operator else f"({' … '.join(parts)} …)"


def _shown_arguments(call: Expr, depth: int) -> Iterator[str]:
    for each in call[2]:
        yield _shown(each, depth)
    for name, value in call[3].items():
        yield f"{name}={_shown(value, depth)}"


def line_of(expr: Expr, otherwise: int) -> int:
    """Return the line of a call, or another line for what has none."""
    return int(expr[4]) if expr[0] == "c" and len(expr) > 4 and expr[4] else otherwise  # noqa: PLR2004 - the line of a call


def keyword_texts(call: Expr, position: int, keyword: str) -> list[str] | None:
    """Return the texts of an argument that is a text or a list of texts, None when it is not given or something else."""
    given = argument(call, position, keyword)
    single = text_of(given)
    if single is not None:
        return [single]
    found = [text_of(each) for each in items_of(given) or ()]
    return [each for each in found if each is not None] if found and None not in found else None


def joined(*parts: str) -> str:
    """Return a URL path of several parts with exactly one slash between them; an empty part adds nothing."""
    path = ""
    for part in parts:
        if part:
            path = path.rstrip("/") + "/" + part.lstrip("/") if path else part
    return path if path.startswith("/") else "/" + path


def unique(texts: Sequence[str]) -> tuple[str, ...]:
    """Return texts without repeats, in order."""
    return tuple(dict.fromkeys(texts))
