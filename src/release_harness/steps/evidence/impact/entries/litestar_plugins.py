"""Litestar: what plugins and hooks add to the configuration of the application that they are given, `config.route_handlers.extend(…)`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from release_harness.kernel.digests import digest_bytes
from release_harness.policy.model import Regex
from release_harness.policy.regexes import MAX_VALUE_CHARACTERS, compile_regex, regex_fault
from release_harness.steps.evidence.impact.entries.contract import FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.passed_objects import PASSED
from release_harness.steps.evidence.impact.entries.reading import (
    base_of,
    index_of,
    outer_qualname,
    path_of,
    qualname_of,
)
from release_harness.steps.evidence.impact.expressions import argument, is_call, items_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import Guard, SymbolId

GIVEN = "given"
ASKS = "asks who calls"
FIELD = "route_handlers"
_MARK = "exclude_from_auth"
_SHOWN_CHARACTERS = 60
_ADDING = ("extend", "append", "insert")


class Added(NamedTuple):
    """Handlers that code adds to a configuration."""

    scope: SymbolId
    given: Expr
    line: int


def given_handlers(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield what a file adds to the route handlers of a configuration, and the lists that it hands to its own functions."""
    calls = index_of(file.facts).calls
    for name in _ADDING:
        for site in calls.get(name, ()):
            if _is_field(base_of(site.call)) and site.call[2]:
                last = site.call[2][-1]
                data = {"given": last if name == "extend" else ["l", [last]]}
                yield Registration(framework, GIVEN, file.id_of(site.scope), site.call[4], data)
    found = False
    for symbol in file.facts.symbols:
        for each in symbol.body:
            if each.kind == "set" and _is_field(each.target) and each.value is not None:
                found = True
                yield Registration(framework, GIVEN, file.id_of(symbol), each.line, {"given": each.value})
    for site in calls.get("on_app_init", ()):
        if base_of(site.call) not in (None, ["c", ["n", "super"], [], {}, site.call[4]]):
            found = True
            yield Registration(framework, ASKS, file.id_of(site.scope), site.call[4], {"who": base_of(site.call)})
    if found or any(_is_field(base_of(site.call)) for name in _ADDING for site in calls.get(name, ())):
        yield from _passed(file, framework)


def _is_field(expr: Expr | None) -> bool:
    return expr is not None and expr[0] == "a" and expr[2] == FIELD


