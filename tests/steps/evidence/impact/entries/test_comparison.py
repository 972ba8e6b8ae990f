"""The list that was read against the framework's own."""

import pytest

from release_harness.kernel.errors import InputError
from release_harness.steps.evidence.impact.entries import dumps
from release_harness.steps.evidence.impact.entries.comparison import (
    RuntimeEntry,
    compare,
    plain_name,
    runtime_entries,
)
from release_harness.steps.evidence.model.impact import EntryPoint, Guard

MODULES = {"shop/views.py": "shop.views"}


def entry(name: str, handler: str = "shop/views.py:cart", **more: object) -> EntryPoint:
    """Build an entry as read."""
    return EntryPoint(kind="http", name=name, framework="X", handler=handler, path="shop/views.py", line=1, **more)  # type: ignore[arg-type]


def row(name: str, handler: str = "shop.views:cart", guards: tuple[str, ...] | None = None) -> RuntimeEntry:
    """Build an entry as the framework tells it."""
    return RuntimeEntry(kind="http", name=name, handler=handler, guards=guards)


@pytest.mark.parametrize(
    "name",
    [
        "GET /carts/<int:pk>/",
        "GET /carts/{pk}",
        r"GET /^carts/(?P<pk>[^/.]+)/$",
        "GET /carts/<pk>",
        "GET /carts/{pk:int}",
    ],
)
def test_addresses_are_compared_without_the_dialect_of_the_framework(name: str) -> None:
    """The same address is written in five ways; counting them as different would hide real differences."""
    assert plain_name(name) == "GET /carts/<pk>"


def test_what_only_one_list_has_is_told_from_what_both_have() -> None:
    """Both differences are evidence: one of a fault of reading, the other of a route behind a setting."""
    found = compare(
        [entry("GET /a"), entry("GET /only-read", "shop/views.py:read")],
        [row("GET /a/"), row("POST /late", "shop.views:late"), row("GET /docs", "fastapi.applications:swagger")],
        MODULES,
    )
    assert found.found_count == 1
    assert [each.name for each in found.only_runtime] == ["POST /late"]
    assert [each.name for each in found.only_static] == ["GET /only-read"]
    assert found.outside_count == 1
    assert found.recall_ratio == 0.5


def test_the_same_handler_at_another_address_is_found_and_told() -> None:
    """A prefix that was misread must be seen, and is not the same as a missing route."""
    found = compare([entry("GET /{prefix}a")], [row("GET /v1/a")], MODULES)
    assert found.found_count == 1
    assert len(found.names_differ) == 1


def test_another_verb_of_the_same_handler_is_not_found() -> None:
    """A handler that answers POST too, unseen, is exactly the entry point nobody guards."""
    found = compare([entry("GET /a")], [row("POST /a")], MODULES)
    assert found.found_count == 0


def test_a_guard_that_the_framework_does_not_have_is_told() -> None:
    """A guard that was read and is not there gives false comfort."""
    guards = (
        Guard(name="Depends(me)", source="dependency", symbol="shop/deps.py:me"),
        Guard(name="login_required", source="decorator", symbol="x.login_required"),
    )
    found = compare([entry("GET /a", guards=guards)], [row("GET /a", guards=("shop.deps:you",))], MODULES)
    assert [each.only_static for each in found.guards_differ] == [("me",)]
    same = compare([entry("GET /a", guards=guards)], [row("GET /a", guards=("shop.deps:me",))], MODULES)
    assert same.guards_differ == ()


def test_nothing_to_compare_has_no_recall() -> None:
    """An empty registry must not read as a perfect match."""
    assert compare([entry("GET /a")], [], MODULES).recall_ratio is None


@pytest.mark.parametrize(
    "rows", [{}, [1], [{"kind": "http", "name": "x"}], [{"kind": "a", "name": "b", "handler": "c", "guards": "d"}]]
)
def test_a_dump_that_is_no_list_of_entries_is_refused(rows: object) -> None:
    """What the project's interpreter prints is somebody else's text."""
    with pytest.raises(InputError):
        runtime_entries(rows)


@pytest.mark.parametrize(
    "name", ["FASTAPI", "FLASK", "DJANGO", "GRAPHENE", "STRAWBERRY", "AIOHTTP", "LITESTAR", "PYRAMID"]
)
def test_every_dump_is_a_program_that_defines_dump(name: str) -> None:
    """A dump is text here; a slip in it would show only in the user's interpreter."""
    scope: dict[str, object] = {}
    exec(compile(getattr(dumps, name), name, "exec"), scope)  # noqa: S102 - our own text
    assert callable(scope["dump"])
