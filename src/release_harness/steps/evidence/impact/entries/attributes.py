"""What lies on the way of an entry point: flags it asks for, tables it touches, hosts it calls.

Only high-confidence references are followed, to a bounded depth, so the answer says what is there, never all that may be.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.kernel.records import record
from release_harness.steps.evidence.impact.entries.contract import ProgramView
from release_harness.steps.evidence.impact.entries.flags import keys_in
from release_harness.steps.evidence.impact.entries.reading import path_of, qualname_of
from release_harness.steps.evidence.impact.entries.tables import table_of_class, tables_in_call, tables_in_sql
from release_harness.steps.evidence.impact.expressions import argument, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.impact.graph import Node, ReferenceGraph
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, SymbolId

DEPTH_LIMIT = 10
NODES_LIMIT = 600
CLIENTS = (
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
    "urllib",
    "http",
    "websockets",
    "websocket",
    "grpc",
    "smtplib",
    "niquests",
    "pycurl",
)
SERVICES = {
    "stripe": "api.stripe.com", "twilio": "api.twilio.com", "sendgrid": "api.sendgrid.com", "slack_sdk": "slack.com",
    "openai": "api.openai.com", "anthropic": "api.anthropic.com", "mailchimp3": "api.mailchimp.com", "braintree": "braintreegateway.com",
    "github": "api.github.com", "paypalrestsdk": "api.paypal.com", "telegram": "api.telegram.org", "posthog": "app.posthog.com",
    "plaid": "plaid.com", "hubspot": "api.hubapi.com", "resend": "api.resend.com", "postmarker": "api.postmarkapp.com",
}  # fmt: skip
_HOST = re.compile(
    r"^(?:https?|wss?|ftp|smtps?|grpcs?)://(?:[^/@\s{}]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9])(?=[:/?#]|$)"
)


@record
class Attributes:
    """What lies on the way of one entry point."""

    flags: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    whole: bool = True
    """False when the way was cut at its limits."""


@record
class _Own:
    flags: tuple[str, ...]
    tables: tuple[str, ...]
    hosts: tuple[str, ...]


class AttributeReader:
    """Reads the attributes of entries of one tree; what a symbol holds is read once."""

    def __init__(self, program: ProgramView, graph: ReferenceGraph, flag_functions: Sequence[str] = ()) -> None:
        """Take the tree, its graph, and the functions that the project declares as flag checks."""
        self._program = program
        self._graph = graph
        self._declared = tuple(flag_functions)
        self._known: dict[SymbolId, _Own] = {}

    def attributes(self, entry: EntryPoint) -> Attributes:
        """Return the attributes of one entry, each list sorted."""
        reached, whole = self._reached(Node(entry.handler, entry.receiver))
        own = [self._own(each) for each in reached]
        return Attributes(
            flags=tuple(sorted({each for found in own for each in found.flags})),
            tables=tuple(sorted({each for found in own for each in found.tables})),
            hosts=tuple(sorted({each for found in own for each in found.hosts})),
            whole=whole,
        )

    def filled(self, entry: EntryPoint) -> EntryPoint:
        """Return an entry with its flags, tables and hosts."""
        found = self.attributes(entry)
        return replace(entry, flags=found.flags, tables=found.tables, hosts=found.hosts)

    def _reached(self, start: Node) -> tuple[list[SymbolId], bool]:
        seen: dict[Node, int] = {start: 0}
        waiting = deque([start])
        whole = True
        while waiting:
            node = waiting.popleft()
            for target in self._next(node):
                if target in seen:
                    continue
                if seen[node] >= DEPTH_LIMIT or len(seen) >= NODES_LIMIT:
                    whole = False
                    continue
                seen[target] = seen[node] + 1
                waiting.append(target)
        return list(dict.fromkeys(each.symbol for each in seen)), whole

    def _next(self, node: Node) -> Iterator[Node]:
        """Yield what a node refers to with high confidence; modules and other receivers are left out."""
        for edge in self._graph.references(node.symbol):
            if (
                edge.confidence is Confidence.HIGH
                and edge.source.receiver in {"", node.receiver}
                and qualname_of(edge.target.symbol)
            ):
                yield edge.target

    def _own(self, symbol: SymbolId) -> _Own:
        if symbol not in self._known:
            self._known[symbol] = self._read(symbol)
        return self._known[symbol]

    def _read(self, symbol: SymbolId) -> _Own:
        facts = self._program.symbol(symbol)
        if facts is None:
            return _Own(flags=(), tables=tuple(self._of_variable(symbol)), hosts=())
        flags = keys_in(self._program, symbol, facts, self._declared)
        if facts.kind == "class":
            table = table_of_class(self._program, symbol)
            return _Own(flags=(), tables=(table,) if table else (), hosts=())
        return _Own(
            flags=tuple(dict.fromkeys(flags)),
            tables=tuple(dict.fromkeys(self._tables(symbol, facts))),
            hosts=tuple(dict.fromkeys(hosts_in(self._program, symbol, facts))),
        )

    def _of_variable(self, symbol: SymbolId) -> Iterator[str]:
        """Yield the table that a module's variable holds: `users = Table("users", …)`."""
        module = self._program.symbol(f"{path_of(symbol)}:")
        for each in module.body if module else ():
            if each.kind == "set" and each.target == ["n", qualname_of(symbol)]:
                yield from tables_in_call(self._program, f"{path_of(symbol)}:", each.value)

    def _tables(self, symbol: SymbolId, facts: Symbol) -> Iterator[str]:
        for statement in facts.body:
            for each in walk(statement.value):
                if each[0] == "s":
                    yield from tables_in_sql(each[1])
                elif each[0] == "f":
                    yield from tables_in_sql("".join(text_of(part) or "{}" for part in each[1]))
                elif each[0] == "c":
                    yield from tables_in_call(self._program, symbol, each)
                elif each[0] in {"n", "a"} and str(each[-1])[:1].isupper():
                    named = self._program.resolve(symbol, each).symbol
                    table = table_of_class(self._program, named) if self._program.class_of(named) else ""
                    if table:
                        yield table


