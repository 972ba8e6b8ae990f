"""Cobertura XML, as coverage.py, JaCoCo converters, gcovr, coverlet and others write it."""

from release_harness.adapters.reports.hardened import local_name, refuse, walk_xml
from release_harness.steps.evidence.model import CoverageReport, LineCoverage


def parse_cobertura(name: str, content: bytes) -> CoverageReport:
    """Read lines and hits; several classes of one file are put together."""
    sources: list[str] = []
    found: dict[str, tuple[set[int], set[int]]] = {}
    current = ""
    for event, element, _depth in walk_xml(name, content, frozenset({"class"})):
        kind = local_name(element.tag)
        if event == "start" and kind == "class":
            current = element.get("filename", "")
            if not current:
                raise refuse(name, f"class {element.get('name', '')!r} names no file")
        elif event == "end" and kind == "source":
            sources.append((element.text or "").strip())
        elif event == "end" and kind == "line" and current:
            _add_line(name, found.setdefault(current, (set(), set())), element.get("number"), element.get("hits"))
        elif event == "end" and kind == "class":
            found.setdefault(current, (set(), set()))
            current = ""
    prefix = sources[0].rstrip("/") + "/" if len(sources) == 1 and sources[0] not in ("", ".") else ""
    files = (
        LineCoverage(
            path=path if path.startswith("/") else prefix + path,
            executable=frozenset(executable),
            exercised=frozenset(exercised),
        )
        for path, (executable, exercised) in found.items()
    )
    return CoverageReport(files=tuple(files), tool="cobertura")


def _add_line(name: str, lines: tuple[set[int], set[int]], number: str | None, hits: str | None) -> None:
    if number is None or hits is None or not number.isdecimal() or not hits.isdecimal():
        raise refuse(name, f"a line has number {number!r} and hits {hits!r}; expected two whole numbers")
    executable, exercised = lines
    executable.add(int(number))
    if int(hits) > 0:
        exercised.add(int(number))
