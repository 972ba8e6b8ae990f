"""Routers that a repository wrote itself, and the registrations that a project declares in `.rh/project.yaml`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import Handler, handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import (
    index_of,
    is_test_path,
    joined,
    last_name,
    path_of,
    shown,
)
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.entries.wrappers import CANDIDATE, candidates
from release_harness.steps.evidence.impact.expressions import argument, dotted, is_call, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

NAME = "own router"
DECLARED = "declared"
REGISTRAR = re.compile(
    r"^_*(add|register|route|expose|mount)_*(url|route|handler|endpoint|view|page|resource|path)?s?$"
)
KEEPERS = frozenset({"append", "add", "insert", "setdefault", "extend", "add_route", "add_url_rule", "connect"})
KNOWN = frozenset({
    "add_url_rule", "add_resource", "add_api_route", "include_router", "register_blueprint", "add_get", "add_post", "add_view",
    "add_subapp", "add_api_websocket_route", "add_websocket_route", "add_namespace",
})  # fmt: skip


class OwnRouter:
    """Reads registrars that the repository defines, and patterns that the project declares."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return calls that may register, and every class, decorator and call that a declared pattern could name."""
        for each in candidates(file, NAME, KNOWN):
            if REGISTRAR.search(each.data["name"]) and "handler" not in each.data:
                yield each

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Keep the calls of functions that put a handler and its URL away."""
        objects = Objects(program)
        guards = GuardReader(objects)
        entries: list[EntryPoint] = []
        keeps: dict[SymbolId, tuple[str, str] | None] = {}
        for each in found:
            if each.kind != CANDIDATE or is_test_path(path_of(each.scope)):
                continue
            function = each.data["function"]
            if function not in keeps:
                keeps[function] = _kept_parameters(program.symbol(function))
            kept = keeps[function]
            if kept is not None:
                entries.extend(_entries(objects, guards, each, program.symbol(function), kept))
        return Discovery(framework=NAME, entries=without_repeats(entries))


def _kept_parameters(symbol: Symbol | None) -> tuple[str, str] | None:
    """Return the two parameters that a function puts away together, in the order in which it takes them; None when it does not."""
    if symbol is None or symbol.kind not in {"function", "async"}:
        return None
    names = [each.name for each in symbol.parameters if each.name not in {"self", "cls"} and each.kind != "kwargs"]
    for statement in symbol.body:
        expressions = [each for each in walk(statement.value) if each[0] == "c" and last_name(each) in KEEPERS]
        if statement.kind == "set" and statement.target is not None and statement.target[0] == "i" and statement.value:
            expressions.append(["l", [statement.target, statement.value]])
        for expr in expressions:
            held = {each[1] for each in walk(expr) if each[0] == "n"}
            kept = [name for name in names if name in held]
            if len(kept) >= 2:  # noqa: PLR2004 - a handler and where it is found
                return kept[0], kept[1]
    return None


def _entries(
    objects: Objects, guards: GuardReader, registration: Registration, function: Symbol | None, kept: tuple[str, str]
) -> Iterator[EntryPoint]:
    call, scope = registration.data["call"], registration.scope
    names = [each.name for each in function.parameters if each.name not in {"self", "cls"}] if function else []
    given = {name: argument(call, names.index(name), name) for name in names}
    texts = {
        name: text for name in kept if (text := objects.text(scope, given.get(name))[0]).startswith(("/", "^/", r"^\/"))
    }
    where = next(iter(texts), "")
    if not where:
        return
    other = next((name for name in names if name != where and name in kept), "")
    handler = handler_of(objects, guards, scope, given.get(other), call[4])
    if not handler.symbol:
        return
    path = joined(texts[where].removeprefix("^").removesuffix("$"))
    yield EntryPoint(
        kind="http", name=f"ANY {path}", framework=NAME, handler=handler.symbol, receiver=handler.receiver, path=path_of(scope),
        line=call[4], guards=merged(handler.guards, guards.of_decorators(handler.symbol)), confidence=Confidence.MEDIUM,
        registered_on=registration.data["function"],
    )  # fmt: skip


class DeclaredPatterns:
    """Reads the entry patterns that a project declares itself; every fault in a pattern was refused when the file was read."""

    name = DECLARED
    whole_tree = True
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return nothing: the patterns are looked for when the whole tree is there."""
        del file
        return ()

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Look for each pattern in every file that names its last part."""
        del found
        reader = _Declared(program)
        entries = [entry for pattern in program.declared() for entry in reader.of(pattern)]
        return Discovery(framework=self.name, entries=without_repeats(entries), unknown=tuple(reader.unknown))


class _Declared:
    def __init__(self, program: ProgramView) -> None:
        self.program = program
        self.objects = Objects(program)
        self.guards = GuardReader(self.objects)
        self.unknown: list[str] = []

    def of(self, pattern: Mapping[str, Any]) -> Iterator[EntryPoint]:
        if pattern.get("class"):
            yield from self._classes(pattern)
            return
        wanted = str(pattern.get("decorator") or pattern.get("call"))
        for path in self.program.paths:
            view = self.program.view(path)
            if view is None or view.facts.language != "python" or is_test_path(path):
                continue
            index = index_of(view.facts)
            name = wanted.rpartition(".")[2]
            if pattern.get("decorator"):
                for each in list(index.decorations.get(name, ())):
                    if self._matches(view.id_of(each.around), each.expr, wanted):
                        yield from self._entry(
                            pattern, view.id_of(each.around), each.expr, view.id_of(each.symbol), each.symbol.line
                        )
            else:
                for site in list(index.calls.get(name, ())):
                    if self._matches(view.id_of(site.scope), site.call, wanted):
                        yield from self._entry(pattern, view.id_of(site.scope), site.call, "", site.call[4])

    def _matches(self, scope: SymbolId, expr: Expr, wanted: str) -> bool:
        """Tell whether a decorator or call is the one that a dotted pattern names; `*.name` stands for any owner."""
        function = expr[1] if is_call(expr) else expr
        if wanted.startswith("*."):
            return last_name(function) == wanted[2:]
        if dotted(function) == wanted:
            return True
        meant = self.program.resolve_dotted(wanted)
        here = self.program.resolve(scope, function)
        if here.external == wanted or (meant.symbol and meant.symbol == here.symbol):
            return True
        if function[0] != "a":
            return False
        owner, _, _ = wanted.rpartition(".")
        base = self.program.resolve(scope, function[1])
        kind = self.program.resolve_dotted(owner).symbol
        return bool(owner) and (owner in {base.type, base.external} or bool(kind and kind in {base.type, base.symbol}))

    def _classes(self, pattern: Mapping[str, Any]) -> Iterator[EntryPoint]:
        wanted = str(pattern["class"])
        base = self.program.resolve_dotted(wanted).symbol or wanted
        for owner in self.program.subclasses(base):
            if is_test_path(path_of(owner)):
                continue
            symbol = self.program.symbol(owner)
            line = symbol.line if symbol else 0
            yield from self._entry(pattern, f"{path_of(owner)}:", ["n", owner], owner, line)

    def _entry(
        self, pattern: Mapping[str, Any], scope: SymbolId, expr: Expr, decorated: SymbolId, line: int
    ) -> Iterator[EntryPoint]:
        said = str(pattern.get("handler") or ("decorated" if decorated else "argument 0"))
        handler = Handler(decorated)
        if said.startswith("argument"):
            handler = handler_of(self.objects, self.guards, scope, _argument(expr, said), line)
        elif said.startswith("method:"):
            method = self.program.method(decorated, said.removeprefix("method:").strip())
            if method is None:
                return
            handler = Handler(method[0], decorated if method[1] != decorated else "")
        if not handler.symbol:
            self.unknown.append(f"{path_of(scope)}:{line}: the handler of `{shown(expr)}` cannot be read")
            return
        yield EntryPoint(
            kind=str(pattern["kind"]), name=self._name(pattern, scope, expr, handler), framework=DECLARED, handler=handler.symbol,
            receiver=handler.receiver, path=path_of(scope), line=line,
            guards=merged(handler.guards, self.guards.of_decorators(handler.symbol)),
        )  # fmt: skip

    def _name(self, pattern: Mapping[str, Any], scope: SymbolId, expr: Expr, handler: Handler) -> str:
        source = str(pattern.get("name_from") or "")
        text = ""
        if source.startswith("argument"):
            given = _argument(expr, source)
            text = self.objects.text(scope, given)[0] if given else ""
        elif source.startswith("attribute:"):
            owner = handler.receiver or handler.symbol
            while owner.rpartition(":")[2] and self.program.class_of(owner) is None:
                owner = owner.rpartition(".")[0] if "." in owner.rpartition(":")[2] else ""
            found = self.program.attribute(owner, source.removeprefix("attribute:").strip()) if owner else None
            text = (text_of(found[0]) or "") if found else ""
        text = text or handler.symbol.rpartition(":")[2]
        return str(pattern.get("name") or "{}").replace("{}", text)


def _argument(expr: Expr, said: str) -> Expr | None:
    """Return the argument that `argument 0` or `argument path` names."""
    wanted = said.removeprefix("argument").strip() or "0"
    if not is_call(expr):
        return None
    return argument(expr, int(wanted)) if wanted.isdigit() else argument(expr, -1, wanted)
