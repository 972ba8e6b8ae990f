"""JUnit XML, as pytest, Surefire, Gradle, Jest, gotestsum, cargo-nextest and others write it."""

from collections import Counter
from typing import TYPE_CHECKING

from release_harness.adapters.reports.hardened import local_name, refuse, walk_xml
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model import TestCase, TestReport, TestStatus

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MESSAGE_CHARS = 2_000
_SECONDS_LIMIT = 10_000_000.0

_UNITS = frozenset({"testcase", "testsuite", "system-out", "system-err"})

_STATUS_OF = {
    "error": TestStatus.ERROR,
    "rerunError": TestStatus.ERROR,
    "failure": TestStatus.FAILED,
    "rerunFailure": TestStatus.FAILED,
    "skipped": TestStatus.SKIPPED,
    "disabled": TestStatus.SKIPPED,
    "flakyFailure": TestStatus.FLAKY,
    "flakyError": TestStatus.FLAKY,
}
_WORST_FIRST = (TestStatus.ERROR, TestStatus.FAILED, TestStatus.SKIPPED, TestStatus.FLAKY)


def parse_junit(name: str, content: bytes) -> TestReport:
    """Read the test cases; a suite that claims more failures than its cases show is refused, as it was cut."""
    cases: list[TestCase] = []
    seen: Counter[str] = Counter()
    claims: list[tuple[int, int, int, str]] = []
    suites: list[str] = []
    for event, element, _depth in walk_xml(name, content, _UNITS):
        kind = local_name(element.tag)
        if event == "start" and kind == "testsuite":
            suites.append(element.get("name", ""))
            claims.append((*_claimed(element), len(cases), element.get("name", "")))
        elif event == "end" and kind == "testcase":
            case = _read_case(element, suites[-1] if suites else "")
            seen[case.id] += 1
            number = seen[case.id]
            cases.append(case if number == 1 else _numbered(case, number))
        elif event == "end" and kind == "testsuite":
            suites.pop()
            _check_claim(name, claims.pop(), cases)
    return TestReport(cases=tuple(cases))


def _claimed(suite: "Element") -> tuple[int, int]:
    counts = {key: suite.get(key, "") for key in ("tests", "failures", "errors")}
    numbers = {key: int(value) if value.isdecimal() else 0 for key, value in counts.items()}
    return numbers["tests"], numbers["failures"] + numbers["errors"]


def _check_claim(name: str, claim: tuple[int, int, int, str], cases: list[TestCase]) -> None:
    """A suite that counts failures but shows none of them would otherwise read as a pass."""
    tests, failures, first, suite = claim
    shown = sum(case.status in (TestStatus.FAILED, TestStatus.ERROR) for case in cases[first:])
    if failures > 0 and shown == 0:
        raise refuse(name, f"suite {show_text(suite)!r} counts {failures} failures, but no test case shows one")
    if tests > 0 and len(cases) == first:
        raise refuse(name, f"suite {show_text(suite)!r} counts {tests} tests, but shows no test case")


def _read_case(element: "Element", suite: str) -> TestCase:
    found: list[tuple[TestStatus, str]] = []
    for child in element:
        status = _STATUS_OF.get(local_name(child.tag))
        if status is not None:
            found.append((status, child.get("message") or (child.text or "").strip()))
    if element.get("status", "").lower() in ("notrun", "disabled") and not found:
        found.append((TestStatus.SKIPPED, "not run"))
    status, message = min(found, key=lambda each: _WORST_FIRST.index(each[0]), default=(TestStatus.PASSED, ""))
    return TestCase(
        id=_case_id(element, suite),
        status=status,
        duration_seconds=_seconds(element.get("time", "")),
        message=message[:_MESSAGE_CHARS],
    )


def _case_id(element: "Element", suite: str) -> str:
    """Return `class::name`; runners without classes get the name of their file or suite."""
    owner = element.get("classname") or element.get("file") or suite
    case = element.get("name") or "(no name)"
    return f"{owner}::{case}" if owner else case


def _numbered(case: TestCase, number: int) -> TestCase:
    return TestCase(
        id=f"{case.id} (#{number})",
        status=case.status,
        duration_seconds=case.duration_seconds,
        message=case.message,
    )


def _seconds(text: str) -> float:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= _SECONDS_LIMIT else 0.0
