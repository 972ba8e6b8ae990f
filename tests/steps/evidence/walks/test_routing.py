"""Which entry point answers an address, and whose walks count."""

import pytest

from release_harness.kernel.digests import CommitId
from release_harness.steps.evidence.model.impact import EntryPoint
from release_harness.steps.evidence.model.trace import ReportedWalk
from release_harness.steps.evidence.rules.walks.routing import Router, map_walks, merge_routed
from release_harness.steps.evidence.rules.walks.templates import same_name

HEAD = CommitId("a" * 40)


def entry(name: str, kind: str = "http", handler: str = "") -> EntryPoint:
    """Return an entry point with a handler of its own."""
    return EntryPoint(kind=kind, name=name, framework="any", handler=handler or f"app.py:{name}", path="app.py", line=1)


def walk(
    name: str, commit: str = HEAD, *, raw: bool = True, kind: str = "http", passed: bool | None = True
) -> ReportedWalk:
    """Return one reported walk."""
    return ReportedWalk(kind=kind, name=name, raw=raw, tool="HAR", commit=commit, passed=passed)


@pytest.mark.parametrize(
    ("route", "address"),
    [
        ("GET /items/{id}", "GET /items/7"),
        ("GET /items/{id:int}", "GET /items/7?full=1"),
        ("GET /items/<int:id>", "GET /items/7/"),
        ("GET /items/:id", "GET /items/7"),
        ("GET /items/[id]", "GET /items/7"),
        ("GET /docs/[...slug]", "GET /docs/a/b/c"),
        ("GET /files/{rest:path}", "GET /files/a/b.txt"),
        ("GET /files/<path:rest>", "GET /files/a/b.txt"),
        ("GET /static/*rest", "GET /static/css/x.css"),
        (r"GET /^items/(?P<pk>[^/.]+)/$", "GET /items/7/"),
        (r"^archive/(?P<year>[0-9]{4})/$", "GET /archive/2024/"),
        ("GET /export/{name}.json", "GET /export/all.json"),
        ("GET|POST /items", "POST /items"),
        ("/anything", "DELETE /anything"),
        ("GET /items", "HEAD /items"),
    ],
)
def test_every_spelling_of_a_route_answers(route: str, address: str) -> None:
    """Frameworks and languages spell parameters in ways of their own."""
    found = Router([entry(route)]).answering(address)
    assert found is not None


@pytest.mark.parametrize(
    ("route", "address"),
    [
        ("GET /items/{id}", "GET /items"),
        ("GET /items/{id}", "GET /items/7/parts"),
        ("GET /items/{id}", "POST /items/7"),
        ("GET /export/{name}.json", "GET /export/.json"),
        ("GET /items", "GET /things"),
    ],
)
def test_a_route_does_not_answer_for_another(route: str, address: str) -> None:
    """A walk that is laid to the wrong entry point is a false pass."""
    assert Router([entry(route)]).answering(address) is None


def test_a_literal_segment_beats_a_parameter() -> None:
    """`/users/me` is no user with the name `me`."""
    router = Router([entry("GET /users/{id}"), entry("GET /users/me"), entry("GET /{rest:path}")])
    names = [
        found.name for address in ("/users/me", "/users/7", "/else") if (found := router.answering(f"GET {address}"))
    ]
    assert names == ["GET /users/me", "GET /users/{id}", "GET /{rest:path}"]


def test_a_pattern_inside_a_parameter_is_not_run() -> None:
    """A route from the repository must not make rh run its regular expression."""
    router = Router([entry("GET /x/{id:(a+)+$}")])
    assert router.answering("GET /x/" + "a" * 5_000 + "!") is not None


def test_names_in_two_spellings_are_equal() -> None:
    """The tracer names routes as the framework does, the static list as its adapter does."""
    assert same_name("GET /a/<int:id>/") == same_name("GET /a/{key}")
    assert same_name("GET /a/{x}") != same_name("POST /a/{x}")


def test_handlers_find_entries_whose_names_differ() -> None:
    """A prefix that only the running application knows must not lose the walk."""
    router = Router([entry("GET /items", handler="app.py:items"), entry("GET /other", handler="app.py:other")])
    found = router.named("http", "GET /api/v1/items", handler="app.py:items")
    assert found is not None
    assert found.name == "GET /items"


