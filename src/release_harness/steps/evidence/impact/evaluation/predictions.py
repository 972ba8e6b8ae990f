"""What each predictor says: which entry points run which functions."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from release_harness.steps.evidence.impact.difference.side import SideView, nodes_of
from release_harness.steps.evidence.impact.evaluation.accuracy import Pairs, closure_baseline, same_file_baseline
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.model.impact import Confidence, SymbolId

RESOLVED = "resolved"
POSSIBLE = "resolved + possible"


def predictors_of(side: SideView, functions: AbstractSet[SymbolId]) -> Mapping[str, Pairs]:
    """Return what the graph says at high and at any confidence, and what two baselines say without it."""
    sure, possible = graph_predictions(side, functions)
    handlers = handler_paths(side)
    return {
        RESOLVED: sure,
        POSSIBLE: possible,
        "closure of imports": closure_baseline(handlers, importers_of(side, functions), functions),
        "same file": same_file_baseline(handlers, functions),
    }


def handler_paths(side: SideView) -> dict[str, str]:
    """Return, for each entry point by its key, the file of its handler, or where it is registered when that is not known."""
    return {entry.key: entry.handler.partition(":")[0] or entry.path for entry in side.entries}


def graph_predictions(side: SideView, functions: AbstractSet[SymbolId]) -> tuple[Pairs, Pairs]:
    """Return the entry points of each function by ways that are certain all along, and by any way."""
    keys: dict[Node, set[str]] = {}
    for entry, node in zip(side.entries, nodes_of(side.entries), strict=True):
        keys.setdefault(node, set()).add(entry.key)
    around: dict[SymbolId, set[str]] = {}
    every = {entry.key for entry in side.entries}
    for discovery in side.discoveries:
        own = {entry.key for entry in discovery.entries}
        for each in discovery.around:
            around.setdefault(each.symbol, set()).update(own if each.entries is None else each.entries & every)
    targets = [*keys, *(Node(symbol) for symbol in around)]
    for symbol, around_keys in around.items():
        keys.setdefault(Node(symbol), set()).update(around_keys)
    sure: dict[SymbolId, set[str]] = {function: set(keys.get(Node(function), ())) for function in functions}
    possible = {function: set(found) for function, found in sure.items()}
    for (node, seed), reached in side.graph.reaching(sorted(functions), targets).items():
        possible[seed] |= keys[node]
        if reached.confidence is Confidence.HIGH:
            sure[seed] |= keys[node]
    return sure, possible


def importers_of(side: SideView, functions: AbstractSet[SymbolId]) -> Mapping[str, AbstractSet[str]]:
    """Return, for the file of each function, every file that imports it, however far; what grimp would call upstream."""
    direct: dict[str, set[str]] = {}
    for path in side.tree.blobs:
        for imported in _imported(side, path):
            direct.setdefault(imported, set()).add(path)
    found: dict[str, AbstractSet[str]] = {}
    for path in {function.partition(":")[0] for function in functions}:
        seen: set[str] = set()
        waiting = [path]
        while waiting:
            for importer in direct.get(waiting.pop(), ()):
                if importer not in seen:
                    seen.add(importer)
                    waiting.append(importer)
        found[path] = seen
    return found


def _imported(side: SideView, path: str) -> set[str]:
    view = side.program.view(path)
    if view is None or view.facts.language != "python":
        return set()
    package = view.module.split(".") if path.endswith("__init__.py") else view.module.split(".")[:-1]
    names: set[str] = set()
    for each in (each for symbol in view.facts.symbols for each in symbol.imports):
        outer = package[: len(package) - each.level + 1] if each.level else []
        module = ".".join([*outer, *([each.module] if each.module else [])])
        names |= {module, f"{module}.{each.name}"}
    found = {view.resolve_dotted(name).symbol.partition(":")[0] for name in names if name}
    return found - {"", path}
