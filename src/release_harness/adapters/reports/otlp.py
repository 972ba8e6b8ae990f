"""OTLP JSON traces (OpenTelemetry protocol 1.x), also one request a line as the collector's file exporter writes them.

Attribute names are those of the semantic conventions 1.2x and their predecessors: `http.route` and
`http.request.method` (before: `http.method`), `messaging.*`, `faas.*`, `service.version`, `deployment.environment.name`.
"""

from release_harness.adapters.reports.hardened import as_list, as_object, read_json, refuse
from release_harness.adapters.reports.walk_shapes import (
    SERVER_FAULT,
    TEXT_LIMIT_CHARS,
    check_count,
    merge_walks,
    objects_at,
    path_of_url,
    text_at,
)
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model.trace import ReportedWalk, WalkReport

_KINDS = {
    "SPAN_KIND_UNSPECIFIED": 0,
    "SPAN_KIND_INTERNAL": 1,
    "SPAN_KIND_SERVER": 2,
    "SPAN_KIND_CLIENT": 3,
    "SPAN_KIND_PRODUCER": 4,
    "SPAN_KIND_CONSUMER": 5,
}
_SERVER, _CONSUMER = 2, 5
_ERRORS = (2, "STATUS_CODE_ERROR")
_TOOL = "OpenTelemetry"

_Attributes = dict[str, str | int | float | bool]


def parse_otlp_lines(name: str, content: bytes) -> WalkReport:
    """Read one export request a line; raises InputError with the line of the fault."""
    walks: list[ReportedWalk] = []
    count = 0
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            document = as_object(read_json(name, line), name, f"line {number}")
            count += _read(name, document, walks, f"line {number}: resourceSpans")
            check_count(count, name)
    return _report(walks, count)


def parse_otlp(name: str, document: dict[str, Plain]) -> WalkReport:
    """Read one export request; raises InputError with the place of the fault."""
    walks: list[ReportedWalk] = []
    return _report(walks, _read(name, document, walks, "resourceSpans"))


def _report(walks: list[ReportedWalk], count: int) -> WalkReport:
    return WalkReport(tool=_TOOL, walks=merge_walks(walks), spans_count=count)


def _read(name: str, document: dict[str, Plain], walks: list[ReportedWalk], place: str) -> int:
    count = 0
    for at, value in enumerate(as_list(document.get("resourceSpans"), name, place)):
        where = f"{place}[{at}]"
        group = as_object(value, name, where)
        resource = _attributes(as_object(group.get("resource", {}), name, f"{where}.resource"), name, where)
        commit = str(resource.get("service.version", ""))
        environment = str(resource.get("deployment.environment.name", resource.get("deployment.environment", "")))
        for scope, scope_place in objects_at(group, "scopeSpans", name, where):
            for span, span_place in objects_at(scope, "spans", name, scope_place):
                count += 1
                check_count(count, name)
                walk = _walk(span, commit, environment, name, span_place)
                if walk is not None:
                    walks.append(walk)
    return count


def _walk(span: dict[str, Plain], commit: str, environment: str, name: str, place: str) -> ReportedWalk | None:
    """Only what comes in is a walk: spans of a server or a consumer, never of a client."""
    kind = span.get("kind", 0)
    number = _KINDS.get(kind, 0) if isinstance(kind, str) else kind
    if number not in (_SERVER, _CONSUMER):
        return None
    attributes = _attributes(span, name, place)
    entered = _entry(attributes, number)
    if entered is None:
        return None
    status = as_object(span.get("status", {}), name, f"{place}.status")
    answer = attributes.get("http.response.status_code", attributes.get("http.status_code", 0))
    failed = status.get("code") in _ERRORS or (isinstance(answer, int) and answer >= SERVER_FAULT)
    entry_kind, entry_name, raw = entered
    return ReportedWalk(
        kind=entry_kind,
        name=entry_name,
        raw=raw,
        tool=_TOOL,
        commit=commit,
        environment=environment,
        passed=not failed,
    )


def _entry(attributes: _Attributes, kind: object) -> tuple[str, str, bool] | None:
    method = str(attributes.get("http.request.method", attributes.get("http.method", "")))
    route = attributes.get("http.route")
    if method and route:
        return "http", f"{method} {route}", False
    if method:
        target = str(attributes.get("url.path", attributes.get("http.target", attributes.get("http.url", ""))))
        path = path_of_url(target)
        return ("http", f"{method} {path}", True) if path else None
    for key in ("celery.task_name", "messaging.celery.task_name"):
        if key in attributes:
            return "task", str(attributes[key]), False
    function = attributes.get("faas.name", attributes.get("faas.invoked_name"))
    if function:
        return "serverless", str(function), False
    destination = attributes.get("messaging.destination.name", attributes.get("messaging.destination"))
    return ("consumer", str(destination), False) if destination and kind == _CONSUMER else None


def _attributes(row: dict[str, Plain], name: str, place: str) -> _Attributes:
    found: _Attributes = {}
    for each, where in objects_at(row, "attributes", name, place):
        key = text_at(each, "key", name, where)
        value = as_object(each.get("value", {}), name, f"{where}.value")
        for kind in ("stringValue", "boolValue", "doubleValue"):
            known = value.get(kind)
            if isinstance(known, str | bool | int | float):
                found[key] = known[:TEXT_LIMIT_CHARS] if isinstance(known, str) else known
        if "intValue" in value:
            found[key] = _whole(value["intValue"], name, f"{where}.value.intValue")
    return found


def _whole(value: Plain, name: str, place: str) -> int:
    """Protobuf's JSON writes 64-bit numbers as text."""
    text = str(value)
    if isinstance(value, bool) or len(text) > 20 or not text.removeprefix("-").isdecimal():  # noqa: PLR2004 - 64 bits
        raise refuse(name, f"{place}: expected a whole number")
    return int(text)
