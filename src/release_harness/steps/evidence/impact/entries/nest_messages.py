"""Work that NestJS does for somebody else: jobs put into a queue, and events that are sent, with who takes them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import HookEdge, Registration
from release_harness.steps.evidence.impact.entries.nest_settings import options_of
from release_harness.steps.evidence.impact.entries.nest_standing import callee, outer_of
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.expressions import text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import Names
from release_harness.steps.evidence.model.impact import Confidence, SymbolId

LIBRARIES = frozenset({"@nestjs/bull", "@nestjs/bullmq", "@nestjs/event-emitter"})
SENDS = frozenset({"add", "emit", "emitAsync"})


class Taker(NamedTuple):
    """A method that takes jobs of a queue, or events of a name."""

    word: str
    """`add` for jobs, `emit` for events."""
    channel: str
    """Queue, or event."""
    name: str
    """Name of the jobs that it takes; empty for all."""
    handler: SymbolId


def sends_in(symbol: Symbol) -> Iterator[Expr]:
    """Yield the calls of a method that may send something."""
    for statement in symbol.body:
        for each in walk(statement.value):
            if each[0] == "c" and each[1][0] == "a" and each[1][2] in SENDS and each[2]:
                yield each


def taker_of(names: Names, owner: SymbolId, decorator: Expr, method: SymbolId) -> Taker | None:
    """Return what a method takes by its decorator, or None."""
    word = last_name(decorator)
    given = decorator[2] if decorator[0] == "c" else []
    here = outer_of(method)
    if word == "OnEvent" and given:
        return Taker("emit", key_of(names, here, given[0]), "", method)
    if word == "Process":
        named = options_of(given[0]).get("name", given[0]) if given else None
        plain = named is not None and named[0] not in {"d", "k"}
        return Taker("add", queue_of(names, owner), key_of(names, here, named) if plain else "", method)
    return None


def queue_of(names: Names, owner: SymbolId) -> str:
    """Return the queue whose jobs a class works on."""
    symbol = names.symbol(owner)
    for each in symbol.decorators if symbol is not None else ():
        if last_name(each) == "Processor" and each[0] == "c" and each[2]:
            named = options_of(each[2][0]).get("name", each[2][0])
            return key_of(names, outer_of(owner), named)
    return ""


def key_of(names: Names, scope: SymbolId, expr: Expr | None) -> str:
    """Return what tells two names of queues, jobs or events apart: their text, else what gives it."""
    if expr is None:
        return ""
    text = text_of(expr) or names.resolve(scope, expr).text
    return text or names.resolve(scope, callee(expr)).symbol


def edges_of(names: Names, sends: Iterable[Registration], takers: Iterable[Taker]) -> Iterator[HookEdge]:
    """Yield who sends to whom."""
    waiting = [each for each in takers if each.channel]
    for each in sends:
        call: Expr = each.data["call"]
        word = "add" if call[1][2] == "add" else "emit"
        first = call[2][0]
        name = key_of(names, each.scope, first)
        channel = _injected(names, each.scope, call[1][1]) if word == "add" else name
        for taker in waiting if channel else ():
            if (taker.word, taker.channel) != (word, channel) or not _may_take(taker, name, first):
                continue
            sure = word == "emit" or not taker.name or taker.name == name
            yield HookEdge(
                source=each.scope,
                target=taker.handler,
                confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
                reason="enqueues" if word == "add" else "sends the event that is taken by",
                line=call[4],
                asynchronous=word == "add",
            )


def _may_take(taker: Taker, name: str, written: Expr) -> bool:
    """Tell whether a job may be for somebody: by its name where that is told, which a parameter does not."""
    told = bool(name) and ".<locals>." not in name and written[0] != "d"
    return taker.word == "emit" or not taker.name or not told or taker.name == name


def _injected(names: Names, scope: SymbolId, field: Expr) -> str:
    """Return the queue that a field of the class around is given by `@InjectQueue(…)`."""
    if field[0] != "a" or field[1] != ["n", "this"]:
        return ""
    owner = names.resolve(scope, field[1]).type
    symbol = names.symbol(owner) if owner else None
    body = symbol.body if symbol is not None else ()
    lines = {each.line for each in body if each.kind == "set" and each.target == ["n", field[2]]}
    for each in body:
        if each.line in lines and each.kind == "do" and last_name(each.value) == "InjectQueue":
            return key_of(names, outer_of(owner), each.value[2][0]) if each.value and each.value[2] else "default"
    return ""
