"""Reports of walks: OTLP, HAR, Playwright, CTRF, mochawesome and our own trace map, read with suspicion."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from release_harness.adapters.reports.reader import ReportFiles
from release_harness.kernel.errors import InputError
from release_harness.steps.evidence.model import EndToEndReport, ParsedReport, ReportFile, TestStatus
from release_harness.steps.evidence.model.trace import TraceMap, WalkReport

HEAD = "a" * 40


def parse(document: object) -> ParsedReport:
    """Parse a document as a file of a CI."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return ReportFiles(Path()).parse(ReportFile(name="report.json", content=content))


def fault(document: object) -> str:
    """Return what is said of a document that cannot be read."""
    with pytest.raises(InputError) as caught:
        parse(document)
    return caught.value.faults[0].says if caught.value.faults else caught.value.says


def attributes(**values: str | int) -> list[dict[str, Any]]:
    """Write attributes as OTLP does, with dots for double underscores."""
    return [
        {"key": key.replace("__", "."), "value": {"intValue" if isinstance(value, int) else "stringValue": str(value)}}
        for key, value in values.items()
    ]


def spans(*rows: dict[str, Any], **resource: str) -> dict[str, Any]:
    """Return one export request."""
    return {
        "resourceSpans": [
            {"resource": {"attributes": attributes(**resource)}, "scopeSpans": [{"spans": list(rows)}]},
        ]
    }


def span(kind: object = 2, **values: str | int) -> dict[str, Any]:
    """Return one span."""
    return {"kind": kind, "attributes": attributes(**values), "status": {}}


def walks(document: object) -> list[tuple[str, str, bool, bool | None, int]]:
    """Return kind, name, rawness, success and count of each walk."""
    report = parse(document)
    assert isinstance(report, WalkReport)
    return [(each.kind, each.name, each.raw, each.passed, each.count) for each in report.walks]


def test_spans_of_servers_and_consumers_are_walks_and_those_of_clients_are_not() -> None:
    """A client's span says that somebody asked, not that this service answered."""
    document = spans(
        span(http__request__method="GET", http__route="/items/{id}", http__response__status_code=200),
        span("SPAN_KIND_SERVER", http__method="GET", http__route="/items/{id}", http__status_code=404),
        span(3, http__request__method="GET", http__route="/items/{id}"),
        span(http__request__method="POST", url__path="/raw/7"),
        span(http__request__method="GET", http__route="/broken", http__response__status_code=500),
        span(5, messaging__destination__name="orders"),
        span(4, messaging__destination__name="orders"),
        span(5, celery__task_name="pkg.tasks.send"),
        span(faas__name="resize"),
        service__version=HEAD,
    )
    assert walks(document) == [
        ("http", "GET /items/{id}", False, True, 2),
        ("http", "POST /raw/7", True, True, 1),
        ("http", "GET /broken", False, False, 1),
        ("consumer", "orders", False, True, 1),
        ("task", "pkg.tasks.send", False, True, 1),
        ("serverless", "resize", False, True, 1),
    ]


def test_the_environment_and_the_commit_of_a_service_are_kept() -> None:
    """Only what runs this commit counts, and an environment of the team's own counts more."""
    resource = {"service__version": HEAD, "deployment__environment__name": "staging"}
    report = parse(spans(span(http__request__method="GET", http__route="/x"), **resource))
    assert isinstance(report, WalkReport)
    assert (report.walks[0].commit, report.walks[0].environment) == (HEAD, "staging")


def test_the_file_of_a_collector_is_read_line_by_line_and_its_faults_name_the_line() -> None:
    """The file exporter appends one request a line, for days."""
    line = json.dumps(spans(span(http__request__method="GET", http__route="/x"), service__version=HEAD)).encode()
    assert walks(line + b"\n" + line + b"\n") == [("http", "GET /x", False, True, 2)]
    assert "line 2" in fault(line + b"\n" + b'{"resourceSpans": 7}\n')


