"""Strawberry: the fields of the root types, with their resolvers and permission classes."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.graphql_roots import (
    Root,
    camel_case,
    collect_roots,
    roots_of,
    transports,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader, merged
from release_harness.steps.evidence.impact.entries.handlers import handler_of
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import last_name, path_of
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

NAME = "Strawberry"
LIBRARIES = ("strawberry", "strawberry_django")
FIELDS = frozenset(
    {"field", "mutation", "subscription", "create", "update", "delete", "input_mutation", "connection", "node"}
)


class StrawberryFramework:
    """Reads the root fields of strawberry schemas."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the schema."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.STRAWBERRY

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return the schemas and the views that serve them."""
        yield from collect_roots(file, NAME)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Read the fields of the root types through all their bases."""
        reader = _Fields(Objects(program))
        roots = [each for each in roots_of(reader.objects, found) if reader.is_type(each.owner)]
        entries = without_repeats(entry for root in roots for entry in reader.of_root(root))
        around = tuple(dict.fromkeys(transports(reader.objects, found))) if entries else ()
        return Discovery(framework=NAME, entries=entries, around=around)


class _Fields:
    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.guards = GuardReader(objects)

    def is_type(self, owner: SymbolId) -> bool:
        scope = self.guards.scope_around(owner)
        symbol = self.program.symbol(owner)
        return any(
            last_name(each) in {"type", "interface", "federation_type"} and self._is_ours(scope, each)
            for each in (symbol.decorators if symbol else ())
        )

    def _is_ours(self, scope: SymbolId, expr: Expr) -> bool:
        return self.guards.checker(scope, expr).partition(".")[0] in LIBRARIES

    def of_root(self, root: Root) -> Iterator[EntryPoint]:
        view = self.program.class_of(root.owner)
        seen: set[str] = set()
        for owner in [root.owner, *(base for base in (view.bases if view else ()) if ":" in base)]:
            for name, handler, made, line in self._fields(owner):
                if name in seen:
                    continue
                seen.add(name)
                guards, known = self._permissions(owner, made, line)
                said = text_of(argument(made, -1, "name")) if made and is_call(made) else None
                own = self.guards.of_decorators(handler) if handler != owner else ()
                yield EntryPoint(
                    kind="graphql", name=f"{root.operation} {said or camel_case(name)}", framework=NAME, handler=handler,
                    path=path_of(owner), line=line, guards=merged(guards, own), guards_known=known, registered_on=owner,
                )  # fmt: skip

    def _fields(self, owner: SymbolId) -> Iterator[tuple[str, SymbolId, Expr | None, int]]:
        view = self.program.class_of(owner)
        for name, method in (view.methods if view else {}).items():
            symbol = self.program.symbol(method)
            for each in symbol.decorators if symbol else ():
                if symbol and last_name(each) in FIELDS and self._is_ours(owner, each):
                    yield name, method, each, symbol.line
        symbol = self.program.symbol(owner)
        for statement in symbol.body if symbol else ():
            value, target = statement.value, statement.target
            if statement.kind != "set" or value is None or not is_call(value) or not target or target[0] != "n":
                continue
            if last_name(value) not in FIELDS or not self._is_ours(owner, value):
                continue
            resolver = argument(value, 0 if last_name(value) != "create" else -1, "resolver")
            handler = handler_of(self.objects, self.guards, owner, resolver, statement.line) if resolver else None
            yield str(target[1]), (handler.symbol if handler else "") or owner, value, statement.line

    def _permissions(self, owner: SymbolId, made: Expr | None, line: int) -> tuple[tuple[Guard, ...], bool]:
        if made is None or not is_call(made):
            return (), True
        given = argument(made, -1, "permission_classes")
        guards, known = self.guards.of_list(owner, given, "permission class", line) if given else ((), True)
        extensions, told = self.objects.items(owner, argument(made, -1, "extensions"))
        more: list[Guard] = []
        for there, each in extensions:
            if self.guards.is_guard(there, each) or "Permission" in last_name(each):
                more.append(self.guards.guard(there, each, "permission class", line))
        return merged(guards, more), known and told
