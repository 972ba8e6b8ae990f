"""Starts the shop: `python -m shop --port 8000`."""

import argparse
from wsgiref.simple_server import make_server

from shop.store import open_store
from shop.web import create_app


def main() -> None:
    """Serve until interrupted; port 0 takes a free one, and the address is said first. `--check` only opens everything."""
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", default=":memory:")
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    shop = create_app(open_store(chosen.database))
    if chosen.check:
        print("ready")
        return
    with make_server("127.0.0.1", chosen.port, shop) as server:
        print(f"serving on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
