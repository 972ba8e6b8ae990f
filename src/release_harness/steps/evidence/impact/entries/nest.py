"""NestJS: controllers and their guards, resolvers, message patterns and schedules; a controller in no module is not mounted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.steps.evidence.impact.entries.call_routes import CHECKS, NOT_OURS
from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.nest_entries import ASKED, FRAMEWORK_NAME, Entries, Made
from release_harness.steps.evidence.impact.entries.nest_messages import LIBRARIES, edges_of, sends_in
from release_harness.steps.evidence.impact.entries.nest_settings import (
    Settings,
    settings_calls,
    settings_of,
    stands_before,
)
from release_harness.steps.evidence.impact.entries.nest_standing import (
    STRATEGY,
    guard_of,
    outer_of,
    strategy_name,
    symbols_of,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name, shown
from release_harness.steps.evidence.impact.expressions import walk
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT, Names, names_of, outer_name
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

OWNERS = frozenset({"Controller", "Resolver", "WebSocketGateway", "Processor", "Injectable", "Command", "SubCommand"})


class Nest:
    """Reads the decorators of NestJS."""

    name = FRAMEWORK_NAME
    languages = ECMASCRIPT
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note controllers, modules, the settings of the application and what is sent."""
        path, facts = file.path, file.facts
        modules = modules_of(facts.symbols)
        if (
            is_test_path(path)
            or NOT_OURS.search(path)
            or not any(each.startswith("@nestjs/") or each == "nest-commander" for each in modules)
        ):
            return
        for symbol in facts.symbols:
            scope = f"{path}:{symbol.qualname}"
            words = {last_name(each) for each in symbol.decorators}
            if words & OWNERS:
                yield Registration(self.name, "owner", scope, symbol.line, {})
            if any(last_name(each) == STRATEGY and each[0] == "c" for each in symbol.bases):
                yield Registration(self.name, "strategy", scope, symbol.line, {})
            if "Module" in words:
                yield Registration(self.name, "module", scope, symbol.line, {})
            for statement in symbol.body:
                for word, call in settings_calls(statement.value, configures=scope.endswith(".configure")):
                    yield Registration(self.name, "setting", scope, call[4], {"word": word, "call": call})
            if modules & LIBRARIES:
                for call in sends_in(symbol):
                    yield Registration(self.name, "sends", scope, call[4], {"call": call})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put controllers, modules and settings together."""
        names = names_of(program)
        listed, whole = self.listed(names, [each.scope for each in found if each.kind == "module"])
        settings = settings_of(names, found)
        entries = Entries(names, settings)
        made: list[Made] = []
        for each in found:
            if each.kind != "owner":
                continue
            for one in entries.of_class(each.scope):
                mounted: bool | None = each.scope in listed or (None if not whole else False)
                if not self.needs_module(names, each.scope):
                    mounted = True
                made.append(one._replace(entry=with_mount(one.entry, mounted)))
        made = [self.behind_middleware(names, each, settings) for each in made]
        unique = {(each.entry.key, each.entry.handler): each.entry for each in made}
        sends = [each for each in found if each.kind == "sends"]
        return Discovery(
            framework=self.name,
            entries=tuple(unique[key] for key in sorted(unique)),
            edges=tuple(dict.fromkeys(edges_of(names, sends, entries.takers))),
            around=(*self.around(names, made, settings), *self.strategies(names, made, found)),
        )

    def strategies(self, names: Names, made: Sequence[Made], found: Sequence[Registration]) -> Iterator[Around]:
        """Yield what Passport asks who somebody is, around every entry whose guard names that strategy."""
        for each in found:
            name = strategy_name(names, each.scope) if each.kind == "strategy" else ""
            keys = {one.entry.key for one in made if any(f'"{name}"' in guard.name for guard in one.entry.guards)}
            checks = names.find_member(each.scope, "validate") if name else ""
            if keys and checks:
                yield Around(f"{checks}.validate", "auth strategy", frozenset(keys))

    def around(self, names: Names, made: Sequence[Made], settings: Settings) -> Iterator[Around]:
        """Yield what stands around several entries, with their keys; what the application says for all, for all that are asked."""
        found: dict[tuple[SymbolId, str], set[str]] = {}
        for each in made:
            guards = [(guard.symbol, "guard") for guard in each.entry.guards if guard.source != "middleware"]
            for symbol, reason in (*guards, *each.around):
                if ":" in symbol:
                    found.setdefault((symbol, reason), set()).add(each.entry.key)
        for what, place, _ in settings.globally:
            if what != "guard":
                keys = {each.entry.key for each in made if each.entry.kind in ASKED}
                for symbol in symbols_of(names, place.scope, [place.expr]):
                    found.setdefault((symbol, what), set()).update(keys)
        for (symbol, reason), keys in sorted(found.items()):
            yield Around(symbol, reason, frozenset(keys))

    def behind_middleware(self, names: Names, made: Made, settings: Settings) -> Made:
        """Add the middleware that stands before a route; a check among it is a guard, and one that may stand there is not known."""
        if made.entry.kind != "http":
            return made
        entry = made.entry
        for each in settings.middleware:
            stands = stands_before(names, each, entry.registered_on, made.verb, made.path)
            checks = [one for one in each.given if CHECKS.search(shown(one.expr))]
            if stands is None:
                entry = replace(entry, guards_known=entry.guards_known and not each.given)
            elif stands:
                guards = [guard_of(names, one.scope, one.expr, (one.scope, one.line), "middleware") for one in checks]
                entry = replace(entry, guards=(*guards, *entry.guards))
            if stands is not False:
                found = [symbol for one in each.given for symbol in symbols_of(names, one.scope, [one.expr])]
                made = made._replace(around=(*made.around, *((symbol, "middleware") for symbol in found)))
        return made._replace(entry=entry)

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
