"""Which entry point a request of a Pyramid application is counted to, and what answered it."""

import types
from collections.abc import Callable
from typing import Any

from release_harness.adapters.rh_tracer import web_pyramid
from release_harness.adapters.rh_tracer.core import open_holders, trace


class AnyRequest:
    """A request of WebOb: the environment holds the bytes of the path, and `path` decodes them."""

    method = "GET"
    view_name = ""

    def __init__(self, path_info: str, pattern: str = "") -> None:
        """`path_info` is a path as WSGI carries it: bytes written as latin-1."""
        self.environ = {"SCRIPT_NAME": "/v1", "PATH_INFO": path_info}
        self.matched_route = types.SimpleNamespace(pattern=pattern) if pattern else None

    @property
    def path(self) -> str:
        """Decode as WebOb does."""
        return (self.environ["SCRIPT_NAME"] + self.environ["PATH_INFO"]).encode("latin-1").decode()


def see_open_entries(request: AnyRequest, *steps: Callable[[AnyRequest], Any]) -> list[tuple[str, str, int]]:
    """Return the entries that are open once a router has taken these steps, and after it."""

    class Router:
        """Stands for `pyramid.router.Router`."""

        def invoke_request(self, request: AnyRequest) -> list[Any]:
            """Tell what is open when all is done."""
            for each in steps:
                each(request)
            return list(open_holders.get())

    web_pyramid.watch_router(types.SimpleNamespace(Router=Router))
    return [each.entry for each in Router().invoke_request(request)]


def derive(view: Any, *, attr: str | None = None, refuses: bool = False) -> Callable[[Any, Any], Any]:
    """Return what Pyramid makes of a configured view: a function of context and request, with what it knows on it."""

    def secured_view(view: Any, info: Any) -> Any:
        """Stands for `pyramid.viewderivers.secured_view`."""
        del info

        def secured(context: Any, request: Any) -> Any:
            if refuses:
                raise PermissionError
            return view(context, request)

        secured.__permitted__ = refuses  # type: ignore[attr-defined]
        return secured

    module = types.SimpleNamespace(secured_view=secured_view)
    web_pyramid.watch_views(module)
    info = types.SimpleNamespace(original_view=view, options={"attr": attr})
    made: Callable[[Any, Any], Any] = module.secured_view(lambda _context, _request: "answer", info)
    assert made.__permitted__ is refuses  # type: ignore[attr-defined]
    return made


class Users:
    """A view class: each method answers another verb."""

    def show(self) -> None:
        """Answer."""


def show_user(request: Any) -> None:
    """Answer."""
    del request


def number_of(function: Any) -> int:
    """Return the number under which the trace keeps a function."""
    return trace.number_of(function.__code__)


def test_a_request_is_named_by_its_decoded_path() -> None:
    """WSGI hands paths over as bytes in disguise; an entry point is known by what people write."""
    assert see_open_entries(AnyRequest("/caf\xc3\xa9")) == [("http", "GET /v1/café", -1)]


def test_a_request_with_a_path_that_is_no_utf8_is_counted_all_the_same() -> None:
    """A scanner can ask for any bytes, and a trace that leaves a request out is not whole."""
    assert see_open_entries(AnyRequest("/a\x82b")) == [("http", "GET /v1/a\N{REPLACEMENT CHARACTER}b", -1)]


def test_the_view_that_answers_is_the_handler_and_its_route_the_name() -> None:
    """Routes that share an address are told apart by who answers, so a trace without handlers cannot be placed."""
    request = AnyRequest("/users/7", "users/{id}")
    view = derive(show_user)
    assert see_open_entries(request, lambda asked: view(None, asked)) == [
        ("http", "GET /users/{id}", number_of(show_user))
    ]


def test_the_handler_of_a_view_class_is_the_method_that_it_was_configured_with() -> None:
    """One class holds the views of a resource; only the method says which of them ran."""
    request = AnyRequest("/users/7", "users/{id}")
    for view in (Users, Users()):
        made = derive(view, attr="show")
        ((_, _, handler),) = see_open_entries(request, lambda asked, made=made: made(None, asked))  # type: ignore[misc]
        assert handler == number_of(Users.show)


def test_a_view_without_a_route_is_named_by_its_own_name() -> None:
    """Traversal finds a view by the last part of the path, which is how it was configured."""
    request = AnyRequest("/folder/page/edit.html")
    request.view_name = "edit.html"
    view = derive(show_user)
    assert see_open_entries(request, lambda asked: view(None, asked)) == [
        ("http", "GET /edit.html", number_of(show_user))
    ]


def test_a_request_that_a_permission_refuses_still_names_what_it_asked_for() -> None:
    """A test that a stranger is turned away walks to the guard of this view and of no other."""
    refusing = derive(show_user, refuses=True)

    def ask(asked: AnyRequest) -> None:
        try:
            refusing(None, asked)
        except PermissionError:
            return

    assert see_open_entries(AnyRequest("/x", "x"), ask) == [("http", "GET /x", number_of(show_user))]


def test_the_page_that_is_shown_for_an_error_is_no_handler() -> None:
    """An exception view answers for every route; naming it would count the walk to the wrong function."""
    first, shown = derive(show_user), derive(Users, attr="show")
    steps = (lambda asked: first(None, asked), lambda asked: shown(ValueError(), asked))
    assert see_open_entries(AnyRequest("/x", "x"), *steps) == [("http", "GET /x", number_of(show_user))]
    assert see_open_entries(AnyRequest("/x"), steps[1]) == [("http", "GET /v1/x", -1)]
