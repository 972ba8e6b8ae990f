"""Applications and routers that go from hand to hand: a function gets them as a parameter, a class holds them in a field."""

from collections.abc import Iterator
from typing import Any

from release_harness.steps.evidence.impact.entries.contract import FileView, Registration
from release_harness.steps.evidence.impact.entries.reading import (
    index_of,
)
from release_harness.steps.evidence.impact.facts import Expr

PASSED_NAMES = frozenset({
    "app", "application", "api", "router", "routes", "route", "bp", "blueprint", "server", "config", "config_", "site",
    "web", "main", "root", "parent", "group", "dispatcher", "web_app", "webapp", "subapp", "sub_app", "admin", "asgi",
    "wsgi", "self", "registry", "manager", "appbuilder", "namespace", "ns", "configurator",
})  # fmt: skip
PASSED_ENDINGS = ("_app", "_api", "_router", "_routes", "_bp", "_blueprint", "_namespace", "_ns", "router", "app")
HELD_ENDINGS = ("router", "routes", "bp", "blueprint", "namespace")
PASSED = "passed"
HELD = "held"


def passed_objects(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the calls that hand something named like an application or router to a function of the repository."""
    for name, sites in index_of(file.facts).calls.items():
        if not name or name in {"include_router", "register_blueprint", "isinstance", "print", "len", "str", "getattr"}:
            continue
        for scope, _, call in sites:
            given = {str(at): each for at, each in enumerate(call[2]) if is_passed_name(each)}
            given.update({key: each for key, each in call[3].items() if is_passed_name(each)})
            if not given:
                continue
            called = file.resolve(scope, call[1])
            if called.symbol:
                data: dict[str, Any] = {"function": called.symbol, "given": given, "method": bool(called.receiver)}
                yield Registration(framework, PASSED, file.id_of(scope), call[4], data)


def held_objects(file: FileView, framework: str) -> Iterator[Registration]:
    """Yield the fields of classes that hold something named like a router: whoever has such a class may include it."""
    for symbol in file.facts.symbols:
        for each in symbol.body if symbol.kind == "class" else ():
            name, value = each.target, each.value
            if each.kind == "set" and name is not None and value is not None and name[0] == "n" and _is_held(value):
                data: dict[str, Any] = {"name": name[1], "value": value}
                yield Registration(framework, HELD, file.id_of(symbol), each.line, data)


def _is_held(expr: Expr) -> bool:
    name = expr[2] if expr[0] == "a" else expr[1] if expr[0] == "n" else ""
    return isinstance(name, str) and name.endswith(HELD_ENDINGS)


def is_passed_name(expr: Expr) -> bool:
    """Tell whether an argument is named like an application, a router or the like."""
    name = expr[2] if expr[0] == "a" else expr[1] if expr[0] == "n" else ""
    return isinstance(name, str) and (name in PASSED_NAMES or name.endswith(PASSED_ENDINGS))
