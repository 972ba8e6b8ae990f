"""Where entry points are registered by a call: what that call says, and what it hands in beside the handler.

`add_route(Page.as_view(app, load), "/page")` registers `Page`; each request then also runs `load`. A decorator is no such call:
what it says belongs to the function below it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.expressions import parts_of, walk
from release_harness.steps.evidence.impact.extract import TEMPLATE, language_of
from release_harness.steps.evidence.impact.facts import Expr, Statement, Symbol
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

_KINDS = frozenset({"http", "websocket", "page"})
_RUNS = frozenset({"function", "async", "class"})
_CALL_SIZE = 5
_PAGE = LazyPattern(r"^[\w./-]+\.\w+$")


class Registration(NamedTuple):
    """The call that registers an entry point."""

    held_by: tuple[SymbolId, ...]
    """Function, variable and module that the call is written in, the nearest first."""
    scope: SymbolId
    statement: Expr
    call: Expr

    @property
    def says(self) -> str:
        """The call with what stands around it, without lines and without what registers others beside it."""
        return repr(_around(self.statement, self.call))


class _Place(NamedTuple):
    scope: Symbol
    statement: Statement
    call: Expr


class Registrations:
    """The registering calls of one side; each file is read once, and only when it is asked for."""

    def __init__(self, side: SideView) -> None:
        """Take one side."""
        self._side = side
        self._places: dict[str, dict[int, list[_Place]]] = {}
        self._owners: dict[tuple[str, int], set[str]] = {}
        for each in side.entries:
            self._owners.setdefault((each.path, each.line), set()).add(_owner(each))

    def of(self, entry: EntryPoint) -> Registration | None:
        """Return the call that registers an entry point; None where there is none, or several that cannot be told apart."""
        if entry.kind not in _KINDS or entry.path not in self._side.tree.blobs:
            return None
        found = self._of_file(entry.path).get(entry.line, [])
        if len(found) != 1 or len(self._owners.get((entry.path, entry.line), ())) != 1:
            return None
        (place,) = found
        held = [place.scope.qualname] if place.scope.qualname else []
        target = place.statement.target
        if not held and target is not None and target[0] == "n":
            held.append(target[1])
        module = f"{entry.path}:"
        scope = f"{module}{place.scope.qualname}"
        around = tuple(dict.fromkeys(f"{module}{each}" for each in (*held, "")))
        return Registration(around, scope, place.statement.value or [], place.call)

    def handed_in(self, entry: EntryPoint) -> Iterator[tuple[SymbolId, int]]:
        """Yield the functions and classes that the registering call hands in beside the handler, each with its line."""
        registration = self.of(entry)
        if registration is None or not entry.path.endswith(".py"):
            return
        own = {entry.handler, entry.receiver, entry.registered_on, entry.handler.rpartition(".")[0]}
        seen: set[SymbolId] = set()
        for expr, line in _mentioned(registration.call):
            symbol = self._side.program.resolve(registration.scope, expr).symbol
            if symbol in seen or symbol in own or not symbol or symbol.endswith(":"):
                continue
            seen.add(symbol)
            found = self._side.program.symbol(symbol)
            if found is not None and found.kind in _RUNS:
                yield symbol, line
        yield from self._pages(registration.call)

    def _pages(self, call: Expr) -> Iterator[tuple[SymbolId, int]]:
        """Yield the templates whose names a registering call hands in, such as `template_name="about.html"`."""
        for expr in walk(call):
            name = f"/{expr[1]}" if expr[0] == "s" and _PAGE.search(expr[1]) else ""
            for path in self._templates if name else ():
                if path.endswith(f"/templates{name}"):
                    yield f"{path}:", _line(call)

    @cached_property
    def _templates(self) -> tuple[str, ...]:
        return tuple(path for path in self._side.tree.blobs if language_of(path) == TEMPLATE)

    def _of_file(self, path: str) -> Mapping[int, Sequence[_Place]]:
        known = self._places.get(path)
        if known is None:
            known = self._places[path] = {}
            for scope in self._side.tree.facts(path).symbols:
                for statement in scope.body:
                    for call in _outermost(statement.value, 0):
                        known.setdefault(call[4], []).append(_Place(scope, statement, call))
        return known


def _owner(entry: EntryPoint) -> str:
    """Return what several entry points of one registration share: the class whose methods answer, or the handler."""
    owner = entry.handler.rpartition(".")[0]
    return entry.receiver or (owner if ":" in owner else entry.handler)


def _outermost(expr: Expr | None, line: int) -> Iterator[Expr]:
    """Yield the calls of an expression, of those that begin on one line only the one around the others."""
    if expr is None:
        return
    own = _line(expr) or line
    if own != line:
        yield expr
    for each in parts_of(expr):
        yield from _outermost(each, own)


def _line(expr: Expr) -> int:
    return int(expr[4] or 0) if expr[0] == "c" and len(expr) == _CALL_SIZE else 0


def _mentioned(call: Expr) -> Iterator[tuple[Expr, int]]:
    """Yield the names and attributes in the arguments of a call, each with the line of the call that holds it."""
    waiting = [(each, _line(call)) for each in parts_of(call)[1:]]
    while waiting:
        expr, line = waiting.pop(0)
        if expr[0] in {"n", "a"}:
            yield expr, line
        inner = _line(expr) or line
        waiting.extend((each, inner) for each in parts_of(expr))


def _around(expr: Expr, call: Expr) -> Expr | list[object]:
    """Return an expression without lines, of which the other members of lists, sums and argument lists around a call are left out."""
    if expr is call:
        return _plain(expr)
    parts = parts_of(expr)
    holder = next((each for each in parts if any(one is call for one in walk(each))), None)
    if holder is None:
        return _plain(expr)
    if expr[0] in {"l", "b"}:
        return [expr[0], *(_plain(each) for each in parts if each[0] == "s"), _around(holder, call)]
    kept = [each for each in parts if each is holder or not _registers_too(each, holder)]
    return [expr[0], *(_around(each, call) if each is holder else _plain(each) for each in kept)]


def _registers_too(expr: Expr, holder: Expr) -> bool:
    return expr[0] == "c" and holder[0] == "c" and last_name(expr) == last_name(holder)


def _plain(expr: Expr) -> list[object]:
    """Return an expression without the lines of its calls."""
    if expr[0] == "c":
        keywords = [[name, _plain(value)] for name, value in expr[3].items()]
        return ["c", _plain(expr[1]), [_plain(each) for each in expr[2]], keywords]
    return [_plain_part(each) for each in expr]


def _plain_part(part: object) -> object:
    if not isinstance(part, list):
        return part
    return _plain(part) if part and isinstance(part[0], str) else [_plain_part(each) for each in part]
