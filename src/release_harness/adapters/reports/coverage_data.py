"""The data file of coverage.py (`.coverage`), and which lines of a Python source can run at all."""

import ast
import tempfile
import warnings
from pathlib import Path

from release_harness.adapters.reports.hardened import refuse
from release_harness.steps.evidence.model import CoverageReport, LineCoverage


def parse_coverage_data(name: str, content: bytes) -> CoverageReport:
    """Read the lines that ran; which lines can run is not in the data and comes from the source."""
    import sqlite3

    from coverage import CoverageData
    from coverage.exceptions import CoverageException

    with tempfile.TemporaryDirectory(prefix="rh-coverage-") as folder:
        path = Path(folder) / "data"
        path.write_bytes(content)
        data = CoverageData(basename=str(path))
        try:
            _check_kind(name, path)
            data.read()
            files = tuple(
                LineCoverage(path=each, executable=frozenset(), exercised=frozenset(data.lines(each) or ()))
                for each in sorted(data.measured_files())
            )
        except (CoverageException, sqlite3.Error) as error:
            said = str(error).replace(str(path), name)
            raise refuse(name, f"coverage.py cannot read its data: {said}") from error
        finally:
            data.close(force=True)
    return CoverageReport(files=files, tool="coverage.py data", executable_known=False)


def _check_kind(name: str, path: Path) -> None:
    """Refuse a database of another program: coverage.py would take it for data of a run that covered nothing."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'coverage_schema'").fetchone()
    if found is None:
        raise refuse(name, "coverage.py cannot read its data: the database is of another program")


def python_executable_lines(source: bytes) -> frozenset[int] | None:
    """Return the lines of a Python source that can run, or None when this interpreter cannot read it.

    The project's own coverage settings are left aside on purpose: they may name plug-ins, which are code. Lines
    that only those settings exclude count as lines that can run, so an error counts against the change.
    """
    from coverage import Coverage
    from coverage.exceptions import CoverageException

    with tempfile.TemporaryDirectory(prefix="rh-coverage-") as folder:
        path = Path(folder) / "source.py"
        path.write_bytes(source)
        measured = Coverage(data_file=None, config_file=False, messages=False)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _name, statements, _excluded, _missing, _text = measured.analysis2(str(path))
        except (CoverageException, SyntaxError, ValueError, RecursionError):
            return None
    return frozenset(statements)


def python_statement_starts(source: bytes) -> dict[int, int]:
    """Return, for each line of a Python source within a statement, the first line of that statement.

    The head of a compound statement reaches to the line before its body. Nothing is returned for what cannot be parsed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    starts: dict[int, int] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        body = getattr(node, "body", None)
        first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        end = node.pattern.end_lineno if isinstance(node, ast.match_case) else node.end_lineno
        last = body[0].lineno - 1 if isinstance(body, list) and body else end
        for number in range(first, max(first, last or first) + 1):
            # Inner statements are walked later and are the narrower answer.
            starts[number] = first
        for decorator in getattr(node, "decorator_list", ()):
            starts |= dict.fromkeys(
                range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1), decorator.lineno
            )
    return starts
