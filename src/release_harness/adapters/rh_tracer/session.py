"""Begins and ends a trace of this process: all watchers, in an order that imports nothing early."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING, Any

from . import commands, tasks, web, web_pyramid
from .core import trace
from .mapfile import write_map
from .network import stub_hooks, watch_pools, watch_sockets
from .processes import watch_children, watch_forks
from .replacing import watch_mock, watch_monkeypatch
from .watching import ImportWatch, quietly

if TYPE_CHECKING:
    from collections.abc import Callable

_HOOKS: dict[str, Callable[[Any], None]] = {
    "starlette.applications": web.watch_starlette,
    "starlette.routing": web.watch_starlette_routing,
    "fastapi.routing": web.watch_fastapi_routing,
    "litestar.app": web.watch_litestar,
    "litestar.routes": web.watch_litestar_routes,
    "httpx._transports.asgi": web.watch_asgi_clients,
    "flask.app": web.watch_flask,
    "django.core.handlers.base": web.watch_django,
    "aiohttp.web_app": web.watch_aiohttp,
    "pyramid.router": web_pyramid.watch_router,
    "pyramid.viewderivers": web_pyramid.watch_views,
    "click.core": commands.watch_click,
    "typer._click.core": commands.watch_click,
    "typer.core": commands.watch_typer,
    "django.core.management.base": commands.watch_django_commands,
    "argparse": commands.watch_argparse,
    "pluggy._manager": commands.watch_pluggy,
    "graphql.execution.execute": commands.watch_graphql,
    "graphql.execution.executor": commands.watch_graphql,
    "celery.app.trace": tasks.watch_celery,
    "rq.job": tasks.watch_rq,
    "dramatiq.worker": tasks.watch_dramatiq,
    "arq.worker": tasks.watch_arq,
    "huey.api": tasks.watch_huey,
    "unittest.mock": watch_mock,
    "mock.mock": watch_mock,
    "_pytest.monkeypatch": watch_monkeypatch,
    "concurrent.futures.thread": watch_pools,
    "socket": watch_sockets,
}

imports = ImportWatch({})


def begin(root: str) -> None:
    """Start the trace; whatever of it cannot be started is left out and said in the map."""
    if trace.method:
        return
    quietly(trace.start, root)
    scripts = quietly(commands.console_scripts, trace.repository.root) or {}
    mains = {module: commands.watch_console_main(functions) for module, functions in scripts.items()}
    imports.watched = {**mains, **_HOOKS, **stub_hooks()}
    quietly(imports.install)
    quietly(watch_forks)
    if os.environ.get("RH_TRACE_CHILDREN", "1") != "0":
        quietly(watch_children)
    atexit.register(end)


def end() -> None:
    """Stop the trace and write the map, once."""
    if trace.method:
        quietly(trace.stop)
        write_map()
