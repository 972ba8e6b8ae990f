"""What test reports say of a change: run, failed, skipped, newly skipped, not run, flaky."""

import re
from collections.abc import Iterable, Mapping, Sequence

from release_harness.kernel.facts import FactValue
from release_harness.kernel.records import record
from release_harness.steps.evidence.model import TestCase, TestLists, TestReport, TestStatus

LISTED_LIMIT_COUNT = 500
_SEVERITY = tuple(TestStatus)
_RAN = frozenset({TestStatus.ERROR, TestStatus.FAILED, TestStatus.FLAKY, TestStatus.PASSED})
_LOADING = {(TestStatus.ERROR, "collection failure"), (TestStatus.SKIPPED, "collection skipped")}
"""What pytest writes in place of the tests of a file that it could not load, or was told to skip while it loaded it."""
_UNITTEST_LOADING = "unittest.loader._FailedTest"
_BROKEN = frozenset({TestStatus.ERROR, TestStatus.FAILED})

NAMES = (
    "tests.run_count",
    "tests.failed_count",
    "tests.errors_count",
    "tests.skipped_count",
    "tests.newly_skipped_count",
    "tests.not_run_count",
    "tests.flaky_count",
    "tests.exit_code",
)


@record
class TestAnswer:
    """Facts of a test run, and why the others are unknown."""

    __test__ = False

    facts: dict[str, FactValue]
    unknown: dict[str, str]
    lists: TestLists


@record
class BaseTests:
    """What is known of the tests of the base."""

    statuses: dict[str, TestStatus]
    why_unknown: str = ""
    """Why nothing is known; empty when `statuses` is what was learnt."""
    uncollected: tuple[str, ...] = ()
    """Files and classes that could not even be loaded, so that nobody knows their tests, nor any that come after them."""
    skipped_whole: tuple[str, ...] = ()
    """Files and classes that were skipped as a whole, without naming their tests."""


def learn_base(cases: Iterable[TestCase]) -> BaseTests:
    """Learn from a run on the base; rows that stand for a file that was not loaded are no tests that could go missing."""
    tests: dict[str, TestStatus] = {}
    uncollected, skipped = [], []
    for case in cases:
        if not stands_for_a_file(case):
            tests[case.id] = case.status
        elif case.status is TestStatus.SKIPPED:
            skipped.append(case.id)
        else:
            uncollected.append(case.id)
    return BaseTests(statuses=tests, uncollected=tuple(uncollected), skipped_whole=tuple(skipped))


def stands_for_a_file(case: TestCase) -> bool:
    """Tell whether a row of a report is no test, but says that a file or class of tests was not loaded."""
    return (case.status, case.message) in _LOADING or case.id.startswith(_UNITTEST_LOADING)


def _is_inside(test_id: str, whole: str) -> bool:
    """Tell whether a test belongs to a file or class; its row is named `suite::file` or `file::class`."""
    if test_id == whole:
        return True
    owner = test_id.partition("::")[0]
    places = (whole.rpartition("::")[2], whole.replace("::", "."))
    return any(owner == place or owner.startswith(f"{place}.") for place in places)


def canonical_id(listed: str) -> str:
    """Turn a listed test into the id that a JUnit report gives it (`tests/test_a.py::T::test_b` → `tests.test_a.T::test_b`).

    It follows pytest's own rule for class names in JUnit; ids of other runners are taken as they are.
    """
    address, bracket, parameters = listed.strip().partition("[")
    names = address.split("::")
    if len(names) < 2 or not names[0].endswith(".py"):  # noqa: PLR2004 - a file and a name
        return listed.strip()
    names[0] = re.sub(r"\.py$", "", names[0].replace("/", "."))
    names[-1] += bracket + parameters
    return f"{'.'.join(names[:-1])}::{names[-1]}"


def read_listed_ids(output: str) -> frozenset[str]:
    """Return the ids that a list command printed, one a line; lines with spaces around words are talk, not ids."""
    lines = (line.strip() for line in output.splitlines())
    return frozenset(canonical_id(line) for line in lines if line and (" " not in line.partition("[")[0]))


