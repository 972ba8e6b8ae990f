"""A scanner's finding says more when the routes that run it are named."""

from release_harness.steps.evidence.model import Finding
from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    ChangedSymbol,
    EntryPoint,
    ImpactAnswer,
    Label,
    Side,
    SymbolChange,
)
from release_harness.steps.evidence.model.reading import Counts
from release_harness.steps.evidence.rules.joining import entries_behind


def changed(name: str, line: int, change: SymbolChange = SymbolChange.BODY) -> ChangedSymbol:
    """Return a changed function of one file."""
    return ChangedSymbol(symbol=f"a.py:{name}", change=change, path="a.py", line=line, kind="function")


def affected(name: str, label: Label, *symbols: str) -> AffectedEntry:
    """Return an entry point that runs the symbols."""
    entry = EntryPoint(kind="http", name=name, framework="F", handler="a.py:h", path="a.py", line=1)
    return AffectedEntry(entry=entry, label=label, side=Side.HEAD, way=(), changed=symbols)


def finding(line: int, path: str = "a.py") -> Finding:
    """Return a finding of a scanner."""
    return Finding(rule="sql-injection", path=path, line=line, says="text goes into SQL")


ANSWER = ImpactAnswer(
    counts=Counts(),
    changed=(changed("one", 3), changed("two", 10), changed("gone", 12, SymbolChange.REMOVED)),
    affected=(
        affected("GET /x", Label.RESOLVED, "a.py:one"),
        affected("GET /y", Label.TRACED, "a.py:two", "a.py:one"),
        affected("GET /z", Label.POSSIBLE, "a.py:two"),
    ),
)


def test_a_finding_is_laid_to_the_routes_that_run_its_function() -> None:
    """Only what is sure: a guess would send a reviewer to the wrong route."""
    inside_one, inside_two = finding(5), finding(14)
    assert entries_behind(ANSWER, [inside_one, inside_two]) == {
        inside_one: ("http GET /x", "http GET /y"),
        inside_two: ("http GET /y",),
    }


def test_a_finding_outside_of_changed_code_is_laid_to_nothing() -> None:
    """It stands above every changed symbol, or in a file that the change does not touch."""
    assert entries_behind(ANSWER, [finding(1), finding(5, "b.py")]) == {}