def hosts_in(program: ProgramView, scope: SymbolId, facts: Symbol) -> Iterator[str]:
    """Yield the hosts that a function calls by a literal address, and `aws:NAME` for services of AWS."""
    for statement in facts.body:
        for each in walk(statement.value):
            if each[0] == "c":
                yield from _hosts_of_call(program, scope, each)


def _hosts_of_call(program: ProgramView, scope: SymbolId, call: Expr) -> Iterator[str]:
    found = program.resolve(scope, call[1])
    owner = program.resolve(scope, call[1][1]) if call[1][0] == "a" else found
    name = found.external or owner.type or owner.external
    # Go names a library by its address, which is no host that it calls.
    library = name.partition(".")[0].removeprefix("net/") if "/" not in name.partition(".")[2] else ""
    if library in {"boto3", "aioboto3", "botocore"}:
        service = text_of(argument(call, 0, "service_name"))
        if service and call[1][-1] in {"client", "resource", "create_client"}:
            yield f"aws:{service}"
    elif library in SERVICES:
        yield SERVICES[library]
    elif library in CLIENTS:
        for given in (*call[2], *call[3].values()):
            host = _host(program, scope, given)
            if host:
                yield host


def _host(program: ProgramView, scope: SymbolId, expr: Expr) -> str:
    """Return the host of an address: a text, a formatted text that begins with one, or a name of a text."""
    text = text_of(expr)
    if text is None and expr[0] == "f":
        text = _beginning(program, scope, expr[1])
    if text is None and expr[0] in {"n", "a"}:
        text = program.resolve(scope, expr).text
    if text is None and expr[0] in {"b", "c"}:
        inner = expr[1] if expr[0] == "b" else expr[2]
        text = next((each[1] for each in inner if each[0] == "s"), "")
    match = _HOST.match(text or "")
    return match["host"].lower() if match else ""


def _beginning(program: ProgramView, scope: SymbolId, parts: Iterable[Expr]) -> str:
    text = ""
    for each in parts:
        said = text_of(each)
        if said is None and each[0] in {"n", "a"}:
            said = program.resolve(scope, each).text or None
        if said is None:
            return text + "{}"
        text += said
    return text
