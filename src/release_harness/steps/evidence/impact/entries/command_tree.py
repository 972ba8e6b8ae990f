"""Commands in their groups: what a command is called, and whether anything runs the group it hangs on; for Click and Typer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Around, Discovery, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.packaging import named_entries, script_of, target_symbol
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of, short_name
from release_harness.steps.evidence.impact.entries.registering import Maker, is_product
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

NAMES_LIMIT = 8
DEPTH_LIMIT = 20
OUTSIDE = "outside"
"""Parent of what the library or the framework runs by itself, such as `app.cli` of Flask."""
ELSEWHERE = "elsewhere"
"""Parent of what is added to a group that reading cannot follow: a parameter, or what a call returns."""


class Node(NamedTuple):
    """One command or group."""

    symbol: SymbolId
    """Function of the command, or variable that holds the group."""
    handler: SymbolId
    """Function that runs; empty for a group without one."""
    name: str
    line: int
    group: bool = False
    known: bool = True
    """False when only the name of the method told that it is a command."""


class Trees:
    """All commands of a program and what they hang on."""

    def __init__(self, framework: str, program: ProgramView) -> None:
        """Start with what the packaging of the program runs."""
        self.framework = framework
        self.program = program
        self.nodes: dict[SymbolId, Node] = {}
        self.parents: dict[SymbolId, dict[tuple[str, str], None]] = {}
        """Child -> its parents, each with the name that it gives the child (empty for the child's own)."""
        self.run_by: dict[SymbolId, set[str]] = {}
        """Root -> names that people start it by; an empty name when only code starts it."""
        self.loads_by_name: set[str] = set()
        """Places of groups that load their commands by names which only running tells."""
        self.scripts: dict[SymbolId, str] = {}
        for each in named_entries(program):
            target = target_symbol(program, each.target)
            if target:
                self.scripts.setdefault(target, script_of(each))

    def add(self, node: Node) -> None:
        """Take a command or group; the first of a symbol stays."""
        self.nodes.setdefault(node.symbol, node)

    def attach(self, parent: str, child: SymbolId, name: str = "") -> None:
        """Say that a child hangs on a parent."""
        if parent != child:
            self.parents.setdefault(child, {})[(parent, name)] = None

    def run(self, symbol: SymbolId, scope: SymbolId) -> None:
        """Say that code in a scope runs a command."""
        if not is_test_path(path_of(scope)):
            self.run_by.setdefault(symbol, set()).add(self._started_by(scope))

    def _started_by(self, scope: SymbolId) -> str:
        if self.scripts.get(scope):
            return self.scripts[scope]
        path, _, qualname = scope.rpartition(":")
        if path.endswith("__main__.py"):
            view = self.program.view(path)
            return f"python -m {view.module.removesuffix('.__main__')}" if view else ""
        return f"python {path}" if not qualname and not path.startswith("/") else ""

    def names(self, symbol: SymbolId) -> tuple[str, ...]:
        """Return the whole names of a command, one for each way to it."""
        return tuple(dict.fromkeys(self._names(symbol, (), "")))[:NAMES_LIMIT]

    def _names(self, symbol: SymbolId, seen: tuple[str, ...], given: str) -> Iterator[str]:
        node = self.nodes.get(symbol)
        own = given or (node.name if node else "")
        if symbol in seen or len(seen) > DEPTH_LIMIT:
            return
        parents = self.parents.get(symbol, {})
        starts = [name for name in sorted(self.run_by.get(symbol, ())) if name]
        if self.scripts.get(symbol):
            yield self.scripts[symbol]
        elif not parents:
            yield starts[0] if starts else own
        for parent, name in parents:
            if parent in {OUTSIDE, ELSEWHERE}:
                if not self.scripts.get(symbol):
                    yield name or own
                continue
            for above in self._names(parent, (*seen, symbol), ""):
                yield " ".join(each for each in (above, name or own) if each)

    def mounted(self, symbol: SymbolId) -> tuple[bool | None, str]:
        """Tell whether anything runs a command, and why not; None when it hangs on what reading cannot follow."""
        if self._is_run(symbol, frozenset()):
            return True, ""
        top = self._top(symbol)
        if self.loads_by_name:
            return None, f"{min(self.loads_by_name)} loads commands by name"
        if top == ELSEWHERE:
            return None, "it is added to a group that reading cannot follow"
        if "<locals>" in top:
            return (
                None,
                f"{short_name(top)} is made inside of a function ({path_of(top)}), which may hand it to anybody",
            )
        if top == symbol:
            return False, f"nothing runs {short_name(symbol)} or adds it to a group"
        return False, f"it hangs on {short_name(top)} ({path_of(top)}), which nothing runs"

    def _is_run(self, symbol: SymbolId, seen: frozenset[str]) -> bool:
        if symbol == OUTSIDE or symbol in self.scripts or symbol in self.run_by:
            return True
        if symbol in seen or len(seen) > DEPTH_LIMIT:
            return False
        return any(self._is_run(parent, seen | {symbol}) for parent, _ in self.parents.get(symbol, {}))

    def _top(self, symbol: SymbolId) -> SymbolId:
        for _ in range(DEPTH_LIMIT):
            parents = [parent for parent, _ in self.parents.get(symbol, {})]
            above = ELSEWHERE if ELSEWHERE in parents else next(iter(parents), "")
            if not above:
                break
            symbol = above
        return symbol

    def entries(self, maker: Maker) -> Iterator[EntryPoint]:
        """Yield an entry for each name of each command that is outside of tests."""
        for node in self.nodes.values():
            if node.group or not node.handler or not is_product(path_of(node.handler)):
                continue
            mounted, why = self.mounted(node.symbol)
            parent = next((parent for parent, _ in self.parents.get(node.symbol, {}) if ":" in parent), "")
            for name in self.names(node.symbol) or (node.name,):
                yield maker.entry(
                    "cli",
                    name,
                    node.handler,
                    node.line,
                    mounted=mounted,
                    why_not_mounted=why,
                    registered_on=parent,
                    confidence=Confidence.HIGH if node.known else Confidence.MEDIUM,
                )

    def around(self, entries: Sequence[EntryPoint]) -> Iterator[Around]:
        """Yield the functions of groups, which run before every command in them; an empty group yields nothing."""
        below: dict[SymbolId, set[str]] = {}
        of_handler: dict[SymbolId, list[str]] = {}
        for each in entries:
            of_handler.setdefault(each.handler, []).append(each.key)
        for node in self.nodes.values():
            for group in self._groups_above(node.symbol):
                below.setdefault(group, set()).update(of_handler.get(node.handler, ()))
        for symbol, node in self.nodes.items():
            if node.group and node.handler and below.get(symbol) and not is_test_path(path_of(symbol)):
                yield Around(node.handler, "command group", frozenset(below[symbol]))

    def _groups_above(self, symbol: SymbolId) -> set[SymbolId]:
        found: set[SymbolId] = set()
        waiting = [symbol]
        while waiting:
            for parent, _ in self.parents.get(waiting.pop(), {}):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found


def discovery(trees: Trees, unknown: Sequence[str] = ()) -> Discovery:
    """Return what was found; a group that people can run without a command is an entry of its own only when it has none."""
    maker = Maker(trees.framework, trees.program)
    entries = tuple(trees.entries(maker))
    return Discovery(
        framework=trees.framework, entries=entries, around=tuple(trees.around(entries)), unknown=tuple(unknown)
    )


def read_runs(trees: Trees, found: Sequence[Registration], kinds: Mapping[str, str]) -> None:
    """Take the registrations of runs and attachments that Click and Typer share; `kinds` renames theirs to `run` and `attach`."""
    for each in found:
        kind = kinds.get(each.kind, each.kind)
        if kind == "run":
            trees.run(each.data["symbol"], each.scope)
        elif kind == "attach" and not is_test_path(path_of(each.scope)):
            trees.attach(each.data["parent"], each.data["child"], each.data.get("name", ""))
