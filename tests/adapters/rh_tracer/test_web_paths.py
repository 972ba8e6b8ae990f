"""Which entry point a request is counted to when its path is odd."""

import types

from release_harness.adapters.rh_tracer import web
from release_harness.adapters.rh_tracer.core import open_holders


class OddRequest:
    """A request of WebOb: the environment holds the bytes of the path, and `path` decodes them."""

    method = "GET"
    matched_route = None

    def __init__(self, path_info: str) -> None:
        """`path_info` is a path as WSGI carries it: bytes written as latin-1."""
        self.environ = {"SCRIPT_NAME": "/v1", "PATH_INFO": path_info}

    @property
    def path(self) -> str:
        """Decode as WebOb does."""
        return (self.environ["SCRIPT_NAME"] + self.environ["PATH_INFO"]).encode("latin-1").decode()


def names_of_a_pyramid_request(path_info: str) -> list[str]:
    """Return the entries that are open while a router answers."""

    class Router:
        """Stands for `pyramid.router.Router`."""

        def invoke_request(self, request: OddRequest) -> list[str]:
            """Tell what is open."""
            del request
            return [each.entry[1] for each in open_holders.get()]

    web.watch_pyramid(types.SimpleNamespace(Router=Router))
    return Router().invoke_request(OddRequest(path_info))


def test_a_pyramid_request_is_named_by_its_decoded_path() -> None:
    """WSGI hands paths over as bytes in disguise; an entry point is known by what people write."""
    assert names_of_a_pyramid_request("/caf\xc3\xa9") == ["GET /v1/café"]


def test_a_pyramid_request_with_a_path_that_is_no_utf8_is_counted_all_the_same() -> None:
    """A scanner can ask for any bytes, and a trace that leaves a request out is not whole."""
    assert names_of_a_pyramid_request("/a\x82b") == ["GET /v1/a\N{REPLACEMENT CHARACTER}b"]
