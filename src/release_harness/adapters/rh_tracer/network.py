"""The border of the process: libraries that stand in for the network, and sockets that were really connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core import open_holders, trace
from .watching import replace_attribute, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

_STUBS: dict[str, tuple[str, str, str]] = {
    "responses": ("responses", "RequestsMock", "start"),
    "respx.router": ("respx", "MockRouter", "start"),
    "vcr.cassette": ("vcr", "CassetteContextDecorator", "__enter__"),
    "requests_mock.mocker": ("requests_mock", "MockerCore", "start"),
    "aioresponses.core": ("aioresponses", "aioresponses", "start"),
    "moto.core.models": ("moto", "MockAWS", "start"),
    "httpretty.core": ("httpretty", "httpretty", "enable"),
    "pytest_httpx._httpx_mock": ("pytest_httpx", "HTTPXMock", "__init__"),
    "pook.engine": ("pook", "Engine", "activate"),
}
"""Module, and how it is called, which class of it and which function says that it stands in from now on."""

_LOOPBACK = ("127.", "::1", "localhost")


def stub_hooks() -> dict[str, Callable[[Any], None]]:
    """Return what is to be done with each library that stands in for the network."""
    return {module: _note_at(*where) for module, where in _STUBS.items()}


def _note_at(library: str, owner: str, function: str) -> Callable[[Any], None]:
    def act(module: Any) -> None:
        found = vars(module).get(owner)
        if found is not None:
            wrap(found, function, before=lambda _arguments: trace.stub(library))

    return act


def watch_sockets(module: Any) -> None:
    """Note real connections; drivers that connect in C, such as libpq, are not seen."""
    sockets: Any = module.socket
    original = sockets.connect
    local = getattr(module, "AF_UNIX", None)

    def connect(self: Any, address: Any) -> Any:
        try:
            trace.socket("unix socket" if self.family == local else _kind_of(address))
        except Exception as error:  # noqa: BLE001 - see Trace.fault
            trace.fault(error)
        return original(self, address)

    sockets.connect = connect


def _kind_of(address: Any) -> str:
    host = str(address[0]) if isinstance(address, tuple) and address else ""
    return "loopback" if host.startswith(_LOOPBACK) else f"remote {host[:100]}"


def watch_pools(module: Any) -> None:
    """Carry the open holders into the threads of a pool, as asyncio and anyio do by themselves."""

    def make(original: Any) -> Any:
        def submit(self: Any, function: Any, /, *arguments: Any, **named: Any) -> Any:
            holders = open_holders.get()
            if not holders:
                return original(self, function, *arguments, **named)

            def carried(*given: Any, **more: Any) -> Any:
                token = open_holders.set(holders)
                try:
                    return function(*given, **more)
                finally:
                    open_holders.reset(token)

            return original(self, carried, *arguments, **named)

        return submit

    replace_attribute(module.ThreadPoolExecutor, "submit", make)
