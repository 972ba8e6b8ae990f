"""Slack Bolt: commands, actions, views, events and shortcuts of a chat, with the middleware that stands before each."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.guards import GuardReader
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import index_of
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    call_uses,
    decorator_uses,
    kind_of,
    product,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import is_call
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.values import Value
from release_harness.steps.evidence.model.impact import EntryPoint, Guard, SymbolId

NAME = "Slack Bolt"
LIBRARY = "slack_bolt"
METHODS = {
    "command": "command", "shortcut": "shortcut", "global_shortcut": "shortcut", "message_shortcut": "shortcut",
    "action": "action", "block_action": "action", "attachment_action": "action", "dialog_submission": "dialog",
    "view": "view", "view_submission": "view", "view_closed": "closed view", "options": "options",
    "block_suggestion": "options", "dialog_suggestion": "options", "event": "event", "message": "message", "function": "function",
    "assistant": "assistant",
}  # fmt: skip
"""Method of the application -> what people call it."""
AROUND = {"error": "exception handler", "middleware": "middleware", "use": "middleware"}


class SlackBolt:
    """The adapter of Slack Bolt."""

    name = NAME
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return listeners, and what stands around all of them."""
        for use in decorator_uses(file, (*METHODS, *AROUND)):
            if use.symbol is not None and _is_ours(use.owner):
                yield self._listener(file, use.scope, use.method, use.call, file.id_of(use.symbol), use.line)
        for use in call_uses(file, AROUND):
            if use.call is not None and use.call[2] and _is_ours(use.owner):
                handler = target_of(file, use.scope, use.call[2][0])
                yield self._listener(file, use.scope, use.method, use.call, handler, use.line)
        yield from self._handed(file)

    def _handed(self, file: FileView) -> Iterator[Registration]:
        """Yield `app.command("/x")(handler)` and `app.command("/x")(ack=…, lazy=[…])`."""
        calls = index_of(file.facts).calls
        for name in METHODS.keys() & calls.keys():
            for scope, _, call in calls[name]:
                made = call[1]
                if not is_call(made) or made[1][0] != "a" or not _is_ours(file.resolve(scope, made[1][1])):
                    continue
                for given in (*call[2], call[3].get("ack"), *_listed(call[3].get("lazy"))):
                    handler = target_of(file, scope, given)
                    if handler:
                        yield self._listener(file, scope, name, made, handler, int(call[4]))

    def _listener(
        self, file: FileView, scope: Symbol, method: str, call: Expr | None, handler: SymbolId, line: int
    ) -> Registration:
        data = {"method": method, "call": call, "handler": handler}
        return Registration(NAME, "listener", file.id_of(scope), line, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return one entry for each listener."""
        reader = _Middleware(program)
        maker = Maker(NAME, program)
        entries: dict[tuple[str, SymbolId], EntryPoint] = {}
        around: list[Around] = []
        for each in product(found, "listener"):
            method, handler = each.data["method"], each.data["handler"]
            if not handler or program.symbol(handler) is None:
                continue
            if method in AROUND:
                around.append(Around(handler, AROUND[method]))
                continue
            what = reader.constraint(each)
            name = f"slack {METHODS[method]} {what}".rstrip()
            guards, known = reader.guards(each)
            entry = maker.entry("event", name, handler, each.line, guards=guards, guards_known=known)
            entries.setdefault((name, handler), entry)
        return Discovery(
            framework=NAME,
            entries=tuple(entries.values()),
            around=tuple(dict.fromkeys(around)) if entries else (),
        )


def _is_ours(owner: Value) -> bool:
    return kind_of(owner).partition(".")[0] == LIBRARY


def _listed(expr: Expr | None) -> Sequence[Expr]:
    return expr[1] if expr is not None and expr[0] == "l" else ()


class _Middleware:
    """Reads what a listener listens to, and which of its middleware may refuse."""

    def __init__(self, program: ProgramView) -> None:
        self._objects = Objects(program)
        self._reader = GuardReader(self._objects)

    def constraint(self, registration: Registration) -> str:
        """Return what a listener listens to: the text, or the expression where it is computed."""
        call = registration.data["call"]
        if call is None or not call[2]:
            return ""
        given = call[2][0]
        if given[0] == "d":
            texts = [self._objects.text(registration.scope, value)[0] for _, value in given[1]]
            return " ".join(texts)
        return self._objects.text(registration.scope, given)[0]

    def guards(self, registration: Registration) -> tuple[tuple[Guard, ...], bool]:
        """Return the middleware of a listener that keeps callers out, and whether all of it could be read."""
        call = registration.data["call"]
        given = call[3].get("middleware") if call is not None else None
        if given is None:
            return (), True
        items = self._reader.conditions.items(registration.scope, given)
        guards = [
            guard for each in items for guard in self._reader.guards_of_item(each, "middleware", registration.line)
        ]
        return tuple(guards), all(each.read for each in items)
