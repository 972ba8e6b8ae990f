"""Spring: controllers with their mappings, functional routes, listeners, schedules and runners, and what stands before them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.call_routes import NOT_OURS, clean
from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.reading import index_of, is_test_path, joined, last_name, shown
from release_harness.steps.evidence.impact.entries.spring_around import (
    ADVICE,
    FILTERS,
    LISTENER,
    PUBLISHES,
    RUNNERS,
    around_of,
    base_names,
    event_edges,
    event_of,
)
from release_harness.steps.evidence.impact.entries.spring_functional import FunctionalRoutes
from release_harness.steps.evidence.impact.entries.spring_routes import imports_it
from release_harness.steps.evidence.impact.entries.spring_security import STARTS, Matchers
from release_harness.steps.evidence.impact.entries.spring_words import element, texts
from release_harness.steps.evidence.impact.expressions import items_of
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names, names_of, outer_name
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

CONTROLLERS = frozenset({"RestController", "Controller", "RepositoryRestController", "FeignClient"})
MAPPINGS = {
    "GetMapping": "GET",
    "PostMapping": "POST",
    "PutMapping": "PUT",
    "PatchMapping": "PATCH",
    "DeleteMapping": "DELETE",
    "RequestMapping": "",
}
GUARDS = frozenset({
    "PreAuthorize", "PostAuthorize", "Secured", "RolesAllowed", "PermitAll", "DenyAll", "RequiresPermissions",
    "RequiresRoles", "SaCheckLogin", "SaCheckPermission", "SaCheckRole", "PreFilter",
})  # fmt: skip
WEAK = frozenset({"PermitAll"})
LISTENERS = {
    "KafkaListener": ("consumer", ("topics", "value", "topicPattern")),
    "RabbitListener": ("consumer", ("queues", "value")),
    "JmsListener": ("consumer", ("destination",)),
    "SqsListener": ("consumer", ("value", "queueNames")),
    "EventListener": ("event", ("value", "classes")),
    "TransactionalEventListener": ("event", ("value", "classes")),
    "Scheduled": ("schedule", ("cron", "fixedRate", "fixedDelay", "fixedRateString", "fixedDelayString")),
    "MessageMapping": ("websocket", ("value",)),
    "QueryMapping": ("graphql", ("value", "name")),
    "MutationMapping": ("graphql", ("value", "name")),
}
WANTED_BASES = FILTERS.keys() | RUNNERS.keys() | {LISTENER}
MADE = "PostConstruct"
WANTED = CONTROLLERS | MAPPINGS.keys() | LISTENERS.keys() | {"GraphQlRepository", MADE}


class Spring:
    """Reads the annotations of Spring in Java and Kotlin."""

    name = "Spring"
    languages = frozenset({"java", "kotlin"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note what registers something: annotated classes and methods, functional routes, matchers, filters, events."""
        path = file.path
        if is_test_path(path) or NOT_OURS.search(path) or "/src/test/" in f"/{path}":
            return
        for symbol in file.facts.symbols:
            scope = f"{path}:{symbol.qualname}"
            if any(last_name(each) in WANTED for each in symbol.decorators):
                yield Registration(self.name, "annotated", scope, symbol.line, {"kind": symbol.kind})
            if symbol.kind == "class" and (base_names(symbol) & WANTED_BASES or has_advice(symbol)):
                yield Registration(self.name, "class", scope, symbol.line, {})
        if imports_it(file.imports):
            yield Registration(self.name, "functional", f"{path}:", 1, {})
        calls = index_of(file.facts).calls
        rules = [each.scope for word in sorted(STARTS & calls.keys()) for each in calls[word]]
        for qualname in dict.fromkeys(each.qualname for each in rules):
            yield Registration(self.name, "matchers", f"{path}:{qualname}", 1, {})
        for each in calls.get(PUBLISHES, ()):
            if each.call[2]:
                data = {"event": each.call[2][0]}
                yield Registration(self.name, "published", f"{path}:{each.scope.qualname}", each.call[4], data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put the mappings of classes and methods together with functional routes, and the matchers before both."""
        names = names_of(program)
        entries: dict[tuple[str, SymbolId, int], EntryPoint] = {}
        functional = [each.scope[:-1] for each in found if each.kind == "functional"]
        matchers = Matchers(names, [each.scope for each in found if each.kind == "matchers"])
        classes = [(each.scope, names.symbol(each.scope)) for each in found if each.kind == "class"]
        for each in (
            *self.annotated(names, [each for each in found if each.kind == "annotated"]),
            *FunctionalRoutes(names, functional).entries(self.name),
            *(one for scope, symbol in classes if symbol for one in self.of_class(names, scope, symbol)),
        ):
            entries.setdefault((each.key, each.handler, each.line), guarded(each, matchers))
        kept = tuple(entries[key] for key in sorted(entries))
        sent = [(each.scope, each.line, each.data["event"]) for each in found if each.kind == "published"]
        return Discovery(
            framework=self.name,
            entries=kept,
            edges=tuple(event_edges(names, sent, self.heard(names, kept))),
            around=tuple(
                one._replace(entries=frozenset(each.key for each in kept if each.kind == "http"))
                for scope, symbol in classes
                if symbol
                for one in around_of(names, scope, symbol)
            ),
        )

    def annotated(self, names: Names, found: Sequence[Registration]) -> Iterator[EntryPoint]:
        """Yield the entries of annotated classes and methods."""
        owners = {each.scope for each in found if each.data["kind"] not in {"function", "async"}}
        for one in found:
            if one.data["kind"] in {"function", "async"}:
                scope = one.scope
                symbol = self.overload(names, scope, one.line)
                path, _, qualname = scope.rpartition(":")
                owner = f"{path}:{outer_name(qualname)}"
                yield from self.of_method(names, scope, owner, symbol) if symbol is not None else ()
        for owner in sorted(owners):
            yield from self.of_interfaces(names, owner)

    def of_class(self, names: Names, owner: SymbolId, symbol: Symbol) -> Iterator[EntryPoint]:
        """Yield the entries of a class by what it implements: listeners of events, and runners at the start."""
        starts = dict.fromkeys((RUNNERS[each] for each in sorted(base_names(symbol) & RUNNERS.keys())), "at the start")
        for name, word in {"onApplicationEvent": event_of(symbol), **starts}.items():
            if word and names.find_member(owner, name) == owner:
                yield EntryPoint(
                    kind="event",
                    name=f"{symbol.qualname}.{name} {word}",
                    framework=self.name,
                    handler=f"{owner}.{name}",
                    path=owner.rpartition(":")[0],
                    line=symbol.line,
                )

    def heard(self, names: Names, entries: Sequence[EntryPoint]) -> list[tuple[SymbolId, SymbolId]]:
        """Return (handler, class of the event) of every listener whose event is a class of the repository."""
        found = []
        for each in entries:
            for word in each.name.split()[1:] if each.kind == "event" else ():
                value = names.resolve(each.handler, ["n", word])
                if ":" in value.symbol:
                    found.append((each.handler, value.symbol))
        return found

    def overload(self, names: Names, scope: SymbolId, line: int) -> Symbol | None:
        """Return the method on a line: several of one class may share a name."""
        path, _, qualname = scope.rpartition(":")
        module = names.module(path)
        symbols = module.facts.symbols if module is not None else ()
        return next((each for each in symbols if each.line == line and each.qualname == qualname), None)

    def of_interfaces(self, names: Names, owner: SymbolId) -> Iterator[EntryPoint]:
        """Yield the mappings that a controller inherits from its interfaces and base classes."""
        if not self.is_controller(names, owner):
            return
        scope = names.scope(owner)
        own = set(scope.bound) if scope is not None else set()
        for base in names.lineage(owner)[1:]:
            above = names.scope(base) if ":" in base else None
            for name, bound in above.bound.items() if above is not None else ():
                if bound.symbol is None or not any(last_name(each) in MAPPINGS for each in bound.symbol.decorators):
                    continue
                method = f"{owner if name in own else base}.{name}"
                yield from self.routes(names, method, owner, bound.symbol, base)

    def is_controller(self, names: Names, owner: SymbolId) -> bool:
        """Tell whether a class is a controller; meta annotations of the repository count."""
        symbol = names.symbol(owner)
        for each in symbol.decorators if symbol is not None else ():
            name = last_name(each)
            if name in CONTROLLERS and name != "FeignClient":
                return True
            made = names.resolve(owner, each[1] if each[0] == "c" else each)
            meta = names.symbol(made.symbol) if made.symbol else None
            if meta is not None and any(last_name(one) in CONTROLLERS for one in meta.decorators):
                return True
        return False

    def of_method(self, names: Names, scope: SymbolId, owner: SymbolId, symbol: Symbol) -> Iterator[EntryPoint]:
        """Yield the entries of one annotated method."""
        if self.is_controller(names, owner):
            yield from self.routes(names, scope, owner, symbol, owner)
        for each in symbol.decorators:
            if last_name(each) in LISTENERS:
                yield self.listener(names, scope, symbol, each)
            elif last_name(each) == MADE:
                short = symbol.qualname.replace(".<locals>", "")
                yield EntryPoint(
                    kind="event",
                    name=f"{short} at the start",
                    framework=self.name,
                    handler=scope,
                    path=scope.rpartition(":")[0],
                    line=symbol.line,
                )

    def listener(self, names: Names, scope: SymbolId, symbol: Symbol, decorator: Expr) -> EntryPoint:
        """Return the entry of a listener or a schedule."""
        kind, keys = LISTENERS[last_name(decorator)]
        words = [text for key in keys for text in texts(names, scope, element(decorator, key))]
        short = symbol.qualname.replace(".<locals>", "")
        if kind == "event" and not words and symbol.parameters:
            words = [last_name(symbol.parameters[0].annotation) or ""]
        name = (
            f"{short} {' '.join(words)}".strip()
            if kind in {"schedule", "event", "graphql"}
            else " ".join(words) or short
        )
        return EntryPoint(
            kind=kind,
            name=name,
            framework=self.name,
            handler=scope,
            path=scope.rpartition(":")[0],
            line=symbol.line,
            guards=self.guards(scope, symbol),
        )

    def routes(
        self, names: Names, method: SymbolId, owner: SymbolId, symbol: Symbol, written: SymbolId
    ) -> Iterator[EntryPoint]:
        """Yield the routes of one method under every prefix of its class."""
        for decorator in symbol.decorators:
            word = last_name(decorator)
            if word not in MAPPINGS:
                continue
            verbs = [MAPPINGS[word]] if MAPPINGS[word] else self.methods(decorator) or ["ANY"]
            for prefix in self.prefixes(names, owner):
                for path in self.paths(names, written, decorator) or [""]:
                    for verb in verbs:
                        yield self.route(names, method, owner, symbol, f"{verb} {clean(joined(prefix, path))}")

    def route(self, names: Names, method: SymbolId, owner: SymbolId, symbol: Symbol, name: str) -> EntryPoint:
        """Return one route with the guards of its class and of itself."""
        above = names.symbol(owner)
        outer = self.guards(owner, above) if above is not None else ()
        own = self.guards(method, symbol)
        return EntryPoint(
            kind="http",
            name=name,
            framework=self.name,
            handler=method,
            path=method.rpartition(":")[0],
            line=symbol.line,
            receiver=owner if not method.startswith(owner + ".") else "",
            guards=own if own and all(each.name.startswith("PreAuthorize") for each in outer) else (*outer, *own),
            registered_on=owner,
        )

    def guards(self, scope: SymbolId, symbol: Symbol) -> tuple[Guard, ...]:
        """Return the security annotations of a class or a method."""
        path = scope.rpartition(":")[0]
        return tuple(
            Guard(
                name=shown(each),
                source="decorator",
                symbol=last_name(each),
                path=path,
                line=symbol.line,
                weak=last_name(each) in WEAK or "permitAll" in shown(each),
            )
            for each in symbol.decorators
            if last_name(each) in GUARDS
        )

    def prefixes(self, names: Names, owner: SymbolId) -> list[str]:
        """Return the paths that a class puts before those of its methods; inherited where it says none itself."""
        for each in names.lineage(owner):
            symbol = names.symbol(each) if ":" in each else None
            for decorator in symbol.decorators if symbol is not None else ():
                if last_name(decorator) == "RequestMapping":
                    return self.paths(names, each, decorator) or [""]
        return [""]

    def methods(self, decorator: Expr) -> list[str]:
        """Return the methods that `@RequestMapping(method = …)` names."""
        given = element(decorator, "method")
        several = items_of(given) if given is not None else None
        return [last_name(each) for each in (several if several is not None else [given] if given is not None else [])]

    def paths(self, names: Names, scope: SymbolId, decorator: Expr) -> list[str]:
        """Return the paths that a mapping names."""
        for key in ("value", "path"):
            found = texts(names, scope, element(decorator, key))
            if found:
                return found
        return []


def has_advice(symbol: Symbol) -> bool:
    """Tell whether a class handles the faults of controllers."""
    return any(last_name(each) in ADVICE for each in symbol.decorators)


def guarded(entry: EntryPoint, matchers: Matchers) -> EntryPoint:
    """Return a route with the check that the filter chain puts before its address."""
    if entry.kind != "http":
        return entry
    before, known = matchers.guards(entry.name)
    reads = entry.name.partition(" ")[0] in {"GET", "HEAD", "OPTIONS"}
    guards = (*before, *entry.guards, *(() if reads else matchers.opened[:1]))
    return replace(entry, guards=guards, guards_known=entry.guards_known and known)


FRAMEWORK = Spring()
