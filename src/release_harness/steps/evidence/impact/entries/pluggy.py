"""pluggy: hook implementations, and an edge from each `pm.hook.NAME(…)` to all of them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    HookEdge,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.reading import index_of, is_test_path, path_of, short_name
from release_harness.steps.evidence.impact.entries.registering import Maker, decorator_uses, dotted_name, registration
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint

MARKERS = ("pluggy.HookimplMarker", "pluggy.hooks.HookimplMarker", "pluggy._hooks.HookimplMarker")
_MANAGER = re.compile(r"pluggy|\bpm\b|plugin|hook")
SPECS = ("pluggy.HookspecMarker", "pluggy.hooks.HookspecMarker", "pluggy._hooks.HookspecMarker")


class Pluggy:
    """The adapter of pluggy."""

    name = "pluggy"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return implementations, specifications and calls of hooks."""
        index = index_of(file.facts)
        for name in index.decorations:
            if "hook" not in name:
                continue
            for use in decorator_uses(file, (name,)):
                kind = "implementation" if use.callee.type in MARKERS or name == "hookimpl" else ""
                kind = "specification" if use.callee.type in SPECS or name == "hookspec" else kind
                if use.symbol is not None and kind and use.symbol.kind != "class":
                    said = text_of(use.call[3].get("specname")) if use.call else None
                    data = {"symbol": file.id_of(use.symbol), "hook": said or short_name(file.id_of(use.symbol))}
                    yield registration(self.name, kind, file, use, data)
        for site in index.calls.get("getattr", ()):
            if site.call[2] and site.call[2][0][0] == "a" and site.call[2][0][2] == "hook":
                yield Registration(self.name, "dynamic", file.id_of(site.scope), site.call[4], {})
        yield from self._mentions(file)

    def _mentions(self, file: FileView) -> Iterator[Registration]:
        """Yield `manager.hook.name`, called at once or later, in files that know a plugin manager."""
        bound = [f"{each.module}.{each.bound}" for symbol in file.facts.symbols for each in symbol.imports]
        if not any(_MANAGER.search(each) for each in bound):
            return
        for scope in file.facts.symbols:
            for statement in scope.body:
                for each in walk(statement.value):
                    if each[0] == "a" and each[1][0] == "a" and each[1][2] == "hook":
                        yield Registration(self.name, "call", file.id_of(scope), statement.line, {"hook": each[2]})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return implementations of hooks that this program calls as edges, those of other programs' hooks as entries."""
        implementations = [
            each for each in found if each.kind == "implementation" and not is_test_path(path_of(each.scope))
        ]
        if not implementations:
            return Discovery(framework=self.name)
        calls: dict[str, list[Registration]] = {}
        for each in found:
            if each.kind == "call" and not is_test_path(path_of(each.scope)):
                calls.setdefault(each.data["hook"], []).append(each)
        specified = {each.data["hook"] for each in found if each.kind == "specification"}
        dynamic = [each for each in found if each.kind == "dynamic" and not is_test_path(path_of(each.scope))]
        maker = Maker(self.name, program)
        edges: list[HookEdge] = []
        entries: list[EntryPoint] = []
        for each in implementations:
            hook, symbol = each.data["hook"], each.data["symbol"]
            by_name = calls.get(hook, ())
            edges.extend(HookEdge(call.scope, symbol, Confidence.HIGH, f"hook {hook}", call.line) for call in by_name)
            if hook in specified and not by_name:
                reason = "hook called by a computed name"
                edges.extend(HookEdge(call.scope, symbol, Confidence.MEDIUM, reason, call.line) for call in dynamic)
            name = f"{hook} ({dotted_name(program, path_of(symbol) + ':')})"
            mounted, why = _mounted(hook, called=bool(by_name) or hook not in specified, dynamic=bool(dynamic))
            entries.append(maker.entry("hook", name, symbol, each.line, mounted=mounted, why_not_mounted=why))
        return Discovery(framework=self.name, entries=tuple(entries), edges=tuple(edges))


def _mounted(hook: str, *, called: bool, dynamic: bool) -> tuple[bool | None, str]:
    if called:
        return True, ""
    if dynamic:
        return None, f"the hook {hook} is called by a computed name, if at all"
    return False, f"the program specifies the hook {hook} and never calls it"
