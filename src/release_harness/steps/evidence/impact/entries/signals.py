"""Signals and events inside one program: Django, blinker, SQLAlchemy, Celery's own; senders lead to their receivers."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    HookEdge,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of, short_name, shown
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    Use,
    call_uses,
    decorator_uses,
    product,
    registration,
    sure,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import argument, dotted, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.values import Value
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

SIGNAL_LIBRARIES = ("django", "blinker", "celery", "flask", "flask_login", "flask_security", "flask_principal", "allauth",
                    "axes", "sqlalchemy", "pyramid", "scrapy", "peewee", "playhouse", "mongoengine", "aiohttp", "simple_history")  # fmt: skip
SIGNAL_TYPES = ("django.dispatch.Signal", "django.dispatch.dispatcher.Signal", "django.db.models.signals.ModelSignal",
                "blinker.Signal", "blinker.NamedSignal", "blinker.base.Signal", "blinker.base.NamedSignal",
                "celery.utils.dispatch.Signal", "playhouse.signals.Signal", "aiosignal.Signal")  # fmt: skip
CONNECT = ("connect", "connect_via", "subscribe_to")
SEND = ("send", "send_robust", "asend", "asend_robust", "send_async", "emit", "notify")
LISTEN = ("listens_for", "listen")


class Signals:
    """The adapter of signals."""

    name = "signals"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return receivers and senders."""
        for use in decorator_uses(file, ("receiver", *CONNECT)):
            yield from self._decorated(file, use)
        for use in call_uses(file, ("connect",)):
            yield from self._connected(file, use)
        yield from self._listeners(file)
        for use in call_uses(file, SEND):
            if _is_signal(use.owner) and use.owner.symbol:
                yield registration(self.name, "send", file, use, {"signal": _identity(use.owner, use.owner_text)})

    def _decorated(self, file: FileView, use: Use) -> Iterator[Registration]:
        if use.symbol is None or use.symbol.kind == "class":
            return
        if use.method == "receiver":
            if (
                use.callee.external not in {"django.dispatch.receiver", "django.dispatch.dispatcher.receiver"}
                or use.call is None
            ):
                return
            given = argument(use.call, 0, "signal")
            sender = shown(use.call[3]["sender"]) if "sender" in use.call[3] else ""
            for each in items_of(given) or ([given] if given else []):
                yield self._receiver(file, use, each, file.id_of(use.symbol), sender)
        elif _is_signal(use.owner):
            expr = use.symbol.decorators[0]
            for each in use.symbol.decorators:
                if each == use.call or each[-1] == use.method:
                    expr = each
            function = expr[1] if expr[0] == "c" else expr
            sender = shown(argument(use.call, 0, "sender")) if use.call and argument(use.call, 0, "sender") else ""
            yield self._receiver(file, use, function[1], file.id_of(use.symbol), sender)

    def _receiver(self, file: FileView, use: Use, signal: Expr | None, symbol: str, sender: str) -> Registration:
        value = file.resolve(use.scope, signal)
        data = {
            "signal": _identity(value, dotted(signal)),
            "name": short_name(value.symbol or value.external or dotted(signal) or "signal"),
            "symbol": symbol,
            "sender": sender,
            "sure": value.known,
        }
        return registration(self.name, "receiver", file, use, data)

    def _connected(self, file: FileView, use: Use) -> Iterator[Registration]:
        if use.call is None or not (_is_signal(use.owner) or _named_like_signal(use)):
            return
        given = argument(use.call, 0, "receiver")
        symbol = target_of(file, use.scope, given)
        facts_like = symbol and not symbol.endswith(":")
        if facts_like:
            sender = use.call[3].get("sender")
            yield self._receiver(file, use, use.call[1][1], symbol, shown(sender) if sender else "")

    def _listeners(self, file: FileView) -> Iterator[Registration]:
        """Yield `@event.listens_for(target, "name")` and `event.listen(target, "name", f)` of SQLAlchemy."""
        for use in (*decorator_uses(file, ("listens_for",)), *call_uses(file, ("listen",))):
            if not use.callee.external.startswith("sqlalchemy.") or use.call is None:
                continue
            symbol = file.id_of(use.symbol) if use.symbol else target_of(file, use.scope, argument(use.call, 2, "fn"))
            target, name = argument(use.call, 0, "target"), text_of(argument(use.call, 1, "identifier")) or ""
            if symbol and (use.symbol is not None or use.method == "listen"):
                data = {"signal": "", "name": f"{shown(target)} {name}", "symbol": symbol, "sender": "", "sure": True}
                yield registration(self.name, "receiver", file, use, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return receivers as entries, and an edge from each sender to them."""
        maker = Maker(self.name, program)
        receivers = [each for each in product(found, "receiver") if _is_function(program, each)]
        entries: dict[tuple[str, SymbolId], EntryPoint] = {}
        for each in receivers:
            data = each.data
            name = f"{data['name']} ({data['sender']})" if data["sender"] else str(data["name"])
            name = f"{name} → {short_name(data['symbol'])}"
            entry = maker.entry("signal", name, data["symbol"], each.line, confidence=sure(known=data["sure"]))
            entries.setdefault((name, data["symbol"]), entry)
        return Discovery(framework=self.name, entries=tuple(entries.values()), edges=tuple(_edges(found, receivers)))


def _is_function(program: ProgramView, found: Registration) -> bool:
    facts = program.symbol(found.data["symbol"])
    return facts is not None and facts.kind != "module"


def _is_signal(value: Value) -> bool:
    """Tell whether a value is a signal of a library or one that the repository made."""
    if value.type in SIGNAL_TYPES or value.external in SIGNAL_TYPES:
        return True
    if value.type.startswith((*SIGNAL_TYPES, "blinker.")):
        return True
    parts = value.external.split(".")
    return parts[0] in SIGNAL_LIBRARIES and ("signals" in parts or parts[-1].endswith("_signal"))


def _named_like_signal(use: Use) -> bool:
    """Tell whether the owner is unknown but written like a signal: `signals.user_created`, `post_save`."""
    return not use.owner.known and ("signal" in use.owner_text or use.owner_text.startswith(("post_", "pre_")))


def _identity(value: Value, text: str) -> str:
    return value.through or value.symbol or value.external or text


def _edges(found: Sequence[Registration], receivers: Sequence[Registration]) -> Iterator[HookEdge]:
    by_signal: dict[str, list[Registration]] = {}
    for each in receivers:
        if each.data["signal"]:
            by_signal.setdefault(each.data["signal"], []).append(each)
    for each in found:
        if each.kind == "send" and not is_test_path(path_of(each.scope)):
            for receiver in by_signal.get(each.data["signal"], ()):
                reason = f"sends {receiver.data['name']}"
                yield HookEdge(each.scope, receiver.data["symbol"], Confidence.HIGH, reason, each.line)