def _passed(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the calls that hand names, or a list of them, to a function of the repository."""
    for sites in index_of(file.facts).calls.values():
        for scope, _, call in sites:
            given = {str(at): each for at, each in enumerate(call[2]) if _is_named(each)}
            given |= {key: each for key, each in call[3].items() if _is_named(each)}
            called = file.resolve(scope, call[1]) if given else None
            if called is not None and called.symbol:
                data = {"function": called.symbol, "given": given, "method": bool(called.receiver)}
                yield Registration(framework, PASSED, file.id_of(scope), call[4], data)


def _is_named(expr: Expr) -> bool:
    return expr[0] in {"n", "a"} or any(each[0] in {"n", "a"} for each in items_of(expr) or ())


def hooks_of(objects: Objects, program: ProgramView, scope: SymbolId, call: Expr) -> frozenset[SymbolId]:
    """Return the plugin classes and functions that an application is made with."""
    found = set()
    for key in ("plugins", "on_app_init"):
        for there, each in objects.items(scope, argument(call, -1, key))[0]:
            found.add(_class_or_function(objects, program, there, each))
    return frozenset(found - {""})


def _class_or_function(objects: Objects, program: ProgramView, scope: SymbolId, expr: Expr) -> SymbolId:
    named = expr[1] if is_call(expr) else expr
    found = program.resolve(scope, named)
    if found.symbol and program.symbol(found.symbol) is not None:
        return found.symbol
    kinds = [objects.type_of(name) for name in objects.origins(scope, expr)]
    return next((each for each in kinds if ":" in each), found.type if ":" in found.type else "")


def runs_in(program: ProgramView, hooks: frozenset[SymbolId], scope: SymbolId) -> bool:
    """Tell whether code belongs to one of the plugins or functions."""
    path, qualname = path_of(scope), qualname_of(scope)
    while qualname:
        owner = f"{path}:{qualname}"
        if owner in hooks or any(program.is_a(each, owner) for each in sorted(hooks) if program.class_of(each)):
            return True
        qualname = outer_qualname(qualname)
    return False


def asking(
    objects: Objects, guards: GuardReader, found: Sequence[Registration], hooks: frozenset[SymbolId]
) -> tuple[Guard, ...]:
    """Return what the plugins of an application let ask who calls: `auth.on_app_init(config)`."""
    told = []
    for each in found:
        if each.kind == ASKS and runs_in(objects.program, hooks, each.scope):
            who = each.data["who"]
            if guards.is_guard(each.scope, who):
                guard = guards.guard(each.scope, who, "middleware", each.line)
                names = [name for name in objects.origins(each.scope, who) if "<locals>" not in name]
                told.append(guard if guard.symbol or len(names) != 1 else replace(guard, symbol=names[0]))
    return tuple(told)


def mark_at(scope: SymbolId, line: int) -> Guard:
    """Return the mark of a handler that is left out when the library asks who calls."""
    return Guard(name=_MARK, source="option", path=path_of(scope), line=line, weak=True)


def standing(
    objects: Objects, above: Sequence[Guard], mark: Sequence[Guard], place: tuple[str, SymbolId, int]
) -> tuple[Guard, ...]:
    """Return what stands above a handler: what asks who calls leaves out what is marked, and addresses that it is told."""
    address, scope, line = place
    if not mark:
        left_out = next(filter(None, (_leaves_out(objects, each, address) for each in above)), "")
        mark = (replace(mark_at(scope, line), name=left_out),) if left_out else ()
    return merged([each for each in above if not mark or not _is_backend(objects, each)], mark)


def _leaves_out(objects: Objects, guard: Guard, address: str) -> str:
    """Return the mark of an address that what asks who calls is made to leave out, `exclude=["^/schema"]`; empty for none.

    A pattern that cannot be matched safely may leave out any address: it is a mark of its own name, so that another pattern in
    its place is another mark.
    """
    made = objects.creation(guard.symbol) if _is_backend(objects, guard) else None
    given = argument(made[1], -1, "exclude") if made else None
    if made is None or given is None:
        return ""
    listed = objects.items(made[0], given)[0] or [(made[0], given)]
    patterns = [text for text, known in (objects.text(*each) for each in listed) if known and text]
    found = [_matches(each, address) for each in patterns]
    if True in found:
        return _MARK
    unread = [pattern for pattern, says in zip(patterns, found, strict=True) if says is None]
    if not unread:
        return ""
    digest = digest_bytes("\0".join(unread).encode())[:8]
    return f"exclude {digest}: {unread[0][:_SHOWN_CHARACTERS]!r}, which is not matched"


def _is_backend(objects: Objects, guard: Guard) -> bool:
    """Tell whether a guard is one of the library's own, which the mark `exclude_from_auth` switches off."""
    made = objects.creation(guard.symbol) if guard.source == "middleware" and ":" in guard.symbol else None
    if made is None:
        return False
    scope, (_, called, *_rest) = made
    named = called[1] if called[0] == "i" else called
    return objects.program.resolve(scope, named).external.startswith(("litestar.security.", "starlite.security."))


def _matches(pattern: str, address: str) -> bool | None:
    """Tell whether a pattern of the repository matches an address; None when matching it could hang or it cannot be read."""
    regex = Regex(text=pattern)
    if regex_fault(pattern) or len(address) > MAX_VALUE_CHARACTERS:
        return None
    return compile_regex(regex).search(address) is not None


def added(found: Sequence[Registration]) -> Iterator[Added]:
    """Yield what was added to configurations."""
    for each in found:
        if each.kind == GIVEN:
            yield Added(each.scope, each.data["given"], each.line)