def merge_reports(reports: Iterable[TestReport]) -> tuple[TestCase, ...]:
    """Put the reports of one run together; a case that several report keeps its worst answer."""
    found: dict[str, TestCase] = {}
    for report in reports:
        for case in report.cases:
            known = found.get(case.id)
            if known is None or _SEVERITY.index(case.status) < _SEVERITY.index(known.status):
                found[case.id] = case
    return tuple(found.values())


def merge_rerun(first: Sequence[TestCase], rerun: Sequence[TestCase]) -> tuple[TestCase, ...]:
    """Put a rerun of the same content beside the first run: what broke and then passed is flaky, never passed.

    A case that the rerun does not show keeps its first answer; a case that breaks only now is flaky, too.
    """
    again = {case.id: case for case in rerun}
    merged = [_settle(case, again.pop(case.id, None)) for case in first]
    return (*merged, *again.values())


def _settle(case: TestCase, later: TestCase | None) -> TestCase:
    if later is None or later.status is case.status:
        return case
    one, other = case.status in _BROKEN, later.status in _BROKEN
    if one != other and TestStatus.SKIPPED not in (case.status, later.status):
        message = case.message if one else later.message
        return TestCase(id=case.id, status=TestStatus.FLAKY, duration_seconds=case.duration_seconds, message=message)
    return min(case, later, key=lambda each: _SEVERITY.index(each.status))


def removed_by_change(test_id: str, changed_paths: Iterable[str]) -> bool:
    """Tell whether a test belongs to a file that the change touches, so that its absence is visible in the diff."""
    owner = test_id.partition("::")[0].replace("/", ".")
    for path in changed_paths:
        stem = path.rpartition(".")[0].replace("/", ".") or path
        if (
            owner == stem
            or owner.startswith(f"{stem}.")
            or stem.endswith(f".{owner}")
            or owner == path.replace("/", ".")
        ):
            return True
    return False


def count_tests(
    cases: Sequence[TestCase] | None,
    *,
    exit_code: int | None,
    why_no_exit: str,
    why_no_cases: str,
    known_ids: frozenset[str] | None,
    base: BaseTests,
    changed_paths: Sequence[str],
    names_agree: bool = False,
) -> TestAnswer:
    """Compute the facts of a run; without a parsed report nothing but the exit code is known.

    `known_ids` are the ids that were collected or listed for this tree; with `names_agree` they are spelt as in the
    report for certain. Tests of the base that are in no report and
    whose file the change does not touch were not run either.
    """
    facts: dict[str, FactValue] = {}
    unknown: dict[str, str] = {}
    if exit_code is None:
        unknown["tests.exit_code"] = why_no_exit
    else:
        facts["tests.exit_code"] = exit_code
    if cases is None:
        unknown |= {name: why_no_cases for name in NAMES if name != "tests.exit_code"}
        return TestAnswer(facts=facts, unknown=unknown, lists=TestLists())
    by_status = {status: tuple(case.id for case in cases if case.status is status) for status in TestStatus}
    facts["tests.run_count"] = sum(case.status in _RAN for case in cases)
    facts["tests.failed_count"] = len(by_status[TestStatus.FAILED])
    facts["tests.errors_count"] = len(by_status[TestStatus.ERROR])
    facts["tests.skipped_count"] = len(by_status[TestStatus.SKIPPED])
    facts["tests.flaky_count"] = len(by_status[TestStatus.FLAKY])
    newly = _newly_skipped(by_status[TestStatus.SKIPPED], base, facts, unknown)
    strangers = known_ids is not None and not names_agree and _are_strangers(cases, known_ids)
    not_run = () if strangers else _not_run(cases, known_ids, base, changed_paths, facts, unknown)
    if strangers:
        unknown["tests.not_run_count"] = (
            "none of the listed tests is in the report: the two name their tests differently"
        )
    lists = TestLists(
        failed=(*by_status[TestStatus.ERROR], *by_status[TestStatus.FAILED])[:LISTED_LIMIT_COUNT],
        flaky=by_status[TestStatus.FLAKY][:LISTED_LIMIT_COUNT],
        skipped=by_status[TestStatus.SKIPPED][:LISTED_LIMIT_COUNT],
        newly_skipped=newly[:LISTED_LIMIT_COUNT],
        not_run=not_run[:LISTED_LIMIT_COUNT],
    )
    return TestAnswer(facts=facts, unknown=unknown, lists=lists)