def test_a_handler_of_several_entries_is_placed_by_the_end_of_the_route() -> None:
    """One method of a base class answers for all resources, and the prefix before them is computed when the service starts."""
    names = ("GET /shops/{id}", "GET /shops/{shop}/items/{id}", "GET /items/{id}", "POST /items/{id}", "GET /{id}")
    router = Router([entry(name, handler="base.py:Base.get") for name in names])

    def placed(name: str) -> str:
        found = router.named("http", name, handler="base.py:Base.get")
        return found.name if found is not None else ""

    assert placed("GET /v1/shops/{id}") == "GET /shops/{id}"
    assert placed("GET /v1/shops/{shop_id}/items/{id}") == "GET /shops/{shop}/items/{id}"
    assert placed("GET /v1/items/{id}") == "GET /items/{id}"
    assert placed("GET /v1/users/{id}") == "", "what is a parameter alone is the end of everything"
    assert placed("GET /v1/other-shops/{id}") == ""


def test_walks_of_another_commit_never_count() -> None:
    """Evidence of another content proves nothing about this one, however green."""
    routed = map_walks([walk("GET /a", commit="b" * 40), walk("GET /a", commit="")], [entry("GET /a")], [HEAD])
    assert (routed.by_entry, routed.other_commit_count) == ({}, 2)


def test_a_short_name_of_the_commit_counts_when_it_is_long_enough() -> None:
    """Service versions are often cut; seven characters are too few to be sure of."""
    routed = map_walks([walk("GET /a", commit="a" * 12), walk("GET /a", commit="a" * 7)], [entry("GET /a")], [HEAD])
    assert routed.other_commit_count == 1
    assert len(routed.by_entry["http GET /a"]) == 1


def test_what_matches_nothing_is_counted_and_what_failed_is_told_apart() -> None:
    """A report that matches nothing must not read like one without walks."""
    walks = [walk("GET /nowhere"), walk("GET /a", passed=False), walk("pkg.tasks.send", raw=False, kind="task")]
    routed = map_walks(walks, [entry("GET /a"), entry("pkg.tasks.send", "task")], [HEAD])
    assert routed.unmapped == ("http GET /nowhere",)
    assert (routed.unmapped_count, routed.failed_count) == (1, 1)
    assert list(routed.by_entry) == ["task pkg.tasks.send"]
    assert merge_routed([routed, routed]).unmapped_count == 2


def test_a_route_by_name_is_never_laid_to_one_that_would_only_fit() -> None:
    """The tracer knows which route answered; `/users/me` proves nothing about `/users/{id}`."""
    router = Router([entry("GET|HEAD /users/{id}"), entry("/any/{x}")])
    assert router.named("http", "GET /users/me") is None
    assert router.named("http", "GET /users/me", handler="app.py:me") is None
    for name in ("GET /users/<int:pk>", "GET /any/{y}"):
        assert router.named("http", name) is not None
    assert router.named("http", "POST /users/{id}") is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("GET /fixtures/facetable.json", r"ANY /(?P<database>[^\/\.]+)/(?P<table>[^\/\.]+)(\.(?P<format>\w+))?$"),
        ("GET /fixtures/facetable", r"ANY /(?P<database>[^\/\.]+)/(?P<table>[^\/\.]+)(\.(?P<format>\w+))?$"),
        ("GET /-/actor.json", r"ANY /-/actor(\.(?P<format>json))?$"),
        ("GET /-/actor", r"ANY /-/actor(\.(?P<format>json))?$"),
        ("GET /plugin/static/x/y.css", r"ANY /{path}/(?P<path>.*)"),
    ],
)
def test_optional_parts_of_regular_expressions_answer_with_and_without(address: str, expected: str) -> None:
    """Else everything falls to the route that takes what is left, and its functions look like those of all others."""
    routes = [
        r"ANY /{path}/(?P<path>.*)",
        r"ANY /(?P<database>[^\/\.]+)/(?P<table>[^\/\.]+)(\.(?P<format>\w+))?$",
        r"ANY /-/actor(\.(?P<format>json))?$",
    ]
    found = Router([entry(each) for each in routes]).answering(address)
    assert found is not None
    assert found.name == expected
