"""The root types of a GraphQL schema: what is handed to `Schema(query=…, mutation=…)`, also through the repository's own builders."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.entries.contract import Around, FileView, Registration
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import (
    base_of,
    index_of,
    is_test_path,
    last_name,
    path_of,
)
from release_harness.steps.evidence.impact.expressions import argument, items_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

OPERATIONS = ("query", "mutation", "subscription")
TRANSPORT_METHODS = (
    "dispatch",
    "dispatch_request",
    "run",
    "get_context",
    "get",
    "post",
    "__call__",
    "execute_graphql_request",
)


class Root(NamedTuple):
    """One root type."""

    operation: str
    owner: SymbolId
    scope: SymbolId
    line: int


def collect_roots(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the calls that may make a schema, and the views that serve one."""
    index = index_of(file.facts)
    for name, sites in index.calls.items():
        for site in sites:
            keywords = site.call[3].keys()
            if "schema" in name.lower() and (keywords & set(OPERATIONS) or site.call[2]):
                if (
                    name[:1].isupper()
                    or keywords & {"query", "mutation"}
                    or name.startswith(("build", "make", "create"))
                ):
                    yield Registration(framework, "schema", file.id_of(site.scope), site.call[4], {"call": site.call})
            elif {"query", "mutation"} <= keywords:
                yield Registration(framework, "schema", file.id_of(site.scope), site.call[4], {"call": site.call})
            if (name == "as_view" and "schema" in keywords) or name in {"GraphQLRouter", "GraphQLApp"}:
                yield Registration(framework, "transport", file.id_of(site.scope), site.call[4], {"call": site.call})


def roots_of(objects: Objects, found: Sequence[Registration]) -> list[Root]:
    """Return the root classes of all schemas outside tests."""
    roots = []
    for each in found:
        if each.kind != "schema" or is_test_path(path_of(each.scope)):
            continue
        call = each.data["call"]
        for position, operation in enumerate(OPERATIONS):
            given = argument(call, position, operation)
            for there, expr in _classes(objects, each.scope, given):
                value = objects.program.resolve(there, expr)
                if value.symbol and objects.program.class_of(value.symbol) is not None:
                    roots.append(Root(operation, value.symbol, each.scope, each.line))
    return list({(each.operation, each.owner): each for each in reversed(roots)}.values())


def _classes(objects: Objects, scope: SymbolId, given: Expr | None) -> Iterator[tuple[SymbolId, Expr]]:
    if given is None:
        return
    there, value = (scope, given) if given[0] == "c" else objects.value(scope, given)
    if value is not None and value[0] == "c" and last_name(value) == "merge_types":
        for each in items_of(argument(value, 1, "types")) or ():
            yield there, each
    elif value is not None and value[0] == "c" and value[2]:
        yield there, value[2][0]
    else:
        yield scope, given


def transports(objects: Objects, found: Sequence[Registration]) -> Iterator[Around]:
    """Yield the code of this repository that every operation passes through."""
    for each in found:
        if each.kind != "transport" or is_test_path(path_of(each.scope)):
            continue
        call = each.data["call"]
        view = objects.program.resolve(each.scope, base_of(call)) if last_name(call) == "as_view" else None
        symbol = view.symbol if view else objects.program.resolve(each.scope, call[1]).symbol
        if symbol and objects.program.class_of(symbol) is not None:
            methods = [objects.program.method(symbol, name) for name in TRANSPORT_METHODS]
            for method in [found_method[0] for found_method in methods if found_method] or [symbol]:
                yield Around(method, "GraphQL transport")
        getter = argument(call, -1, "context_getter")
        value = objects.program.resolve(each.scope, getter) if getter else None
        if value and value.symbol:
            yield Around(value.symbol, "GraphQL transport")


def camel_case(name: str) -> str:
    """Return the name that clients use: `accountRegister` for `account_register`."""
    return re.sub(r"(?<=[A-Za-z0-9])_+([A-Za-z0-9])", lambda found: found.group(1).upper(), name)