@pytest.mark.slow
def test_many_spans_become_few_walks() -> None:
    """A day of traffic is a handful of ways."""
    rows = [span(http__request__method="GET", http__route=f"/x/{number % 7}") for number in range(20_000)]
    found = walks(spans(*rows, service__version=HEAD))
    assert len(found) == 7
    assert sum(each[4] for each in found) == 20_000


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"resourceSpans": {}}, "resourceSpans: expected a list"),
        ({"resourceSpans": [7]}, "resourceSpans[0]: expected an object"),
        (
            {"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": 2, "attributes": [{"key": 1}]}]}]}]},
            "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].key: expected a text",
        ),
        (
            {"resourceSpans": [{"resource": {"attributes": [{"key": "a", "value": {"intValue": "x"}}]}}]},
            "resourceSpans[0].attributes[0].value.intValue: expected a whole number",
        ),
        ({"log": {"entries": [{"request": {"url": "/x"}}]}}, "log.entries[0].request: expected a method and a url"),
        ({"results": {"tool": {}, "tests": [{"status": "great"}], "summary": {}}}, "results.tests[0].status"),
        ({"results": {"tool": {}, "tests": [], "summary": {"failed": 2}}}, "counts 2 failures, but no test shows one"),
        ({"stats": {"failures": 1}, "results": [{"tests": [{"title": "t", "pass": True}]}]}, "counts 1 failures"),
        (
            {"config": {}, "suites": [{"specs": [{"tests": [{"status": "fine"}]}]}]},
            "suites[0].specs[0].tests[0].status",
        ),
        ({"schema": "rh.trace/99"}, "schema: expected 'rh.trace/1'"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused_with_its_place(document: object, says: str) -> None:
    """A report that is read only in part reads like one with less in it."""
    assert says in fault(document)


def har(*requests: tuple[str, str, int]) -> dict[str, Any]:
    """Return an archive."""
    return {
        "log": {
            "entries": [
                {"request": {"method": method, "url": url}, "response": {"status": status}}
                for method, url, status in requests
            ]
        }
    }


def test_an_archive_gives_the_paths_that_were_asked() -> None:
    """A browser knows addresses, not routes."""
    document = har(
        ("GET", "https://shop.example/items/7?x=1", 200),
        ("GET", "https://shop.example/broken", 502),
        ("GET", "https://shop.example/cut", 0),
        ("GET", "data:image/png;base64,AA", 200),
    )
    assert walks(document) == [
        ("http", "GET /items/7", True, True, 1),
        ("http", "GET /broken", True, False, 1),
        ("http", "GET /cut", True, False, 1),
    ]


def test_playwright_gives_tests_and_walks() -> None:
    """A pass on a retry is flaky, and an archive inside the report says what the page asked."""
    body = base64.b64encode(json.dumps(har(("POST", "http://localhost/cart", 201))).encode()).decode()
    test = {
        "projectName": "chromium",
        "status": "flaky",
        "annotations": [{"type": "route", "description": "GET /cart/{id}"}, {"type": "issue", "description": "/no"}],
        "results": [{"duration": 1500, "attachments": [{"name": "page.har", "body": body}]}],
    }
    skipped = {"status": "skipped", "results": [], "annotations": []}
    document = {
        "config": {"metadata": {"gitCommit": {"hash": HEAD}}},
        "suites": [
            {
                "title": "cart.spec.ts",
                "suites": [{"title": "cart", "specs": [{"title": "buys", "tests": [test, skipped]}]}],
            }
        ],
        "errors": [],
    }
    report = parse(document)
    assert isinstance(report, EndToEndReport)
    cases = {each.id: each.status for each in report.tests.cases}
    assert cases == {
        "[chromium] > cart.spec.ts > cart > buys": TestStatus.FLAKY,
        "cart.spec.ts > cart > buys": TestStatus.SKIPPED,
    }
    assert [(each.name, each.passed) for each in report.walks.walks] == [("GET /cart/{id}", True), ("POST /cart", True)]
    assert report.walks.walks[0].commit == HEAD
    broken = parse({**document, "errors": [{"message": "cannot load"}]})
    assert isinstance(broken, EndToEndReport)
    assert broken.tests.cases[-1].status is TestStatus.ERROR


def test_ctrf_and_mochawesome_give_the_same() -> None:
    """Every runner says it in its own words."""
    ctrf = {
        "results": {
            "tool": {"name": "cypress"},
            "environment": {"commit": HEAD, "testEnvironment": "staging"},
            "summary": {"failed": 1},
            "tests": [
                {
                    "name": "buys",
                    "suite": ["cart"],
                    "status": "passed",
                    "duration": 5,
                    "extra": {"entries": ["POST /cart"]},
                },
                {"name": "pays", "status": "failed", "message": "no", "extra": {"url": "http://x/pay"}},
            ],
        }
    }
    mocha = {
        "stats": {"failures": 1},
        "results": [
            {
                "title": "",
                "suites": [
                    {
                        "title": "cart",
                        "tests": [
                            {"title": "buys", "pass": True, "context": json.dumps(["POST /cart"])},
                            {"title": "pays", "fail": True, "context": "http://x/pay"},
                        ],
                    }
                ],
            }
        ],
    }
    for document in (ctrf, mocha):
        report = parse(document)
        assert isinstance(report, EndToEndReport)
        assert [each.status for each in report.tests.cases] == [TestStatus.PASSED, TestStatus.FAILED]
        assert [(each.name, each.passed) for each in report.walks.walks] == [("POST /cart", True), ("GET /pay", False)]


def trace_map(**changes: Any) -> dict[str, Any]:
    """Return a small map, with changes."""
    document = {
        "schema": "rh.trace/1",
        "method": "sys.monitoring",
        "files": [["app.py", "1" * 40]],
        "functions": [[0, "run"], [0, "stop"]],
        "entries": [["http", "GET /", 0, False]],
        "replaced": [["app.stop", "mock", True]],
        "sets": ["AAA=", "AQ=="],
        "between": {"ran": 1, "hits": []},
        "tests": {"t": {"ran": 0, "hits": [[0, 0, [0], [], 1]], "outcome": "passed"}},
    }
    return {**document, **changes}


def test_a_map_is_read_back_as_it_was_written() -> None:
    """The writer is another program in another interpreter."""
    traced = parse(trace_map())
    assert isinstance(traced, TraceMap)
    assert (traced.tests[0].functions, traced.between.functions) == (0b11, 0b10)
    assert traced.tests[0].hits[0].entry.handler == "app.py:run"
    assert traced.tests[0].hits[0].used[0].name == "app.stop"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"files": [["../etc/passwd", ""]]}, "no path inside the repository"),
        ({"files": [["/etc/passwd", ""]]}, "no path inside the repository"),
        ({"files": [["app.py", "xyz"]]}, "no git blob id"),
        ({"functions": [[7, "run"]]}, "points nowhere"),
        ({"sets": ["//8=", "AA=="]}, "ends early"),
        ({"sets": ["Ag==", "AA=="]}, "function 2 does not exist"),
        ({"sets": ["//////8=", "AA=="]}, "too large"),
        ({"sets": ["?", "AA=="]}, "no base64"),
        ({"tests": {"t": {"ran": 9, "hits": []}}}, "points nowhere"),
        ({"tests": {"t": {"ran": 0, "hits": [[0, 0, [5], [], 1]]}}}, "points nowhere"),
        ({"tests": {"t": {"ran": 0, "hits": [[0, 0]]}}}, "expected 5 values"),
        ({"tests": {"t": {"ran": 0, "hits": [], "outcome": "great"}}}, "none of"),
        ({"tests": {"t": {"ran": True, "hits": []}}}, "points nowhere"),
        ({"dropped": -1}, "expected a count"),
        ({"entries": [["http", "GET /", -2, False]]}, "points nowhere"),
    ],
)
def test_a_map_that_points_nowhere_is_refused(changes: dict[str, Any], says: str) -> None:
    """A forged map must not place functions where there are none, nor cost memory without end."""
    assert says in fault(trace_map(**changes))
