"""Starts the shop: `python -m shop --port 8000`."""

import argparse
from wsgiref.simple_server import make_server

from shop.store import open_store
from shop.web import create_app


def main() -> None:
    """Serve until interrupted; port 0 takes a free one, and the address is said first."""
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", default=":memory:")
    chosen = parser.parse_args()
    with make_server("127.0.0.1", chosen.port, create_app(open_store(chosen.database))) as server:
        print(f"serving on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
