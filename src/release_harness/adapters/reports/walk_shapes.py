"""What reports of walks share: optional values of a checked type, methods and addresses."""

from urllib.parse import unquote, urlsplit

from release_harness.adapters.reports.hardened import as_list, as_object, refuse
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model.trace import ReportedWalk

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "CONNECT"})
TEXT_LIMIT_CHARS = 2_000
UNITS_LIMIT_COUNT = 2_000_000
SERVER_FAULT = 500


def text_at(row: dict[str, Plain], key: str, name: str, place: str) -> str:
    """Return a text, empty when there is none; raises InputError when it is something else."""
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse(name, f"{place}.{key}: expected a text")
    return value[:TEXT_LIMIT_CHARS]


def objects_at(row: dict[str, Plain], key: str, name: str, place: str) -> list[tuple[dict[str, Plain], str]]:
    """Return the objects of a list with their places, none when there is no list; raises InputError otherwise."""
    value = row.get(key)
    if value is None:
        return []
    rows = as_list(value, name, f"{place}.{key}")
    return [(as_object(each, name, f"{place}.{key}[{at}]"), f"{place}.{key}[{at}]") for at, each in enumerate(rows)]


def check_count(count: int, name: str) -> None:
    """Refuse a report that is too large to be read in a sensible time; raises InputError."""
    if count > UNITS_LIMIT_COUNT:
        raise refuse(name, f"it holds more than {UNITS_LIMIT_COUNT} spans or requests; split it")


def path_of_url(url: str) -> str:
    """Return the decoded path of an address, or an empty text when it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("", "http", "https", "ws", "wss"):
        return ""
    path = unquote(parts.path, errors="replace")
    return path if path.startswith("/") else "/" if parts.netloc else ""


def read_spoken(text: str) -> tuple[str, str] | None:
    """Read `GET /items/1`, `https://host/items/1` or `cli: app users add` as kind and name; None when it is neither."""
    spoken = text.strip()
    kind, colon, rest = spoken.partition(": ")
    if colon and kind in ("cli", "task", "graphql", "http", "websocket", "consumer"):
        return (kind, rest.strip()) if rest.strip() else None
    first, _, rest = spoken.partition(" ")
    method, address = (first, rest.strip()) if first in METHODS else ("GET", spoken)
    path = path_of_url(address)
    return ("http", f"{method} {path}") if path and " " not in address else None


def shown(text: str) -> str:
    """Return a text for a note, cut and without control characters."""
    return show_text(text[:120])


def merge_walks(walks: list[ReportedWalk]) -> tuple[ReportedWalk, ...]:
    """Put equal walks together and add their counts; a million spans are some hundred ways."""
    counts: dict[tuple[object, ...], tuple[ReportedWalk, int]] = {}
    for each in walks:
        key = (each.kind, each.name, each.raw, each.tool, each.commit, each.environment, each.passed, each.test)
        first, count = counts.get(key, (each, 0))
        counts[key] = (first, count + each.count)
    return tuple(
        ReportedWalk(
            kind=each.kind,
            name=each.name,
            raw=each.raw,
            tool=each.tool,
            commit=each.commit,
            environment=each.environment,
            passed=each.passed,
            test=each.test,
            count=count,
        )
        for each, count in counts.values()
    )
