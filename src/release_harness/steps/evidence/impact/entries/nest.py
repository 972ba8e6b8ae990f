"""NestJS: controllers and their guards, resolvers, message patterns and schedules; a controller in no module is not mounted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.call_routes import NOT_OURS, clean
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path, joined, last_name, shown
from release_harness.steps.evidence.impact.expressions import items_of, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT, Names, names_of, outer_name
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

VERBS = {
    "Get": "GET",
    "Post": "POST",
    "Put": "PUT",
    "Patch": "PATCH",
    "Delete": "DELETE",
    "Head": "HEAD",
    "Options": "OPTIONS",
    "All": "ANY",
    "Sse": "GET",
}
OTHERS = {
    "Query": "graphql",
    "Mutation": "graphql",
    "Subscription": "graphql",
    "MessagePattern": "consumer",
    "EventPattern": "consumer",
    "SubscribeMessage": "websocket",
    "Cron": "schedule",
    "Interval": "schedule",
    "Timeout": "schedule",
    "OnEvent": "event",
    "Process": "task",
    "Command": "cli",
}
OWNERS = frozenset({"Controller", "Resolver", "WebSocketGateway", "Processor", "Injectable", "Command", "SubCommand"})
GUARDS = frozenset(
    {
        "UseGuards",
        "Auth",
        "Roles",
        "Public",
        "Authenticated",
        "Permissions",
        "ApiKey",
        "Authorize",
        "RequirePermissions",
    }
)
WEAK = frozenset({"Public", "AllowAnonymous", "SkipAuth"})
BEFORE = frozenset({"UseInterceptors", "UsePipes", "UseFilters"})


class Nest:
    """Reads the decorators of NestJS."""

    name = "NestJS"
    languages = ECMASCRIPT
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note controllers, modules and the settings of the application."""
        path, facts = file.path, file.facts
        if (
            is_test_path(path)
            or NOT_OURS.search(path)
            or not any(each.startswith("@nestjs/") or each == "nest-commander" for each in modules_of(facts.symbols))
        ):
            return
        for symbol in facts.symbols:
            words = {last_name(each) for each in symbol.decorators}
            if words & OWNERS:
                yield Registration(self.name, "owner", f"{path}:{symbol.qualname}", symbol.line, {})
            if "Module" in words:
                yield Registration(self.name, "module", f"{path}:{symbol.qualname}", symbol.line, {})
            for statement in symbol.body:
                for each in walk(statement.value):
                    if each[0] == "c" and last_name(each[1]) in {
                        "apply",
                        "setGlobalPrefix",
                        "useGlobalGuards",
                        "enableVersioning",
                    }:
                        data = {"word": last_name(each[1]), "call": each}
                        yield Registration(self.name, "setting", f"{path}:{symbol.qualname}", each[4], data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put controllers, modules and settings together."""
        names = names_of(program)
        listed, whole = self.listed(names, [each.scope for each in found if each.kind == "module"])
        prefix, guards = self.settings(names, found)
        guards = (*guards, *self.provided(names, found))
        entries: list[EntryPoint] = []
        around: dict[SymbolId, set[str]] = {}
        for each in found:
            if each.kind != "owner":
                continue
            for entry in self.of_class(names, each.scope, prefix, guards):
                mounted: bool | None = each.scope in listed or (None if not whole else False)
                if not self.needs_module(names, each.scope):
                    mounted = True
                entries.append(with_mount(entry, mounted))
                for guard in entry.guards:
                    if ":" in guard.symbol:
                        around.setdefault(guard.symbol, set()).add(entry.key)
        unique = {(each.key, each.handler): each for each in entries}
        made = [Around(symbol, "guard", frozenset(keys)) for symbol, keys in sorted(around.items())]
        middleware = self.middleware(names, found)
        made.extend(Around(each, "middleware") for each in middleware)
        if middleware:
            unique = {key: replace(each, guards_known=False) for key, each in unique.items()}
        return Discovery(framework=self.name, entries=tuple(unique[key] for key in sorted(unique)), around=tuple(made))

    def middleware(self, names: Names, found: Sequence[Registration]) -> list[SymbolId]:
        """Return what `consumer.apply(…)` puts before routes; which routes it stands before is not read, so guards are not known."""
        symbols = {
            names.resolve(each.scope, one).symbol
            for each in found
            if each.kind == "setting" and each.data["word"] == "apply"
            for one in each.data["call"][2]
        }
        return sorted(each for each in symbols if names.is_class(each) or names.symbol(each) is not None)

    def needs_module(self, names: Names, owner: SymbolId) -> bool:
        """Tell whether a class only runs when a module lists it."""
        symbol = names.symbol(owner)
        return symbol is not None and any(
            last_name(each) in {"Controller", "Resolver", "WebSocketGateway"} for each in symbol.decorators
        )

    def listed(self, names: Names, modules: Sequence[SymbolId]) -> tuple[set[SymbolId], bool]:
        """Return every class that modules list, and whether all of the lists could be read."""
        found: set[SymbolId] = set()
        whole = bool(modules)
        for module in modules:
            symbol = names.symbol(module)
            for decorator in symbol.decorators if symbol is not None else ():
                for each in walk(decorator):
                    if each[0] in {"n", "a"}:
                        value = names.resolve(outer_of(module), each)
                        if value.symbol:
                            found.add(value.symbol)
                            found.update(self.behind(names, value.symbol))
                    elif each[0] == "*":
                        target = names.resolve(outer_of(module), each[1])
                        inner = self.behind(names, target.symbol) if target.symbol else set()
                        whole = whole and bool(inner)
        return found, whole

    def behind(self, names: Names, symbol: SymbolId) -> set[SymbolId]:
        """Return the classes in a list that a name stands for."""
        path, _, qualname = symbol.rpartition(":")
        scope = names.scope(f"{path}:{outer_name(qualname)}")
        bound = scope.bound.get(qualname.rpartition(".")[2]) if scope is not None and qualname else None
        value = bound.statement.value if bound is not None and bound.statement is not None else None
        if value is None or value[0] not in {"l", "d", "b"}:
            return set()
        values = [names.resolve(f"{path}:", each) for each in walk(value) if each[0] in {"n", "a"}]
        return {each.symbol for each in values if each.symbol}

    def settings(self, names: Names, found: Sequence[Registration]) -> tuple[str, tuple[Guard, ...]]:
        """Return the prefix of all routes and the guards before all of them."""
        prefix = ""
        guards: list[Guard] = []
        for each in found:
            if each.kind != "setting":
                continue
            call: Expr = each.data["call"]
            if each.data["word"] == "setGlobalPrefix" and call[2]:
                told = text_of(call[2][0]) or names.resolve(each.scope, call[2][0]).text
                prefix = told or "{prefix}"
            elif each.data["word"] == "useGlobalGuards":
                guards.extend(self.guard(names, each.scope, one, each.line, "hook") for one in call[2])
        return prefix, tuple(guards)

    def provided(self, names: Names, found: Sequence[Registration]) -> Iterator[Guard]:
        """Yield the guards that modules provide for everything as `APP_GUARD`."""
        for each in found:
            symbol = names.symbol(each.scope) if each.kind == "module" else None
            for decorator in symbol.decorators if symbol is not None else ():
                for one in walk(decorator):
                    pairs = {key[1]: value for key, value in one[1] if key and key[0] == "s"} if one[0] == "d" else {}
                    if pairs.get("provide") == ["n", "APP_GUARD"] and "useClass" in pairs:
                        yield self.guard(names, each.scope, pairs["useClass"], each.line, "settings")

    def of_class(self, names: Names, owner: SymbolId, prefix: str, outer: tuple[Guard, ...]) -> Iterator[EntryPoint]:
        """Yield the entries of one class, inherited methods too."""
        symbol = names.symbol(owner)
        if symbol is None:
            return
        own = (*outer, *self.guards(names, owner, symbol))
        bases, version = self.controller(names, owner, symbol)
        seen: set[str] = set()
        for each in names.lineage(owner):
            scope = names.scope(each) if ":" in each else None
            for name, bound in scope.bound.items() if scope is not None else ():
                if bound.symbol is None or name in seen:
                    continue
                seen.add(name)
                method = f"{each}.{name}"
                for decorator in bound.symbol.decorators:
                    word = last_name(decorator)
                    if word in VERBS and bases:
                        for base in bases:
                            for path in self.paths(names, owner, decorator):
                                whole = clean(joined(prefix, version, base, path))
                                yield self.entry(
                                    names, "http", f"{VERBS[word]} {whole}", owner, method, bound.symbol, own
                                )
                    elif word in OTHERS and (word != "Query" or not bases):
                        label = self.label(decorator, bound.symbol, word)
                        yield self.entry(names, OTHERS[word], label, owner, method, bound.symbol, own)

    def controller(self, names: Names, owner: SymbolId, symbol: Symbol) -> tuple[list[str], str]:
        """Return the paths of a controller and its version; no path for what is no controller."""
        for each in symbol.decorators:
            if last_name(each) != "Controller":
                continue
            if each[0] != "c" or not each[2]:
                return [""], ""
            given = each[2][0]
            if given[0] == "d":
                pairs = {key[1]: value for key, value in given[1] if key and key[0] == "s"}
                version = text_of(pairs.get("version"))
                return self.texts(names, owner, pairs.get("path")), f"v{version}" if version else ""
            return self.texts(names, owner, given), ""
        return [], ""

    def texts(self, names: Names, owner: SymbolId, expr: Expr | None) -> list[str]:
        """Return one or several paths."""
        if expr is None:
            return [""]
        several = items_of(expr)
        given = several if several is not None else [expr]
        told = [(text_of(each), names.resolve(outer_of(owner), each).text) for each in given]
        return [text if text is not None else resolved or "{…}" for text, resolved in told]

    def paths(self, names: Names, owner: SymbolId, decorator: Expr) -> list[str]:
        """Return the paths of one method."""
        return self.texts(names, owner, decorator[2][0]) if decorator[0] == "c" and decorator[2] else [""]

    def label(self, decorator: Expr, symbol: Symbol, word: str) -> str:
        """Return what an entry that is no route is called."""
        short = symbol.qualname.rpartition(".")[2]
        texts = [text_of(each) for each in walk(decorator) if each[0] == "s"]
        if OTHERS[word] == "graphql":
            named = next(
                (
                    text_of(value)
                    for each in walk(decorator)
                    if each[0] == "d"
                    for key, value in each[1]
                    if key == ["s", "name"]
                ),
                None,
            )
            return f"{word.lower()} {named or short}"
        if OTHERS[word] in {"schedule", "task"}:
            return f"{symbol.qualname} {' '.join(each for each in texts if each)}".strip()
        return (
            next((each for each in texts if each), None)
            or shown(decorator[2][0] if decorator[0] == "c" and decorator[2] else decorator)
            or short
        )

    def entry(
        self,
        names: Names,
        kind: str,
        name: str,
        owner: SymbolId,
        method: SymbolId,
        symbol: Symbol,
        outer: tuple[Guard, ...],
    ) -> EntryPoint:
        """Return one entry."""
        guards = (*outer, *self.guards(names, method, symbol))
        return EntryPoint(
            kind=kind,
            name=name,
            framework=self.name,
            handler=method,
            path=method.rpartition(":")[0],
            line=symbol.line,
            receiver=owner if not method.startswith(owner + ".") else "",
            guards=guards,
            registered_on=owner,
        )

    def guards(self, names: Names, scope: SymbolId, symbol: Symbol) -> Iterator[Guard]:
        """Yield the guards of a class or a method; a decorator that says so in its name counts."""
        for each in symbol.decorators:
            word = last_name(each)
            if word == "UseGuards" and each[0] == "c":
                for one in each[2]:
                    yield self.guard(names, scope, one, each[4], "decorator")
            elif word in GUARDS or word in WEAK:
                guard = self.guard(names, scope, each, symbol.line, "decorator")
                yield guard

    def guard(self, names: Names, scope: SymbolId, expr: Expr, line: int, source: str) -> Guard:
        """Return one guard."""
        inner = expr
        while inner[0] == "c":
            inner = inner[1]
        found = names.resolve(outer_of(scope), inner)
        return Guard(
            name=shown(expr),
            source=source,
            symbol=found.symbol or found.external,
            path=scope.rpartition(":")[0],
            line=line,
            weak=last_name(expr) in WEAK,
        )


def outer_of(scope: SymbolId) -> SymbolId:
    """Return the module of a scope, in which decorators are evaluated."""
    return scope.rpartition(":")[0] + ":"


def modules_of(symbols: Sequence[Symbol]) -> set[str]:
    """Return the names of all imported modules."""
    return {each.module for symbol in symbols for each in symbol.imports}


def with_mount(entry: EntryPoint, mounted: bool | None) -> EntryPoint:  # noqa: FBT001 - three answers
    """Return an entry with what is known of the module that lists its class."""
    short = entry.registered_on.rpartition(":")[2]
    why = (
        ""
        if mounted
        else f"no module lists `{short}`"
        if mounted is False
        else "a list of some module could not be read"
    )
    return replace(entry, mounted=mounted, why_not_mounted=why)


FRAMEWORK = Nest()
