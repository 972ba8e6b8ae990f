"""Links one file: every symbol's header and statements, by the rules of references."""

from collections.abc import Sequence

from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.facts import Symbol
from release_harness.steps.evidence.impact.link import known_names
from release_harness.steps.evidence.impact.link.bindings import FileIndex, Scope, outer_of
from release_harness.steps.evidence.impact.link.headers import Headers
from release_harness.steps.evidence.impact.link.program import OneFile
from release_harness.steps.evidence.impact.link.protocols import PROTOCOL
from release_harness.steps.evidence.impact.link.record import FileLink, registrations_of
from release_harness.steps.evidence.impact.link.references import References
from release_harness.steps.evidence.impact.link.resolver import Resolver
from release_harness.steps.evidence.impact.link.sink import Sink
from release_harness.steps.evidence.impact.link.statements import Statements


def link_file(resolver: Resolver, index: FileIndex, frameworks: Sequence[Framework]) -> FileLink:
    """Return the links of one file."""
    resolver.read = []
    resolver.pinned = index.path
    sink = Sink(index.path)
    references = References(resolver, sink)
    headers = Headers(references)
    statements = Statements(references)
    for symbol in index.facts.symbols:
        try:
            _link_symbol(index.scope_of(symbol), sink, headers, statements)
        except RecursionError:
            sink.drop("symbols nested too deep to read")
    registrations = registrations_of(OneFile(resolver, index), frameworks, sink.drop)
    classes = {each.qualname: _bases(resolver, f"{index.path}:{each.qualname}") for each in _classes(index)}
    members = {each.qualname: _members(index, each.qualname) for each in _classes(index)}
    functions = [each.qualname for each in index.facts.symbols if each.kind in {"function", "async"}]
    own = f"{index.path}:"
    consumed = sorted(each for each in set(resolver.read) if not each.startswith(own))
    return FileLink(
        sink.rows(),
        classes,
        members,
        [each for each in functions if outer_of(each) not in classes],
        consumed,
        sink.calls_count,
        sink.unresolved_count,
        dict(sorted(sink.dropped.items())),
        registrations,
        sink.missing,
    )


def _bases(resolver: Resolver, owner: str) -> list[str]:
    return [*resolver.bases(owner), *([PROTOCOL] if resolver.is_protocol(owner) else [])]


def _classes(index: FileIndex) -> list[Symbol]:
    return [each for each in index.symbols.values() if each.kind == "class"]


def _link_symbol(scope: Scope, sink: Sink, headers: Headers, statements: Statements) -> None:
    symbol = scope.symbol
    sink.enter(symbol.qualname)
    sink.line = symbol.line
    headers.references.at = None
    if symbol.qualname:
        headers.read(scope)
    for imported in symbol.imports:
        statements.imported(scope, imported)
    sink.enter(symbol.qualname)
    for statement in symbol.body:
        sink.line = statement.line
        statements.read(scope, statement)


def _members(index: FileIndex, qualname: str) -> dict[str, str]:
    """Return what a class binds, with one letter for each that says what it is."""
    found: dict[str, str] = {}
    for name, bindings in index.members(qualname).items():
        last = bindings[-1]
        if last.kind == "symbol":
            found[name] = _letter(last.fact)
        elif last.kind in {"set", "item"}:
            found[name] = "v"
    return found


def _letter(symbol: Symbol) -> str:
    if symbol.kind == "class":
        return "c"
    for decorator in symbol.decorators:
        expr = decorator[1] if decorator[0] == "c" else decorator
        if expr[0] in {"n", "a"} and expr[-1] in known_names.HOOK_DECORATORS:
            return "h"
    return "p" if "property" in symbol.flags else "f"
