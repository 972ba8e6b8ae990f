"""The data file of coverage.py (`.coverage`), and which lines of a Python source can run at all."""

import tempfile
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
            _name, statements, _excluded, _missing, _text = measured.analysis2(str(path))
        except (CoverageException, SyntaxError, ValueError, RecursionError):
            return None
    return frozenset(statements)
