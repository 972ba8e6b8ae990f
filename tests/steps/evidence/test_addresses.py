"""How addresses that routers match by regular expressions read to people."""

import pytest

from release_harness.steps.evidence.model.addresses import readable_address


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (r"ANY /(?P<database>[^\/\.]+)/-/query(\.(?P<format>\w+))?", "ANY /<database>/-/query[.<format>]"),
        (r"ANY /(?P<table>[^/]+?)/(?P<pks>[^/]+?)/-/update", "ANY /<table>/<pks>/-/update"),
        (r"GET /confirm/(?P<key>[-:\w]+)/", "GET /confirm/<key>/"),
        (r"GET /a(?:b(?P<c>(x|y)\d{2}))?\.json", "GET /a[b<c>].json"),
        (r"GET /(?P<a>[])]+)/(\d+)", r"GET /<a>/(\d+)"),
        ("GET /items/<int:pk>/", "GET /items/<int:pk>/"),
        ("GET /.*", "GET /.*"),
        ("manage.py migrate (all)", "manage.py migrate (all)"),
        (r"GET /(?P<broken", "GET /<broken>"),
    ],
)
def test_an_address_says_the_names_of_its_groups(address: str, said: str) -> None:
    """Nobody who reviews a change wants to read the pattern that a router splits addresses by."""
    assert readable_address(address) == said