def _newly_skipped(
    skipped: tuple[str, ...], base: BaseTests, facts: dict[str, FactValue], unknown: dict[str, str]
) -> tuple[str, ...]:
    if skipped and base.why_unknown:
        unknown["tests.newly_skipped_count"] = base.why_unknown
        return ()
    changed = [each for each in skipped if base.statuses.get(each) is not TestStatus.SKIPPED]
    changed = [each for each in changed if not any(_is_inside(each, whole) for whole in base.skipped_whole)]
    # Where the base was not loaded whole, a test that it does not show may have been skipped there as well.
    newly = tuple(each for each in changed if each in base.statuses or not base.uncollected)
    if changed and not newly:
        unknown["tests.newly_skipped_count"] = (
            f"{base.uncollected[0]} could not be loaded on the base, so nobody knows what was skipped there"
        )
        return ()
    facts["tests.newly_skipped_count"] = len(newly)
    return newly


def _not_run(
    cases: Sequence[TestCase],
    known_ids: frozenset[str] | None,
    base: BaseTests,
    changed_paths: Sequence[str],
    facts: dict[str, FactValue],
    unknown: dict[str, str],
) -> tuple[str, ...]:
    if known_ids is None and base.why_unknown:
        unknown["tests.not_run_count"] = f"nobody knows which tests there are: {base.why_unknown}"
        return ()
    if known_ids is None and base.uncollected:
        unknown["tests.not_run_count"] = (
            f"nobody knows which tests there are: {base.uncollected[0]} could not be loaded on the base"
        )
        return ()
    shown = {case.id for case in cases if case.status is not TestStatus.NOT_RUN}
    spelt = _spellings(shown)
    absent = {each for each in base.statuses if each not in shown}
    touched = {each for each in absent if removed_by_change(each, changed_paths)}
    if known_ids is None and touched:
        unknown["tests.not_run_count"] = (
            f"{len(touched)} tests of the base are in files that the change touches and not in the report; "
            "nobody listed the tests of this tree, so they may be gone or may not have run"
        )
        return ()
    gone = absent - touched
    missing = tuple(sorted({each for each in known_ids or () if each not in spelt} | gone))
    facts["tests.not_run_count"] = len(missing)
    return missing


def _are_strangers(cases: Sequence[TestCase], known_ids: frozenset[str]) -> bool:
    shown = {case.id for case in cases}
    return bool(known_ids and shown) and not known_ids & _spellings(shown)


def _spellings(ids: Iterable[str]) -> set[str]:
    """Return the ids and their last parts, for list commands that print names without their class."""
    spelt = set(ids)
    return spelt | {each.rpartition("::")[2] for each in spelt}


def case_rows(cases: Sequence[TestCase]) -> list[dict[str, str | int]]:
    """Return the cases as plain rows for the details, durations in whole milliseconds."""
    return [
        {
            "id": case.id,
            "status": case.status.value,
            "took_ms": round(case.duration_seconds * 1000),
            **({"message": case.message} if case.message else {}),
        }
        for case in cases
    ]


def read_case_rows(rows: Sequence[Mapping[str, object]]) -> tuple[TestCase, ...]:
    """Read the rows back that `case_rows` wrote."""
    return tuple(
        TestCase(
            id=str(row["id"]),
            status=TestStatus(row["status"]),
            duration_seconds=took / 1000 if isinstance(took := row.get("took_ms", 0), int) else 0.0,
            message=str(row.get("message", "")),
        )
        for row in rows
    )
