"""Reports of any CI are read by what is in them; broken and hostile ones are refused with their place."""

import json
import sqlite3
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData

from release_harness.adapters.reports.reader import ReportFiles
from release_harness.kernel.errors import InputError, NotFound
from release_harness.steps.evidence.model import (
    CoverageReport,
    ParsedReport,
    ReportFile,
    ScanReport,
    TestReport,
    TestStatus,
)


def parse(content: str | bytes) -> ParsedReport:
    """Read one report."""
    raw = content.encode() if isinstance(content, str) else content
    return ReportFiles(Path("/")).parse(ReportFile(name="report", content=raw))


def statuses(content: str | bytes) -> dict[str, TestStatus]:
    """Read a JUnit report as id → status."""
    report = parse(content)
    assert isinstance(report, TestReport)
    return {case.id: case.status for case in report.cases}


def lines(content: str | bytes) -> dict[str, tuple[list[int], list[int]]]:
    """Read a coverage report as path → (executable, exercised)."""
    report = parse(content)
    assert isinstance(report, CoverageReport)
    return {each.path: (sorted(each.executable), sorted(each.exercised)) for each in report.files}


def fault_of(content: str | bytes) -> InputError:
    """Return the refusal of a report."""
    with pytest.raises(InputError) as caught:
        parse(content)
    return caught.value


PYTEST = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
failures="1" skipped="1" tests="4"><testcase classname="tests.test_a.TestX" name="test_ok[1-2]" time="0.5"/>
<testcase classname="tests.test_a" name="test_bad"><failure message="assert 1 == 2">trace</failure></testcase>
<testcase classname="tests.test_a" name="test_skip"><skipped type="pytest.skip" message="later"/></testcase>
<testcase classname="" name="tests.test_broken"><error message="collection failure">trace</error></testcase>
</testsuite></testsuites>"""


def test_a_report_of_pytest_is_read() -> None:
    """The most common producer; ids follow pytest's own naming."""
    assert statuses(PYTEST) == {
        "tests.test_a.TestX::test_ok[1-2]": TestStatus.PASSED,
        "tests.test_a::test_bad": TestStatus.FAILED,
        "tests.test_a::test_skip": TestStatus.SKIPPED,
        "pytest::tests.test_broken": TestStatus.ERROR,
    }


def test_messages_and_durations_are_kept() -> None:
    """A person wants to read why, and the cheapest rerun needs the time."""
    report = parse(PYTEST)
    assert isinstance(report, TestReport)
    assert [(case.duration_seconds, case.message) for case in report.cases][:2] == [(0.5, ""), (0.0, "assert 1 == 2")]


def test_reruns_of_surefire_read_as_flaky() -> None:
    """`flakyFailure` means that the test broke and then passed: that is not simply passed."""
    report = '<testsuite><testcase classname="A" name="b"><flakyFailure message="x"/></testcase></testsuite>'
    assert statuses(report) == {"A::b": TestStatus.FLAKY}


def test_a_case_that_broke_twice_keeps_the_worst_answer() -> None:
    """Some runners write an error beside a failure or a skip."""
    report = '<testsuite><testcase classname="A" name="b"><skipped/><error/></testcase></testsuite>'
    assert statuses(report) == {"A::b": TestStatus.ERROR}


def test_cases_of_one_name_are_all_counted() -> None:
    """Parametrised tests of some runners share a name; one must not hide another."""
    report = '<testsuite><testcase classname="A" name="b"/><testcase classname="A" name="b"><failure/></testcase></testsuite>'
    assert statuses(report) == {"A::b": TestStatus.PASSED, "A::b (#2)": TestStatus.FAILED}


def test_a_suite_that_counts_failures_but_shows_none_is_refused() -> None:
    """A report that was filtered on the way would otherwise read as a pass."""
    assert "counts 2 failures" in fault_of('<testsuite failures="2"><testcase name="a"/></testsuite>').faults[0].says
    assert "counts 5 tests" in fault_of('<testsuite tests="5"/>').faults[0].says


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;">]><testsuites><testsuite name="&lol3;"/></testsuites>"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB, "document type or entities"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuites/>', "document type or entities"),
        (PYTEST[:300], "ends early"),
        ("<testsuites><testsuite>", "ends early"),
        ("<testsuites></testsuite>", "mismatched tag"),
        ('<?xml version="1.0" encoding="utf-8"?><testsuite name="caf\xe9"/>'.encode("latin-1"), "not valid"),
        (b'<?xml version="1.0" encoding="no-such-code"?><testsuite/>', "encoding"),
        ("<testsuite>" * 100_000, "levels deep"),
        ("<html><body>502 Bad Gateway</body></html>", "root element is <html>"),
    ],
)
def test_broken_and_hostile_xml_is_refused_with_its_place(content: str | bytes, says: str) -> None:
    """Entity bombs, wrong encodings and truncated files: refused in words, with nothing recorded."""
    error = fault_of(content)
    assert error.code == "REPORT_MALFORMED"
    assert says in error.faults[0].sentence()


