"""Walks the running shop as a customer does: over a socket, from the list of products to an order."""

import json
import urllib.error
import urllib.request
from typing import Any

from world import StoryBrokenError, World


def walk_the_shop(world: World) -> str:
    """Start the real server on a free port, order something, stop it, and say what was seen."""
    server = world.python("-m", "shop", "--port", "0")
    try:
        said = server.stdout.readline() if server.stdout else ""
        address = said.strip().rpartition(" ")[2]
        if not address.startswith("http://127.0.0.1:"):
            message = f"the shop did not start: {said!r}"
            raise StoryBrokenError(message)
        return _order_an_apple(address)
    finally:
        server.terminate()
        server.wait(timeout=10)
        if server.stdout:
            server.stdout.close()


def _order_an_apple(address: str) -> str:
    dora = {"name": "dora", "password": "correct horse"}
    products = _ask(f"{address}/products", None)
    _ask(f"{address}/users", dora)
    session = _ask(f"{address}/login", dora)["session"]
    order = _ask(f"{address}/orders", {"lines": {"apple": 3}, "voucher": "WELCOME"}, session=session)["order"]
    listed = _ask(f"{address}/orders", None, session=session)["orders"]
    if listed != [[order, 3 * products["apple"] * 9 // 10]]:
        message = f"the order is not there: {listed}"
        raise StoryBrokenError(message)
    return f"three apples with the voucher WELCOME for {listed[0][1] / 100:.2f}, order number {order}"


def _ask(address: str, body: object, *, session: str = "") -> Any:
    request = urllib.request.Request(  # noqa: S310 - the address is our own server on this machine
        address,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-Session": session, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())
    except urllib.error.URLError as error:
        message = f"{address}: {error}"
        raise StoryBrokenError(message) from error
