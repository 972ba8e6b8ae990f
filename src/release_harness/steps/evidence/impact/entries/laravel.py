"""Laravel: routes, artisan commands and queued jobs."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.laravel_routes import RouteFiles
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import FileFacts
from release_harness.steps.evidence.impact.lexical.other_languages import Names, names_of
from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

COMMAND = "Illuminate\\Console\\Command"
QUEUED = "Illuminate\\Contracts\\Queue\\ShouldQueue"


class Laravel:
    """Reads the routes folder, providers, commands and jobs."""

    name = "Laravel"
    languages = frozenset({"php"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note the files that register something."""
        path, facts = file.path, file.facts
        if is_test_path(path) or path.startswith("vendor/") or "/vendor/" in path:
            return
        if self.has_routes(facts):
            kind = "routes" if "routes" in path.lower().split("/")[:-1] else "provider"
            yield Registration(self.name, kind, f"{path}:", 1, {})
        for symbol in facts.symbols:
            if symbol.kind == "class" and symbol.bases:
                yield Registration(self.name, "class", f"{path}:{symbol.qualname}", symbol.line, {})

    def has_routes(self, facts: FileFacts) -> bool:
        """Tell whether a file calls `Route::…` or hands route files to the application."""
        return any(
            each[0] == "a" and each[1] == ["n", "Route"]
            for symbol in facts.symbols
            for statement in symbol.body
            for each in walk(statement.value)
        ) or any(
            "routes/" in str(each[1])
            for symbol in facts.symbols
            for statement in symbol.body
            for each in walk(statement.value)
            if each[0] == "s"
        )

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Put routes, groups and middleware together."""
        names = names_of(program)
        reader = RouteFiles(names, [each.scope.rpartition(":")[0] for each in found if each.kind == "provider"])
        entries: list[EntryPoint] = []
        around: dict[SymbolId, set[str]] = {}
        for each in found:
            path = each.scope.rpartition(":")[0]
            if each.kind == "routes":
                made = reader.entries(path)
            elif each.kind == "class":
                made = list(self.of_class(names, each.scope))
            else:
                made = reader.own_entries(path)
            entries.extend(made)
            for entry in made:
                for guard in entry.guards:
                    if ":" in guard.symbol:
                        around.setdefault(guard.symbol, set()).add(entry.key)
        unique = {(each.key, each.handler): each for each in entries}
        checks = tuple(Around(symbol, "middleware", frozenset(keys)) for symbol, keys in sorted(around.items()))
        return Discovery(framework=self.name, entries=tuple(unique[key] for key in sorted(unique)), around=checks)

    def of_class(self, names: Names, owner: SymbolId) -> Iterator[EntryPoint]:
        """Yield the entry of an artisan command or of a queued job."""
        lineage = names.lineage(owner)
        symbol = names.symbol(owner)
        if symbol is None:
            return
        if COMMAND in lineage:
            signature = next(
                (
                    text_of(each.value)
                    for each in symbol.body
                    if each.kind == "set" and each.target in (["n", "signature"], ["n", "name"])
                ),
                None,
            )
            if signature:
                yield self.other(names, "cli", f"artisan {signature.split()[0]}", owner, symbol.line)
        elif QUEUED in lineage:
            yield self.other(names, "task", symbol.qualname, owner, symbol.line)

    def other(self, names: Names, kind: str, name: str, owner: SymbolId, line: int) -> EntryPoint:
        """Return an entry that is no route; `handle` is what runs."""
        found = names.find_member(owner, "handle")
        handler = f"{found}.handle" if found else owner
        return EntryPoint(
            kind=kind, name=name, framework=self.name, handler=handler, path=owner.rpartition(":")[0], line=line
        )


FRAMEWORK = Laravel()