def test_a_fault_of_xml_names_line_and_column() -> None:
    """Whoever mends the producer needs the place."""
    fault = fault_of("<testsuites>\n<testsuite>\n</wrong>").faults[0]
    assert (fault.line, fault.column) == (3, 3)


def test_xml_in_utf_16_is_read() -> None:
    """Windows runners write it."""
    content = '<?xml version="1.0" encoding="utf-16"?><testsuite><testcase name="ä"/></testsuite>'.encode("utf-16")
    assert list(statuses(content)) == ["ä"]


COBERTURA = """<?xml version="1.0"?><coverage version="7"><sources><source>/ci/src</source></sources><packages><package>
<classes><class name="a" filename="pkg/a.py"><methods/><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class>
<class name="empty" filename="pkg/empty.py"><lines/></class></classes></package></packages></coverage>"""


def test_cobertura_is_read_with_its_source_folder() -> None:
    """File names are relative to the source folder that the report names."""
    assert lines(COBERTURA) == {"/ci/src/pkg/a.py": ([1, 2], [1]), "/ci/src/pkg/empty.py": ([], [])}


def test_lcov_is_read_and_a_cut_file_is_refused() -> None:
    """The format has no root; only `end_of_record` tells that a file is whole."""
    assert lines("TN:\nSF:src/a.js\nDA:1,3\nDA:2,0\nDA:3,-5\nLF:3\nend_of_record\n") == {"src/a.js": ([1, 2, 3], [1])}
    assert "ends early" in fault_of("SF:a.js\nDA:1,1\n").faults[0].says
    assert fault_of("SF:a.js\nDA:one,1\nend_of_record\n").faults[0].line == 2
    assert "outside of a file" in fault_of("TN:\nDA:1,1\n").faults[0].says


def coverage_json(files: Mapping[str, Any]) -> str:
    """Write what `coverage json` writes."""
    return json.dumps({"meta": {"format": 3, "version": "7.10"}, "files": files, "totals": {}})


def test_the_json_of_coverage_py_is_read() -> None:
    """Executed and missing lines together are the lines that can run."""
    assert lines(coverage_json({"a.py": {"executed_lines": [1, 3], "missing_lines": [2]}})) == {
        "a.py": ([1, 2, 3], [1, 3])
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (coverage_json({"a.py": {"executed_lines": [1]}}), "files.a.py.missing_lines"),
        (coverage_json({"a.py": {"executed_lines": ["1"], "missing_lines": []}}), "line numbers"),
        (coverage_json({"a.py": 1}), "files.a.py: expected an object"),
        ('{"meta": {}, "files": {"a.py": {"executed_lines": [1,', "ends early"),
        ('{"meta": 1, "files": ' + "[" * 100_000, "nested too deep"),
        (b'{"meta": "\xff", "files": {}}', "not valid"),
    ],
)
def test_broken_json_is_refused_with_its_place(content: str | bytes, says: str) -> None:
    """A report that was cut off must not count as one with fewer files."""
    assert says in fault_of(content).faults[0].sentence()


@pytest.mark.slow
def test_the_data_file_of_coverage_py_is_read(tmp_path: Path) -> None:
    """It knows only what ran. A database on the disk, so it is slow."""
    data = CoverageData(basename=str(tmp_path / "data"))
    data.add_lines({"/ci/a.py": [1, 2]})
    data.write()
    data.close()
    report = parse((tmp_path / "data").read_bytes())
    assert isinstance(report, CoverageReport)
    assert not report.executable_known
    assert [(each.path, sorted(each.exercised)) for each in report.files] == [("/ci/a.py", [1, 2])]


