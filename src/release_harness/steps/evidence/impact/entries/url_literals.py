"""Calls of clients that name a URL: from a page, a test or another service to the routes that answer them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import (
    Discovery,
    FileView,
    HookEdge,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.reading import last_name
from release_harness.steps.evidence.impact.expressions import argument, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, FileFacts, Statement, Symbol
from release_harness.steps.evidence.impact.lexical.other_languages import ECMASCRIPT
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint

METHODS = {each: each.upper() for each in ("get", "post", "put", "patch", "delete", "head", "options")}
CLIENTS = frozenset({
    "axios", "http", "https", "api", "client", "request", "$http", "httpClient", "ky", "got", "superagent", "fetcher", "agent",
    "apiClient", "instance", "$", "$axios", "rest", "supertest", "service", "axiosInstance",
})  # fmt: skip
FUNCTIONS = frozenset(
    {"fetch", "axios", "useSWR", "useFetch", "$fetch", "ofetch", "ky", "got", "request", "fetcher", "sendBeacon"}
)
KIND = "url"
NAME = "HTTP clients"
_HOST = re.compile(r"^(?:https?:)?//[^/]*")
UNTOLD = "{}"
ANSWERS_LIMIT = 4
"""A URL that fits more routes than this says nothing about any of them."""
EVERY = ("{}", "{*}")


class UrlLiteral(NamedTuple):
    """One URL that a client asks for."""

    method: str
    """Empty when the call does not say."""
    path: str
    """`{}` stands for parts that are computed; a path without a slash at its start follows a base that is not told."""
    scope: Symbol
    line: int


def url_literals(facts: FileFacts) -> Iterator[UrlLiteral]:
    """Yield the URLs that the calls of one file ask for."""
    if facts.language not in ECMASCRIPT:
        return
    for symbol in facts.symbols:
        for statement in symbol.body:
            yield from _in_statement(symbol, statement)


def _in_statement(symbol: Symbol, statement: Statement) -> Iterator[UrlLiteral]:
    for each in walk(statement.value):
        if each[0] != "c":
            continue
        method = _method_of(each)
        if method is None:
            continue
        path = path_of_url(_given_url(each))
        if path:
            yield UrlLiteral(method, path, symbol, each[4])


def _given_url(call: Expr) -> Expr | None:
    first = argument(call, 0)
    if first is not None and first[0] == "d":
        return next((value for key, value in first[1] if key == ["s", "url"]), None)
    return first


def _method_of(call: Expr) -> str | None:
    """Return the method of a call of a client; None for what is no such call."""
    function = call[1]
    if function[0] == "n":
        return _option(call) if function[1] in FUNCTIONS else None
    if function[0] != "a":
        return None
    base = last_name(function[1])
    if function[2] in METHODS and (base in CLIENTS or base.lower().endswith(("client", "api", "http", "axios"))):
        return METHODS[function[2]]
    return (
        _option(call)
        if function[2] in {"fetch", "$fetch"} and base in {"window", "self", "globalThis", "this"}
        else None
    )


def _option(call: Expr) -> str:
    for given in call[2]:
        for key, value in given[1] if given[0] == "d" else ():
            if key == ["s", "method"]:
                return (text_of(value) or "").upper()
    return "" if any(each[0] == "d" for each in call[2]) else "GET"


def path_of_url(expr: Expr | None) -> str:
    """Return the path of a URL without its host and its query; empty when nothing of it is told."""
    if expr is None:
        return ""
    if expr[0] == "s":
        text = str(expr[1])
    elif expr[0] == "f":
        text = "".join(str(each[1]) if each[0] == "s" else UNTOLD for each in expr[1])
    else:
        return ""
    text = _HOST.sub("", text).partition("?")[0].partition("#")[0]
    if text.startswith(UNTOLD):
        text = text[len(UNTOLD) :].lstrip("/")
    if " " in text or not re.search(r"[A-Za-z]{2}", text.replace(UNTOLD, "")):
        return ""
    return text


class HttpClients:
    """Notes the URLs of every file; it has no entry points of its own."""

    name = NAME
    languages = ECMASCRIPT
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Note the URLs of one file."""
        for each in url_literals(file.facts):
            data = {"method": each.method, "path": each.path}
            yield Registration(self.name, KIND, file.id_of(each.scope), each.line, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:  # noqa: ARG002 - as the contract says
        """Return nothing: which route answers is told when the routes of all frameworks are known."""
        return Discovery(framework=self.name)


def client_edges(found: Sequence[Registration], entries: Iterable[EntryPoint]) -> Discovery:
    """Return an edge from each call of a client to the handlers of the routes that fit its URL."""
    routes = _Routes(entries)
    edges: dict[tuple[str, str], HookEdge] = {}
    for each in found:
        if each.kind != KIND:
            continue
        for entry in routes.answering(each.data["method"], each.data["path"]):
            if entry.handler != each.scope:
                edge = HookEdge(
                    each.scope,
                    entry.handler,
                    Confidence.MEDIUM,
                    f"asks for {entry.name}",
                    each.line,
                    receiver=entry.receiver,
                )
                edges.setdefault((each.scope, entry.handler), edge)
    return Discovery(framework=NAME, edges=tuple(edges[key] for key in sorted(edges)))


class _Routes:
    """Routes by the number of their parts."""

    def __init__(self, entries: Iterable[EntryPoint]) -> None:
        self._by_count: dict[int, list[tuple[list[str], str, EntryPoint]]] = {}
        for entry in entries:
            method, _, path = entry.name.partition(" ")
            if entry.kind == "http" and path.startswith("/"):
                parts = _parts(path)
                self._by_count.setdefault(len(parts), []).append((parts, method, entry))

    def answering(self, method: str, path: str) -> list[EntryPoint]:
        """Return the routes that fit a URL; one after an untold base may fit the end of a longer route."""
        wanted = _parts(path)
        found = [
            entry
            for parts, verb, entry in self._by_count.get(len(wanted), ())
            if _fits(wanted, parts) and _allows(method, verb)
        ]
        if not found and any(each not in EVERY for each in wanted):
            for extra in (1, 2, 3):
                rows = self._by_count.get(len(wanted) + extra, ())
                found = [
                    e
                    for parts, verb, e in rows
                    if _fits(wanted, parts[extra:])
                    and _allows(method, verb)
                    and not any(x in EVERY for x in parts[:extra])
                ]
                if found:
                    break
        exact = [entry for entry in found if _exactly(wanted, _parts(entry.name.partition(" ")[2]))]
        found = exact or found
        return found if len(found) <= ANSWERS_LIMIT else []


def _parts(path: str) -> list[str]:
    return [UNTOLD if "{" in each else each for each in path.strip("/").split("/") if each]


def _fits(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    told = False
    for want, part in zip(wanted, parts, strict=True):
        if want == part and part != UNTOLD:
            told = True
        elif part != UNTOLD:
            return False
    return told


def _exactly(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    return list(parts[-len(wanted) :]) == list(wanted)


def _allows(method: str, verb: str) -> bool:
    return not method or verb in {"ANY", method}


FRAMEWORK = HttpClients()
