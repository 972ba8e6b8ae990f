"""HTTP Archives (HAR 1.2), as browsers and Playwright record them."""

from release_harness.adapters.reports.hardened import as_list, as_object, refuse
from release_harness.adapters.reports.walk_shapes import SERVER_FAULT, check_count, merge_walks, path_of_url, text_at
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model.trace import ReportedWalk, WalkReport

_TOOL = "HAR"


def parse_har(name: str, document: dict[str, Plain]) -> WalkReport:
    """Read the requests of an archive; raises InputError with the place of the fault."""
    walks, count = read_requests(name, document)
    return WalkReport(
        tool=_TOOL,
        walks=merge_walks(walks),
        spans_count=count,
        notes=("An archive does not say which commit answered; it counts for the content that it is added for.",),
    )


def read_requests(
    name: str, document: dict[str, Plain], *, tool: str = _TOOL, test: str = "", test_passed: bool | None = None
) -> tuple[list[ReportedWalk], int]:
    """Return one walk for each request, and how many there were."""
    log = as_object(document.get("log"), name, "log")
    entries = as_list(log.get("entries"), name, "log.entries")
    check_count(len(entries), name)
    walks = []
    for at, value in enumerate(entries):
        place = f"log.entries[{at}]"
        entry = as_object(value, name, place)
        request = as_object(entry.get("request"), name, f"{place}.request")
        method, url = text_at(request, "method", name, place), text_at(request, "url", name, place)
        if not method or not url:
            raise refuse(name, f"{place}.request: expected a method and a url")
        response = as_object(entry.get("response", {}), name, f"{place}.response")
        path, status = path_of_url(url), response.get("status", 0)
        if path:
            answered = isinstance(status, int) and 0 < status < SERVER_FAULT
            passed = answered and test_passed is not False
            walks.append(
                ReportedWalk(
                    kind="http", name=f"{method.upper()} {path}", raw=True, tool=tool, passed=passed, test=test
                )
            )
    return walks, len(entries)
