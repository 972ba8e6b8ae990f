"""Routers that are built by calls: who makes them, who mounts them where, and what stands before a route."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from release_harness.steps.evidence.impact.entries.reading import joined
from release_harness.steps.evidence.impact.entries.router_shapes import (
    WRAPS,
    Before,
    Context,
    Dialect,
    Mount,
    Ref,
    Used,
)
from release_harness.steps.evidence.impact.expressions import items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.impact.lexical.scopes import Bound
from release_harness.steps.evidence.model.impact import SymbolId

T = TypeVar("T")
DEPTH_LIMIT = 16
CONTEXTS_LIMIT = 60


class Routers:
    """The routers of one program for one framework."""

    def __init__(self, names: Names, dialect: Dialect) -> None:
        """Start without any router."""
        self.names = names
        self.dialect = dialect
        self.passes: Callable[[SymbolId, Expr], Expr | None] = _passes_nothing
        """Says which handler a call hands requests on to, where middleware is a function around a handler."""
        self.kinds: dict[str, str] = {}
        self.made: dict[str, tuple[SymbolId, Expr]] = {}
        self.mounts: dict[str, list[Mount]] = {}
        self.used: dict[str, list[Used]] = {}
        self.when = ""
        """The condition that the statement which is being read stands under, in words; empty for none."""
        self._waiting: set[tuple[str, int]] = set()
        self._by_name: dict[str, tuple[Ref, ...]] = {}
        self._contexts: dict[str, list[Context]] = {}

    def refs(self, scope: SymbolId, expr: Expr | None, depth: int = 0) -> tuple[Ref, ...]:
        """Return the routers that an expression may stand for."""
        if expr is None or depth > DEPTH_LIMIT:
            return ()
        if expr[0] == "c":
            return self._refs_of_call(scope, expr, f"{scope}@{expr[4]}", depth)
        if expr[0] in {"l", "b"}:
            return distinct(ref for each in expr[1] for ref in self.refs(scope, each, depth + 1))
        if expr[0] not in {"n", "a"}:
            return ()
        if expr[0] == "n" and expr[1] in {"this", "self"}:
            return ()
        found = self.names.resolve(scope, expr)
        if found.symbol:
            return self._refs_of_symbol(found.symbol, found.type, depth)
        return ()

    def _refs_of_symbol(self, symbol: SymbolId, typed: str, depth: int) -> tuple[Ref, ...]:
        known = self._by_name.get(symbol)
        if known is not None:
            return known
        mark = (symbol, 0)
        if mark in self._waiting:
            return ()
        self._waiting.add(mark)
        try:
            found = self._defined(symbol, typed, depth)
        finally:
            self._waiting.discard(mark)
        if not self._waiting or found:
            self._by_name[symbol] = found
        return found

    def _defined(self, symbol: SymbolId, typed: str, depth: int) -> tuple[Ref, ...]:
        owner, name = owner_of(symbol)
        scope = self.names.scope(owner)
        if name == "exports" and scope is not None and name not in scope.bound:
            return self._refs_of_exports(owner, depth)
        bound = scope.bound.get(name) if scope is not None else None
        if bound is None:
            return ()
        if bound.parameter is not None:
            self.kinds.setdefault(symbol, "parameter")
            return (Ref(symbol),)
        if bound.statement is None:
            return ()
        return self._refs_of_statement(symbol, owner, bound, typed, depth)

    def _refs_of_statement(self, symbol: str, owner: str, bound: Bound, typed: str, depth: int) -> tuple[Ref, ...]:
        value = bound.statement.value if bound.statement is not None else None
        if value is not None and value[0] == "c":
            return self._refs_of_call(owner, value, symbol, depth)
        if value is not None and value[0] in {"n", "a", "l"}:
            return self.refs(owner, value, depth + 1)
        found = tuple(
            ref for scope, each in self._assigned(symbol) for ref in self._refs_assigned(scope, each, symbol, depth)
        )
        if found:
            return distinct(found)
        if self.is_router_type(typed):
            self.kinds.setdefault(symbol, "field")
            return (Ref(symbol),)
        return ()

    def _refs_assigned(self, scope: str, value: Expr, symbol: str, depth: int) -> tuple[Ref, ...]:
        if value[0] == "c":
            return self._refs_of_call(scope, value, symbol, depth)
        return self.refs(scope, value, depth + 1)

    def _assigned(self, symbol: SymbolId) -> Iterator[tuple[SymbolId, Expr]]:
        """Yield what methods give to a field, and what literals of its class give it."""
        owner, name = owner_of(symbol)
        path = owner.rpartition(":")[0]
        if not self.names.is_class(owner):
            return
        for sibling in self.names.siblings(path):
            module = self.names.module(sibling)
            for inner in module.facts.symbols if module is not None else ():
                scope = f"{sibling}:{inner.qualname}"
                for statement in inner.body:
                    target = statement.target
                    if (
                        statement.kind == "set"
                        and statement.value
                        and target
                        and target[0] == "a"
                        and target[2] == name
                    ):
                        found = self.names.resolve(scope, target[1])
                        if found.type == owner:
                            yield scope, statement.value
                    yield from self._from_literals(scope, statement.value, owner, name)

    def _from_literals(self, scope: SymbolId, value: Expr | None, owner: str, name: str) -> Iterator[tuple[str, Expr]]:
        if value is not None and value[0] == "c" and name in value[3]:
            made = self.names.resolve(scope, value[1])
            if made.symbol == owner:
                yield scope, value[3][name]

    def _refs_of_exports(self, owner: SymbolId, depth: int) -> tuple[Ref, ...]:
        path = owner.rpartition(":")[0]
        module = self.names.module(path)
        statement = module.exports("default") if module is not None else None
        if statement is None or statement.value is None:
            return ()
        if statement.value[0] == "c":
            return self._refs_of_call(f"{path}:", statement.value, f"{path}:exports", depth)
        return self.refs(f"{path}:", statement.value, depth + 1)

    def is_router_type(self, name: str) -> bool:
        """Tell whether a dotted name is a router or an application of the framework."""
        return bool(name) and (name in self.dialect.roots or name in self.dialect.routers)

    def _refs_of_call(self, scope: SymbolId, call: Expr, name: str, depth: int) -> tuple[Ref, ...]:
        function = call[1]
        if depth > DEPTH_LIMIT:
            return ()
        inner = self.passes(scope, call)
        if inner is not None:
            return self.refs(scope, inner, depth + 1)
        if function[0] == "a" and (function[2] in self.dialect.groups or function[2] in self.dialect.chains):
            bases = self.refs(scope, function[1], depth + 1)
            if bases:
                grouped = tuple(self._grouped(scope, each, call) for each in bases)
                return (
                    grouped
                    if "@" in name or function[2] in self.dialect.chains
                    else self._own(name, scope, call, grouped)
                )
        found = self.names.resolve(scope, function)
        if found.external:
            if not self.is_router_type(found.external):
                return ()
            self.made.setdefault(name, (scope, call))
            self.kinds.setdefault(name, "root" if found.external in self.dialect.roots else "router")
            return (Ref(name),)
        symbol = self.names.symbol(found.symbol) if found.symbol else None
        if symbol is not None and symbol.kind in {"function", "async"}:
            return distinct(
                ref
                for statement in symbol.body
                if statement.kind == "return" and statement.value is not None
                for ref in self.refs(found.symbol, statement.value, depth + 1)
            )
        if not found.known:
            value = self.names.resolve(scope, call)
            if value.symbol:
                return self._refs_of_symbol(value.symbol, value.type, depth + 1)
        return ()

    def _grouped(self, scope: SymbolId, base: Ref, call: Expr) -> Ref:
        if call[1][2] not in self.dialect.groups:
            return base
        arguments = call[2]
        prefix = self.text(scope, arguments[0]) if arguments and not self.is_function(arguments[0]) else None
        rest = arguments[1:] if prefix is not None else arguments
        before = tuple(Before(scope, each, call[4], "router") for each in self.flat(scope, rest))
        return Ref(base.node, joined(base.prefix, prefix) if prefix else base.prefix, (*base.before, *before))

    def _own(self, name: str, scope: SymbolId, call: Expr, grouped: tuple[Ref, ...]) -> tuple[Ref, ...]:
        """Return a group that is bound to a name as a router of its own: what it uses later is not used by its siblings."""
        if name not in self.kinds:
            self.kinds[name] = "group"
            for each in grouped:
                self.mount(Ref(name), Mount(Ref(each.node), each.prefix, each.before, scope, call[4]))
        return (Ref(name),)

    def is_function(self, expr: Expr) -> bool:
        """Tell whether an argument is written as a function."""
        return expr[0] in {"y", "m"}

    def text(self, scope: SymbolId, expr: Expr | None) -> str | None:
        """Return a path as far as it is told; `{…}` stands for parts that are not; None when it is no text."""
        if expr is None:
            return None
        plain = text_of(expr)
        if plain is not None:
            return plain
        if expr[0] == "f":
            return "".join(self.text(scope, each) or "{…}" for each in expr[1])
        if expr[0] in {"n", "a"}:
            found = self.names.resolve(scope, expr)
            return found.text or None
        return None

    def flat(self, scope: SymbolId, exprs: Iterable[Expr], depth: int = 0) -> Iterator[Expr]:
        """Yield middleware one by one: lists are taken apart, also those behind a name."""
        for each in exprs:
            inner = items_of(each[1] if each[0] == "*" else each)
            if inner is None and each[0] in {"n", "*"} and depth < 4:  # noqa: PLR2004 - lists of lists of lists
                inner = self._list_behind(scope, each[1] if each[0] == "*" else each)
            if inner is None:
                yield each
            else:
                yield from self.flat(scope, inner, depth + 1)

    def _list_behind(self, scope: SymbolId, expr: Expr) -> list[Expr] | None:
        found = self.names.resolve(scope, expr)
        owner, name = owner_of(found.symbol) if found.symbol else ("", "")
        there = self.names.scope(owner) if owner else None
        bound = there.bound.get(name) if there is not None else None
        same_file = owner.rpartition(":")[0] == scope.rpartition(":")[0]
        return (
            items_of(bound.statement.value) if bound is not None and bound.statement is not None and same_file else None
        )

    def mount(self, child: Ref, mount: Mount) -> None:
        """Hang a router on another."""
        if child.node != mount.parent.node:
            self.mounts.setdefault(child.node, []).append(mount)

    def use(self, used: Used) -> None:
        """Let middleware stand before the routes of a router."""
        under = used.before._replace(when=self.when) if self.when else used.before
        self.used.setdefault(used.ref.node, []).append(used._replace(before=under))

    def contexts(self, node: str) -> Sequence[Context]:
        """Return every way from an application down to a router."""
        known = self._contexts.get(node)
        if known is None:
            self._contexts[node] = known = self._find_contexts(node, frozenset())
        return known

    def _find_contexts(self, node: str, above: frozenset[str]) -> list[Context]:
        mounts = self.mounts.get(node, ())
        if not mounts:
            return [self._unmounted(node)]
        found: list[Context] = []
        for each in mounts:
            if each.parent.node in above or len(found) >= CONTEXTS_LIMIT:
                continue
            for outer in self._find_contexts(each.parent.node, above | {node}):
                prefix = joined(outer.prefix, each.parent.prefix, each.prefix)
                stands = self.standing(each.parent, each.prefix, each.scope, each.line)
                before = (*outer.before, *stands, *each.parent.before, *each.before)
                found.append(Context(prefix, before, outer.mounted, outer.why))
        return list(distinct(found)[:CONTEXTS_LIMIT]) or [self._unmounted(node)]

    def _unmounted(self, node: str) -> Context:
        kind = self.kinds.get(node, "")
        if kind == "root" or (kind == "router" and self.dialect.roots_by_default):
            return Context("", (), mounted=True, why="")
        shown = node.rpartition(":")[2].partition("@")[0] or node
        if kind == "router":
            return Context("", (), mounted=False, why=f"nothing mounts the router `{shown}`")
        return Context("", (), mounted=None, why=f"it is not told which application `{shown}` stands for")

    def standing(self, ref: Ref, path: str, scope: SymbolId, line: int) -> tuple[Before, ...]:
        """Return the middleware of a router that stands before what is added at one place."""
        whole = joined(ref.prefix, path)
        return tuple(
            used.before
            for used in self.used.get(ref.node, ())
            if (used.before.scope != scope or used.before.line <= line or used.before.source == WRAPS)
            and whole.startswith(joined(used.ref.prefix, used.path).rstrip("/*"))
            and used.before not in ref.before
        )


def _passes_nothing(_scope: SymbolId, _call: Expr) -> Expr | None:
    return None


def distinct(found: Iterable[T]) -> tuple[T, ...]:
    """Return things without repeats, in order; they hold lists, so that they cannot be kept in a set."""
    return tuple({repr(each): each for each in found}.values())


def owner_of(symbol: SymbolId) -> tuple[SymbolId, str]:
    """Return (scope, name) of a variable."""
    path, _, qualname = symbol.rpartition(":")
    outer, _, name = qualname.rpartition(".")
    return f"{path}:{outer.removesuffix('.<locals>').removesuffix('<locals>')}", name
