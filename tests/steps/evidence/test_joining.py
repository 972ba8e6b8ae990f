"""A scanner's finding says more when the routes that run it are named."""

import pytest

from release_harness.steps.evidence.impact.difference.symbols import symbol_diff
from release_harness.steps.evidence.impact.tree import SourceTree
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


def changed(
    name: str, *lines: tuple[int, int], change: SymbolChange = SymbolChange.BODY, kind: str = "function"
) -> ChangedSymbol:
    """Return a changed symbol of one file with the lines that are its own."""
    first = lines[0][0] if lines else 12
    return ChangedSymbol(symbol=f"a.py:{name}", change=change, path="a.py", line=first, kind=kind, lines=lines)


def affected(name: str, label: Label, *symbols: str) -> AffectedEntry:
    """Return an entry point that runs the symbols."""
    entry = EntryPoint(kind="http", name=name, framework="F", handler="a.py:h", path="a.py", line=1)
    return AffectedEntry(entry=entry, label=label, side=Side.HEAD, way=(), changed=symbols)


def finding(line: int, path: str = "a.py") -> Finding:
    """Return a finding of a scanner."""
    return Finding(rule="sql-injection", path=path, line=line, says="text goes into SQL")


ANSWER = ImpactAnswer(
    counts=Counts(),
    changed=(
        changed("one", (3, 8)),
        changed("two", (10, 20)),
        changed("two.<locals>.inner", (14, 16)),
        changed("gone", change=SymbolChange.REMOVED),
        changed("Held", (30, 33), (38, 40), change=SymbolChange.FIELD, kind="class"),
        changed("LIMIT", (50, 52), change=SymbolChange.CONSTANT, kind="variable"),
    ),
    affected=(
        affected("GET /x", Label.RESOLVED, "a.py:one", "a.py:two.<locals>.inner"),
        affected("GET /y", Label.TRACED, "a.py:two", "a.py:one"),
        affected("GET /z", Label.POSSIBLE, "a.py:two"),
        affected("GET /held", Label.RESOLVED, "a.py:Held", "a.py:LIMIT"),
    ),
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (3, ("http GET /x", "http GET /y")),
        (8, ("http GET /x", "http GET /y")),
        (12, ("http GET /y",)),
        (15, ("http GET /x",)),
        (31, ("http GET /held",)),
        (39, ("http GET /held",)),
        (51, ("http GET /held",)),
    ],
)
def test_a_finding_is_laid_to_the_routes_that_run_what_holds_its_line(line: int, expected: tuple[str, ...]) -> None:
    """Only what is sure, and the innermost: a guess would send a reviewer to the wrong route."""
    assert entries_behind(ANSWER, [finding(line)]) == {finding(line): expected}


@pytest.mark.parametrize("line", [1, 9, 25, 35, 45, 60])
def test_a_finding_between_changed_symbols_is_laid_to_none(line: int) -> None:
    """It stands above, below or between them, or in a member that did not change: they are not what holds it."""
    assert entries_behind(ANSWER, [finding(line)]) == {}


def test_a_finding_of_another_file_is_laid_to_nothing() -> None:
    """The same line of a file that the change does not touch."""
    assert entries_behind(ANSWER, [finding(5, "b.py")]) == {}


BASE = """
LIMIT = [
    1,
    2,
]
OTHER = 3

class Held:
    size = 1

    @property
    def kept(self):
        return self.size

    def grown(self):
        return self.size + 1

def one():
    def inner():
        return 1
    return inner
"""


def test_the_lines_of_a_changed_symbol_are_its_own() -> None:
    """A class without its members, a statement to its end, a function with its decorators and what is nested in it."""
    head = BASE.replace("    2,", "    3,").replace("size = 1", "size = 2").replace("size + 1", "size + 2")
    head = head.replace("return inner", "return inner()")
    base, now = SourceTree({"a.py": BASE}), SourceTree({"a.py": head})
    found = {each.symbol: each.lines for each in symbol_diff(base, now, ["a.py"]).changed}

    assert found == {
        "a.py:LIMIT": ((2, 5),),
        "a.py:Held.size": ((9, 10),),
        "a.py:Held.grown": ((15, 16),),
        "a.py:one": ((18, 21),),
    }


def test_what_was_removed_has_no_lines_and_what_is_new_has_all_of_its_own() -> None:
    """A finding is about the head."""
    base, now = SourceTree({"a.py": BASE}), SourceTree({"a.py": BASE.replace("class Held", "class Holder")})
    found = {each.symbol: each.lines for each in symbol_diff(SourceTree({}), now, ["a.py"]).changed}
    gone = {each.symbol: each.lines for each in symbol_diff(base, SourceTree({}), ["a.py"]).changed}

    assert found["a.py:Holder"] == ((8, 10), (14, 14))
    assert found["a.py:Holder.kept"] == ((11, 13),)
    assert set(gone.values()) == {()}
