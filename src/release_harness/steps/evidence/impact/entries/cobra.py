"""Commands of cobra: the tree that `AddCommand` builds; a command that nothing adds cannot be run."""

from collections.abc import Iterable, Sequence

from release_harness.steps.evidence.impact.entries.call_routes import CallFramework, Found, parameter_of
from release_harness.steps.evidence.impact.entries.contract import Around, Discovery, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.reading import shown
from release_harness.steps.evidence.impact.entries.router_shapes import Dialect, Mount, Ref
from release_harness.steps.evidence.impact.entries.routers import owner_of
from release_harness.steps.evidence.impact.expressions import text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.lexical.other_languages import names_of
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard, SymbolId

COMMAND = "github.com/spf13/cobra.Command"
RUNS = ("RunE", "Run")
BEFORE = ("PersistentPreRunE", "PersistentPreRun", "PreRunE", "PreRun")
STARTS = frozenset({"Execute", "ExecuteC", "ExecuteContext", "ExecuteContextC"})
WAYS_LIMIT = 20
STANDS = "="
"""Marks that a parameter stands for a command, where routers keep the prefix of a mount."""


class Cobra(CallFramework):
    """Reads `cobra.Command{…}` and `parent.AddCommand(child)`."""

    name = "Cobra"
    languages = frozenset({"go"})
    modules = ("github.com/spf13/cobra",)
    words = frozenset({"AddCommand", *STARTS})
    dialect = Dialect(frozenset(), frozenset({COMMAND}), frozenset(), frozenset())

    def looks_so(self, call: Expr) -> bool:
        """Tell whether a call looks like a registration without knowing what it is called on."""
        return call[1][2] in self.words

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Read the commands of all files and name each by the way that leads to it."""
        if not any(each.data.get("imports") for each in found):
            return Discovery(framework=self.name)
        names = names_of(program)
        state = Found(names, self.dialect)
        for path in sorted({each.scope.rpartition(":")[0] for each in found}):
            module = names.module(path)
            for symbol in module.facts.symbols if module is not None else ():
                scope = f"{path}:{symbol.qualname}"
                self.read_symbol(state, scope, symbol)
                for statement in symbol.body:
                    state.routers.refs(scope, statement.target if statement.kind == "set" else statement.value)
        return self.commands(state)

    def read_call(self, state: Found, scope: SymbolId, call: Expr) -> None:
        """Read `AddCommand` and `Execute`."""
        function = call[1]
        if function[0] != "a" or function[2] not in self.words:
            return
        for parent in state.routers.refs(scope, function[1]):
            if function[2] in STARTS:
                state.routers.kinds[parent.node] = "root"
            for each in call[2] if function[2] == "AddCommand" else ():
                for child in state.routers.refs(scope, each[1] if each[0] == "*" else each):
                    state.routers.mount(child, Mount(parent, "", (), scope, call[4]))

    def commands(self, state: Found) -> Discovery:
        """Return an entry for each command that runs something."""
        entries: dict[str, EntryPoint] = {}
        around: set[SymbolId] = set()
        for node, (scope, call) in sorted(state.routers.made.items()):
            handler = next((call[3][each] for each in RUNS if each in call[3]), None) or self.set_later(state, node)
            if handler is None:
                continue
            symbol, confidence = self.handler(state, scope, handler[1] if handler[0] == "set" else handler)
            for way, mounted in self.ways(state, node, frozenset()):
                guards = tuple(self.checks(state, way))
                around.update(each.symbol for each in guards if ":" in each.symbol)
                entry = self.command(state, way, mounted, symbol, confidence, guards)
                known = entries.get(entry.key)
                if known is None or (not known.mounted and entry.mounted):
                    entries[entry.key] = entry
        found = tuple(entries[key] for key in sorted(entries))
        made = tuple(Around(each, "hook before commands") for each in sorted(around))
        return Discovery(framework=self.name, entries=found, around=made)

    def command(
        self,
        state: Found,
        way: tuple[str, ...],
        mounted: bool | None,  # noqa: FBT001 - three answers
        symbol: SymbolId,
        confidence: Confidence,
        guards: tuple[Guard, ...],
    ) -> EntryPoint:
        """Return the entry of one command by the way that leads to it."""
        scope, call = state.routers.made[way[-1]]
        named = " ".join(filter(None, (self.word(state, each) for each in way)))
        return EntryPoint(
            kind="cli",
            name=named or "(root)",
            framework=self.name,
            handler=symbol,
            path=scope.rpartition(":")[0],
            line=call[4],
            guards=guards,
            mounted=mounted,
            registered_on=way[-1].partition("@")[0],
            why_not_mounted="" if mounted else f"nothing adds the command `{named}` to another one or executes it",
            confidence=confidence,
        )

    def word(self, state: Found, node: str) -> str:
        """Return the first word of `Use`."""
        made = state.routers.made.get(node)
        use = made[1][3].get("Use") if made is not None else None
        text = (state.routers.text(made[0], use) if made is not None else "") or ""
        return text.split(" ")[0].split("\n")[0]

    def set_later(self, state: Found, node: str) -> Expr | None:
        """Return what `cmd.RunE = …` gives a command after it was made."""
        scope = state.routers.made[node][0]
        symbol = state.names.symbol(scope)
        for statement in symbol.body if symbol is not None else ():
            target = statement.target
            is_run = statement.kind == "set" and target is not None and target[0] == "a" and target[2] in RUNS
            if is_run and target is not None and Ref(node) in state.routers.refs(scope, target[1]):
                return statement.value
        return None

    def bind(self, state: Found, scope: SymbolId, line: int, function: SymbolId, at: int, ref: Ref) -> None:
        """Note which command a parameter stands for in one call."""
        child = parameter_of(state, function, at)
        if child:
            state.routers.kinds.setdefault(child, "parameter")
            state.routers.mount(Ref(child), Mount(ref, STANDS, (), scope, line))

    def ways(self, state: Found, node: str, above: frozenset[str]) -> list[tuple[tuple[str, ...], bool | None]]:
        """Return every way from a command that is executed down to one."""
        found: list[tuple[tuple[str, ...], bool | None]] = []
        for parent in self.parents(state, node):
            if parent not in above and parent != node and len(found) < WAYS_LIMIT:
                outer = self.ways(state, parent, above | {node})
                found.extend(((*way, node), mounted) for way, mounted in outer)
        if found:
            return list(dict.fromkeys(found))
        is_root = state.routers.kinds.get(node) == "root"
        untold = node not in state.routers.made or not self.word(state, node)
        own = (node,) if node in state.routers.made else ()
        return [(own, True if is_root else None if untold else False)]

    def parents(self, state: Found, node: str) -> Iterable[str]:
        """Yield the commands that a command is added to, also by a function that both are handed to."""
        for child in [node, *self.parameters_for(state, node)]:
            sites = [
                (each.scope, each.line)
                for each in state.routers.mounts.get(child, ())
                if each.prefix == STANDS and each.parent.node == node
            ]
            for each in state.routers.mounts.get(child, ()):
                if each.prefix == STANDS:
                    continue
                same = owner_of(each.parent.node)[0] == owner_of(child)[0] and child != node
                yield from self.standing_for(state, each.parent.node, sites if same else None, frozenset())

    def parameters_for(self, state: Found, node: str) -> list[str]:
        """Return the parameters that a command is handed as."""
        return self.given(state).get(node, [])

    def given(self, state: Found) -> dict[str, list[str]]:
        """Return, for each command, the parameters that stand for it."""
        if not state.given:
            for child, mounts in state.routers.mounts.items():
                for each in mounts:
                    if each.prefix == STANDS:
                        state.given.setdefault(each.parent.node, []).append(child)
        return state.given

    def standing_for(
        self, state: Found, node: str, sites: list[tuple[SymbolId, int]] | None, above: frozenset[str]
    ) -> Iterable[str]:
        """Yield the commands that a parameter stands for: at some calls only, or at all of them."""
        bound = [each for each in state.routers.mounts.get(node, ()) if each.prefix == STANDS]
        if not bound or node in above:
            yield node
            return
        for each in bound:
            if sites is None or (each.scope, each.line) in sites:
                yield from self.standing_for(state, each.parent.node, None, above | {node})

    def checks(self, state: Found, way: tuple[str, ...]) -> Iterable[Guard]:
        """Yield the hooks that run before a command: its own, and persistent ones of those above it."""
        for each in way:
            scope, call = state.routers.made[each]
            for word in BEFORE:
                if word in call[3] and (each == way[-1] or word.startswith("Persistent")):
                    symbol, _ = self.handler(state, scope, call[3][word])
                    name = text_of(call[3][word]) or shown(call[3][word])
                    yield Guard(name=name, source="hook", symbol=symbol, path=scope.rpartition(":")[0], line=call[4])


FRAMEWORK = Cobra()
