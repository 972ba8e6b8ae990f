"""Requests of Pyramid: the router opens, the view that was found answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from .core import trace
from .watching import dispatch, quietly, replace_attribute
from .web import asked, web_holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from .core import Holder


def watch_router(module: Any) -> None:
    """Open a holder around each request; a request that no view answers is named by its route, where one matched."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        request = arguments[1]
        return trace.open("http", asked(request.method, _path_of_wsgi(request.environ)), raw=True)

    def finish(holder: Holder, arguments: tuple[Any, ...]) -> None:
        request = arguments[1]
        if holder.raw and getattr(request, "matched_route", None) is not None:
            holder.name_it(_name_of(request))

    dispatch(module.Router, "invoke_request", start=start, finish=finish)


def watch_views(module: Any) -> None:
    """Name the holder when a view is called: its predicates have agreed then, and its permission is not asked yet."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def secured_view(view: Any, info: Any) -> Any:
            derived = original(view, info)
            return quietly(_naming, derived, info) or derived

        return secured_view

    replace_attribute(module, "secured_view", make)


def _naming(derived: Any, info: Any) -> Any:
    """Return a view that names the holder before it answers; Pyramid keeps what it knows on the function, so all goes along."""
    handler, method = info.original_view, info.options.get("attr") or ""
    if method and not isinstance(handler, type):
        handler, method = getattr(handler, method), ""

    @functools.wraps(derived)
    def named_view(context: Any, request: Any) -> Any:
        quietly(_name, context, request, handler, method)
        return derived(context, request)

    return named_view


def _name(context: Any, request: Any, handler: Any, method: str) -> None:
    """The first view of a request is the one it asked for; what shows an error comes after, with the error as its context."""
    holder = web_holder()
    if holder is not None and holder.raw and not isinstance(context, BaseException):
        holder.name_it(_name_of(request), handler, method)


def _name_of(request: Any) -> str:
    """Return the pattern of the route, else the name of the view."""
    route = getattr(request, "matched_route", None)
    path = route.pattern if route is not None else getattr(request, "view_name", "")
    return asked(request.method, "/" + str(path).lstrip("/"))


def _path_of_wsgi(environ: Any) -> str:
    """Return the path that was asked; WSGI carries its bytes as latin-1, and they need not be UTF-8."""
    path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
    return path.encode("latin-1", "replace").decode("utf-8", "replace")
