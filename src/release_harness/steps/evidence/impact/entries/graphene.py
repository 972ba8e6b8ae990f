"""Graphene: the fields of the root types, with the resolver or mutation class behind each and its permissions."""

import re
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
from release_harness.steps.evidence.impact.entries.reading import is_test_path, last_name, path_of
from release_harness.steps.evidence.impact.entries.routing import without_repeats
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

NAME = "Graphene"
OBJECT_TYPES = ("graphene.ObjectType", "graphene.types.ObjectType", "graphene.types.objecttype.ObjectType")
ROOT_NAME = re.compile(r"(Mutations?|Quer(y|ies)|Subscriptions?)$")
RUNS = ("mutate", "mutate_and_get_payload", "perform_mutation")


class GrapheneFramework:
    """Reads the root fields of graphene schemas."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()

    @property
    def runtime_dump(self) -> str:
        """Source of a function that asks the schema."""
        from release_harness.steps.evidence.impact.entries import dumps

        return dumps.GRAPHENE

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return the schemas and the views that serve them."""
        yield from collect_roots(file, NAME)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Read the fields of the root types through all their bases."""
        objects = Objects(program)
        reader = _Fields(objects)
        roots = [each for each in roots_of(objects, found) if program.is_a(each.owner, *OBJECT_TYPES)]
        if not roots:
            return Discovery(framework=NAME)
        entries = [entry for root in roots for entry in reader.of_root(root)]
        entries.extend(reader.left_out(roots))
        return Discovery(
            framework=NAME, entries=without_repeats(entries), around=tuple(dict.fromkeys(transports(objects, found)))
        )


class _Fields:
    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.guards = GuardReader(objects)

    def of_root(self, root: Root) -> Iterator[EntryPoint]:
        seen: set[str] = set()
        for owner in self._classes(root.owner):
            yield from self._of_class(root, owner, seen, mounted=True)

    def _classes(self, owner: SymbolId) -> list[SymbolId]:
        view = self.program.class_of(owner)
        return [owner, *(base for base in view.bases if ":" in base)] if view else []

    def left_out(self, roots: Sequence[Root]) -> Iterator[EntryPoint]:
        """Yield the fields of classes made to be part of a root that no root inherits from."""
        used = {base for root in roots for base in self._classes(root.owner)}
        for owner in self.program.subclasses(*OBJECT_TYPES):
            name = ROOT_NAME.search(owner)
            if owner in used or name is None or is_test_path(path_of(owner)):
                continue
            operation = {"M": "mutation", "Q": "query", "S": "subscription"}[name.group(1)[0]]
            for each in self._of_class(Root(operation, owner, owner, 0), owner, set(), mounted=False):
                if each.handler != owner:
                    yield each

    def _of_class(self, root: Root, owner: SymbolId, seen: set[str], *, mounted: bool) -> Iterator[EntryPoint]:
        symbol = self.program.symbol(owner)
        for statement in symbol.body if symbol else ():
            target, value = statement.target, statement.value
            if statement.kind != "set" or not target or target[0] != "n" or value is None or not is_call(value):
                continue
            attribute = str(target[1])
            if attribute in seen or attribute.startswith("_"):
                continue
            seen.add(attribute)
            handler, receiver, guards, known = self._field(root, owner, attribute, value, statement.line)
            name = text_of(argument(value, -1, "name")) or camel_case(attribute)
            yield EntryPoint(
                kind="graphql", name=f"{root.operation} {name}", framework=NAME, handler=handler, receiver=receiver,
                path=path_of(owner), line=statement.line, guards=guards, guards_known=known, registered_on=owner,
                mounted=mounted, why_not_mounted="" if mounted else "no root type of a schema inherits from its class",
            )  # fmt: skip

    def _field(
        self, root: Root, owner: SymbolId, attribute: str, value: Expr, line: int
    ) -> tuple[SymbolId, SymbolId, tuple[Guard, ...], bool]:
        guards, known = self._permissions(owner, argument(value, -1, "permissions"), line)
        if last_name(value) == "Field" and value[1][0] == "a":
            made = self.program.resolve(owner, value[1][1])
            if made.symbol and self.program.class_of(made.symbol) is not None:
                symbol, receiver, own, own_known = self._mutation(made.symbol)
                return symbol, receiver, merged(guards, own), known and own_known
        resolver = argument(value, -1, "resolver") or argument(value, -1, "resolve")
        if resolver is not None:
            handler = handler_of(self.objects, self.guards, owner, resolver, line)
            if handler.symbol:
                own = self.guards.of_decorators(handler.symbol)
                return handler.symbol, handler.receiver, merged(guards, handler.guards, own), known
        method = self.program.method(root.owner, f"resolve_{attribute}")
        if method is not None:
            return method[0], "", merged(guards, self.guards.of_decorators(method[0])), known
        return owner, "", guards, known

    def _mutation(self, owner: SymbolId) -> tuple[SymbolId, SymbolId, tuple[Guard, ...], bool]:
        guards: tuple[Guard, ...] = ()
        known = True
        for base in self._classes(owner):
            meta = self.program.symbol(f"{base}.Meta")
            said = (
                next((s.value for s in meta.body if s.kind == "set" and s.target == ["n", "permissions"]), None)
                if meta
                else None
            )
            if said is not None and meta is not None:
                guards, known = self._permissions(f"{base}.Meta", said, meta.line)
                break
        run = next((method for method in (self.program.method(owner, name) for name in RUNS) if method), None)
        if run is None:
            return owner, "", guards, known
        inner = self.program.method(owner, "perform_mutation")
        decorated = merged(self.guards.of_decorators(run[0]), self.guards.of_decorators(inner[0]) if inner else ())
        return run[0], owner if run[1] != owner else "", merged(guards, decorated), known

    def _permissions(self, scope: SymbolId, expr: Expr | None, line: int) -> tuple[tuple[Guard, ...], bool]:
        if expr is None:
            return (), True
        return self.guards.of_list(scope, expr, "permission class", line)
