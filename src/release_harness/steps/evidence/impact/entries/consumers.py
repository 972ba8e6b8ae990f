"""Consumers of messages: Kafka, RabbitMQ, NATS, Redis, Google Pub/Sub, SQS; callbacks, decorated agents, and functions that poll."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.reading import shown
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    Use,
    call_uses,
    decorator_uses,
    dotted_name,
    kind_of,
    product,
    registration,
    sure,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import argument, items_of, text_of
from release_harness.steps.evidence.impact.facts import Expr, Statement

if TYPE_CHECKING:
    from release_harness.steps.evidence.model.impact import EntryPoint, SymbolId

DECORATORS = {
    "agent": ("faust", "mode"),
    "timer": ("faust",),
    "crontab": ("faust",),
    "subscriber": ("faststream", "propan"),
    "handle": ("propan",),
    "subscribe": ("nats", "aiokafka", "kafka", "paho", "fastapi_mqtt", "gmqtt", "dapr"),
    "topic": ("faust",),
    "consumer": ("kombu", "fluvii", "quixstreams"),
    "on_message": ("fastapi_mqtt", "gmqtt", "discord"),
}
CALLBACKS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "basic_consume": (("pika", "amqp", "aioamqp"), 1, "on_message_callback"),
    "consume": (("aio_pika", "kombu"), 0, "callback"),
    "subscribe": (("nats", "google", "stan", "redis", "paho"), 1, "callback"),
    "register_callback": (("kombu",), 0, "callback"),
    "add_callback": (("azure",), 0, "callback"),
    "message_callback_add": (("paho",), 1, "callback"),
}
POLLERS = {
    "confluent_kafka.Consumer": ("poll", "consume"),
    "confluent_kafka.DeserializingConsumer": ("poll", "consume"),
    "confluent_kafka.avro.AvroConsumer": ("poll",),
    "kafka.KafkaConsumer": ("poll",),
    "aiokafka.AIOKafkaConsumer": ("getone", "getmany"),
    "redis.client.PubSub": ("get_message", "listen"),
    "redis.asyncio.client.PubSub": ("get_message", "listen"),
}
ITERATED = frozenset({"kafka.KafkaConsumer", "aiokafka.AIOKafkaConsumer", "kafka.consumer.group.KafkaConsumer"})
SQS_LIBRARIES = frozenset({"boto3", "aioboto3", "botocore", "aiobotocore"})


class Consumers:
    """The adapter of message consumers."""

    name = "consumers"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return callbacks and functions that take messages."""
        yield from self._decorated(file)
        yield from self._callbacks(file)
        yield from self._polling(file)
        yield from self._iterating(file)

    def _decorated(self, file: FileView) -> Iterator[Registration]:
        for use in decorator_uses(file, DECORATORS):
            library = kind_of(use.owner).partition(".")[0] or use.callee.external.partition(".")[0]
            if use.symbol is None or library not in DECORATORS[use.method]:
                continue
            topic = _topic(file, use, use.call[2][0] if use.call and use.call[2] else None)
            yield self._found(file, use, file.id_of(use.symbol), topic, known=True)

    def _callbacks(self, file: FileView) -> Iterator[Registration]:
        for use in call_uses(file, CALLBACKS):
            libraries, position, keyword = CALLBACKS[use.method]
            library = kind_of(use.owner).partition(".")[0]
            known = library in libraries
            if use.call is None or (library and not known):
                continue
            if not known and not file.imports & set(libraries):
                continue
            given = argument(use.call, position, keyword) or use.call[3].get("cb") or use.call[3].get("handler")
            symbol = target_of(file, use.scope, given) if given is not None and given[0] != "s" else ""
            if symbol and not symbol.endswith(":"):
                said = use.call[3].get("queue") or use.call[3].get("subscription") or use.call[3].get("subject")
                said = said or (use.call[2][0] if use.call[2] and position > 0 else None)
                yield self._found(file, use, symbol, _topic(file, use, said), known=known)

    def _polling(self, file: FileView) -> Iterator[Registration]:
        methods = {method for names in POLLERS.values() for method in names}
        for use in call_uses(file, methods):
            type_ = kind_of(use.owner)
            if use.method in POLLERS.get(type_, ()) and use.scope.kind in {"function", "async"}:
                yield self._found(file, use, file.id_of(use.scope), self._subscribed(file, use), known=True)
        if file.imports & SQS_LIBRARIES:
            for use in call_uses(file, ("receive_message", "receive_messages")):
                if use.scope.kind in {"function", "async"} and use.call is not None:
                    topic = _topic(file, use, use.call[3].get("QueueUrl"))
                    yield self._found(file, use, file.id_of(use.scope), topic, known=True)

    def _iterating(self, file: FileView) -> Iterator[Registration]:
        """Yield the functions that loop over a consumer: `for message in consumer`."""
        if not file.imports & {"kafka", "aiokafka"}:
            return
        for scope in file.facts.symbols:
            for each in scope.body if scope.kind in {"function", "async"} else ():
                if _is_loop(each) and file.resolve(scope, each.value).type in ITERATED:
                    data = {"symbol": file.id_of(scope), "topic": "", "sure": True}
                    yield Registration(self.name, "consumer", file.id_of(scope), each.line, data)

    def _subscribed(self, file: FileView, use: Use) -> str:
        for other in call_uses(file, ("subscribe",)):
            if other.scope is use.scope and other.owner_text == use.owner_text and other.call and other.call[2]:
                return _topic(file, other, other.call[2][0])
        return ""

    def _found(self, file: FileView, use: Use, symbol: str, topic: str, *, known: bool) -> Registration:
        return registration(self.name, "consumer", file, use, {"symbol": symbol, "topic": topic, "sure": known})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return one entry for each function and topic."""
        maker = Maker(self.name, program)
        entries: dict[tuple[SymbolId, str], EntryPoint] = {}
        for each in product(found, "consumer"):
            symbol, topic = each.data["symbol"], each.data["topic"]
            facts = program.symbol(symbol)
            if facts is None or facts.kind == "module":
                continue
            name = f"{topic} → {dotted_name(program, symbol)}" if topic else dotted_name(program, symbol)
            if (topic or not any(key[0] == symbol for key in entries)) and (symbol, topic) not in entries:
                entry = maker.entry("consumer", name, symbol, each.line, confidence=sure(known=each.data["sure"]))
                entries[(symbol, topic)] = entry
        return Discovery(framework=self.name, entries=tuple(entries.values()))


def _is_loop(statement: Statement) -> bool:
    return statement.kind == "set" and statement.how == "for" and statement.value is not None


def _topic(file: FileView, use: Use, expr: Expr | None) -> str:
    """Return the topic or queue as its users call it: the text, or the expression where it is computed."""
    if expr is None:
        return ""
    text = text_of(expr) or file.resolve(use.scope, expr).text
    if text:
        return text
    items = items_of(expr)
    if items is not None:
        return ",".join(text_of(each) or shown(each) for each in items)
    if expr[0] == "c" and expr[2]:
        return _topic(file, use, expr[2][0])
    return shown(expr)
