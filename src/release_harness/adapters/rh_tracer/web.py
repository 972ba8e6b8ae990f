"""Requests: ASGI and WSGI frameworks, and the clients that stand in for a server in tests."""

from __future__ import annotations

import sys
from typing import Any

from .core import Holder, open_holders, trace
from .replacing import note_replaced_dependencies
from .watching import dispatch, replace_attribute, wrap

_KEY = "rh_tracer.holder"


def web_holder() -> Holder | None:
    """Return the innermost open holder of a request."""
    return next((each for each in reversed(open_holders.get()) if each.entry[0] in ("http", "websocket")), None)


def _open_scope(scope: Any) -> Holder | None:
    """Open a holder for an ASGI scope, unless somebody further out did."""
    if not isinstance(scope, dict) or scope.get("type") not in ("http", "websocket") or _KEY in scope:
        return None
    kind = scope["type"]
    holder = trace.open(kind, asked(str(scope.get("method", "")), str(scope.get("path", ""))), raw=True)
    if holder is not None:
        scope[_KEY] = holder
    return holder


def asked(method: str, path: str) -> str:
    """Return the name of a request: its verb, where it has one, and a path."""
    return f"{method} {path}".strip()


def watch_asgi(owner: Any, name: str = "__call__") -> None:
    """Open a holder around an ASGI application: (self, scope, receive, send)."""

    def start(arguments: tuple[Any, ...], named: dict[str, Any]) -> Holder | None:
        scope = named["scope"] if "scope" in named else arguments[1]
        holder = _open_scope(scope)
        if holder is not None:
            note_replaced_dependencies(arguments[0], holder)
        return holder

    dispatch(owner, name, start=start)


def watch_starlette(module: Any) -> None:
    """Starlette and what is built on it: the application opens, the route that handles gives the name."""
    watch_asgi(module.Starlette)


def watch_starlette_routing(module: Any) -> None:
    """Name the holder by the template of the route, below the templates of its mounts."""

    def named_by_route(arguments: tuple[Any, ...]) -> None:
        route, scope = arguments[0], arguments[1]
        holder = scope.get(_KEY) or web_holder()
        if holder is None:
            return
        prefix = scope.get("rh_tracer.prefix", "")
        method = str(scope.get("method", ""))
        holder.name_it(asked(method, prefix + route.path), route.endpoint, method.lower())

    def below_mount(arguments: tuple[Any, ...]) -> None:
        route, scope = arguments[0], arguments[1]
        holder = scope.get(_KEY)
        scope["rh_tracer.prefix"] = scope.get("rh_tracer.prefix", "") + route.path
        if holder is not None and holder.raw:
            method = str(scope.get("method", ""))
            holder.name_it(asked(method, f"{scope['rh_tracer.prefix']}/{{path}}"), route.app)

    for name in ("Route", "WebSocketRoute"):
        wrap(vars(module).get(name), "handle", before=named_by_route)
    wrap(vars(module).get("Mount"), "handle", before=below_mount)


def watch_fastapi_routing(module: Any) -> None:
    """Newer versions of FastAPI have routes with a `handle` of their own."""
    for name in ("APIRoute", "APIWebSocketRoute"):
        watch_starlette_routing_class(vars(module).get(name))


def watch_starlette_routing_class(owner: Any) -> None:
    """Name holders by one class of routes."""

    def named_by_route(arguments: tuple[Any, ...]) -> None:
        route, scope = arguments[0], arguments[1]
        holder = scope.get(_KEY) or web_holder()
        if holder is not None:
            method = str(scope.get("method", ""))
            holder.name_it(asked(method, scope.get("rh_tracer.prefix", "") + route.path), route.endpoint)

    if owner is not None:
        wrap(owner, "handle", before=named_by_route)


def watch_litestar(module: Any) -> None:
    """Litestar: the application opens."""
    watch_asgi(module.Litestar)


def watch_litestar_routes(module: Any) -> None:
    """Litestar: the route that handles gives the name."""

    def named_by_route(arguments: tuple[Any, ...]) -> None:
        route, scope = arguments[0], arguments[1]
        holder = scope.get(_KEY) or web_holder()
        if holder is not None:
            handlers = getattr(route, "route_handler_map", {}).get(scope.get("method"))
            handler = handlers[0] if handlers else getattr(route, "route_handler", None)
            holder.name_it(asked(str(scope.get("method", "")), route.path), getattr(handler, "fn", handler))

    for name in ("HTTPRoute", "WebSocketRoute"):
        owner = vars(module).get(name)
        if owner is not None:
            wrap(owner, "handle", before=named_by_route)


def watch_asgi_clients(module: Any) -> None:
    """Give applications without a known framework a holder named by the path that was asked."""

    def make(original: Any) -> Any:
        async def handle(self: Any, request: Any) -> Any:
            opened = None
            if not open_holders.get():
                opened = trace.open("http", asked(request.method, request.url.path), raw=True)
            try:
                return await original(self, request)
            finally:
                trace.close(opened)

        return handle

    replace_attribute(module.ASGITransport, "handle_async_request", make)


def watch_flask(module: Any) -> None:
    """Flask, blueprints included: the rule that matched gives the name."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        environ = arguments[1]
        return trace.open("http", asked(environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", "")), raw=True)

    def start_inside(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        # Each look through the proxy is a search of the context.
        request = sys.modules["flask"].request._get_current_object()  # noqa: SLF001 - werkzeug's documented way
        holder = web_holder()
        opened = None
        if holder is None or not holder.raw:
            opened = holder = trace.open("http", asked(request.method, request.path), raw=True)
        rule = request.url_rule
        if holder is not None and rule is not None:
            view = arguments[0].view_functions.get(rule.endpoint)
            owner = getattr(view, "view_class", None)
            holder.name_it(asked(request.method, rule.rule), owner or view, request.method.lower())
        return opened

    dispatch(module.Flask, "wsgi_app", start=start)
    dispatch(module.Flask, "full_dispatch_request", start=start_inside)


def watch_django(module: Any) -> None:
    """Django, through servers and test clients alike: the resolver's match gives the name."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        request = arguments[1]
        return trace.open("http", asked(str(request.method), request.path), raw=True)

    def finish(holder: Holder, arguments: tuple[Any, ...]) -> None:
        request = arguments[1]
        match = getattr(request, "resolver_match", None)
        if match is None:
            return
        view, method = match.func, str(request.method).lower()
        actions = getattr(view, "actions", None)
        if isinstance(actions, dict):
            method = actions.get(method, method)
        owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
        holder.name_it(asked(str(request.method), "/" + str(match.route).lstrip("/")), owner or view, method)

    for name in ("get_response", "get_response_async"):
        dispatch(module.BaseHandler, name, start=start, finish=finish)


def watch_aiohttp(module: Any) -> None:
    """The resource that matched gives the name."""

    def start(arguments: tuple[Any, ...], _named: dict[str, Any]) -> Holder | None:
        request = arguments[1]
        return trace.open("http", asked(request.method, request.path), raw=True)

    def finish(holder: Holder, arguments: tuple[Any, ...]) -> None:
        request = arguments[1]
        match = getattr(request, "_match_info", None)
        resource = getattr(getattr(match, "route", None), "resource", None)
        if match is not None and resource is not None:
            holder.name_it(asked(request.method, resource.canonical), match.handler, request.method.lower())

    dispatch(module.Application, "_handle", start=start, finish=finish)