@pytest.mark.slow
def test_another_database_is_no_coverage(tmp_path: Path) -> None:
    """SQLite files are many things; also one that is cut."""
    with sqlite3.connect(tmp_path / "other") as connection:
        connection.execute("CREATE TABLE people (name TEXT)")
    connection.close()
    content = (tmp_path / "other").read_bytes()
    assert "coverage.py cannot read its data" in fault_of(content).faults[0].says
    assert "coverage.py cannot read its data" in fault_of(content[:100]).faults[0].says


def sarif(*results: Mapping[str, Any], **run: Any) -> str:
    """Write one SARIF run."""
    driver = {"name": "scanner", "rules": [{"id": "R1", "defaultConfiguration": {"level": "error"}}]}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]})


RESULT = {
    "ruleId": "R1",
    "message": {"text": "bad"},
    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/a%20b.py"}, "region": {"startLine": 7}}}],
}


def scan(content: str) -> ScanReport:
    """Read a SARIF report."""
    report = parse(content)
    assert isinstance(report, ScanReport)
    return report


def test_a_finding_has_rule_place_and_the_level_of_its_rule() -> None:
    """A result without a level takes that of its rule; `warning` would hide an error."""
    finding = scan(sarif(RESULT)).findings[0]
    assert (finding.rule, finding.path, finding.line, finding.level) == ("R1", "src/a b.py", 7, "error")


def test_only_accepted_suppressions_take_a_finding_away() -> None:
    """A suppression that is under review or rejected is not one."""
    for status, count in (("accepted", 0), ("underReview", 1), ("rejected", 1)):
        assert len(scan(sarif({**RESULT, "suppressions": [{"kind": "external", "status": status}]})).findings) == count
    assert scan(sarif({**RESULT, "kind": "pass"})).findings == ()


def test_a_scanner_that_did_not_finish_says_so() -> None:
    """No findings from a scan that broke off are no good news."""
    assert not scan(sarif(invocations=[{"executionSuccessful": False}])).completed
    assert not scan(json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]})).completed
    assert scan(sarif()).completed


def test_a_report_without_runs_is_refused() -> None:
    """Nothing scanned is not nothing found."""
    assert "nothing was scanned" in fault_of('{"version": "2.1.0", "runs": []}').faults[0].says


@pytest.mark.parametrize("content", ["", "hello", "[]", '{"a": 1}', b"\x00\x01"])
def test_what_is_no_report_is_said(content: str | bytes) -> None:
    """The wrong file named by mistake is the most common fault."""
    assert fault_of(content).code in ("REPORT_UNKNOWN", "REPORT_MALFORMED")


def test_files_are_loaded_with_a_limit_and_never_through_a_folder(tmp_path: Path) -> None:
    """A report of a gigabyte must not fill memory."""
    reader = ReportFiles(tmp_path)
    with (tmp_path / "big.xml").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(InputError) as caught:
        reader.load("big.xml")
    assert caught.value.code == "REPORT_TOO_LARGE"
    with pytest.raises(NotFound):
        reader.load("missing.xml")
    with pytest.raises(InputError):
        reader.load(".")


SOURCE = b'''"""Docstring."""
import os


@property
def total(
    a,
    b,
):
    if (a and
            b):
        raise ValueError(
            "no"
        )
    return a  # pragma: no cover
'''


@pytest.mark.slow
def test_lines_that_can_run_are_those_of_coverage_py() -> None:
    """One definition for all: what coverage.py itself counts. It compiles, so it is slow."""
    reader = ReportFiles(Path("/"))
    assert reader.executable_lines(SOURCE) == frozenset({2, 5, 6, 10, 12})
    assert reader.executable_lines(b"def broken(:\n") is None


def test_every_line_of_a_statement_leads_to_its_first() -> None:
    """A change to the third line of a call is a change of the call, which reports count at its first line."""
    starts = ReportFiles(Path("/")).statement_starts(SOURCE)
    assert {number: starts.get(number) for number in (2, 3, 5, 7, 9, 11, 13, 14)} == {
        2: 2,
        3: None,
        5: 5,
        7: 6,
        9: 6,
        11: 10,
        13: 12,
        14: 12,
    }


def test_sources_that_warn_or_cannot_be_parsed_disturb_nobody() -> None:
    """Sources are hostile; a warning of the compiler is not for the user of rh."""
    reader = ReportFiles(Path("/"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert reader.statement_starts(b'x = "\\d"\n') == {1: 1}
        assert reader.statement_starts(b"x = (" + b"(" * 5000) == {}
        assert reader.statement_starts(b"\0") == {}
