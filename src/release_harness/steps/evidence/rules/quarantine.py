"""Flaky tests in quarantine: they run, they are reported, and until their day they do not block."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from release_harness.steps.evidence.model import TestCase, TestStatus
from release_harness.steps.evidence.model.relevance import QuarantineAnswer
from release_harness.steps.evidence.rules.tests import TestAnswer, canonical_id
from release_harness.steps.project.model import Quarantine

QUARANTINED = "tests.quarantined_count"
_FAILED_EXIT = 1
"""What pytest and most runners end with when tests failed and nothing else was wrong."""


def apply_quarantine(cases: Sequence[TestCase], quarantine: Sequence[Quarantine], today: date) -> QuarantineAnswer:
    """Say which failures do not block today; quarantined tests are run and reported like all others."""
    failed = [each.id for each in cases if each.status in (TestStatus.FAILED, TestStatus.ERROR)]
    excused: list[str] = []
    lapsed: list[str] = []
    for test_id in failed:
        listed = [each for each in quarantine if _is_listed(test_id, each.test)]
        if any(today <= each.until for each in listed):
            excused.append(test_id)
        elif listed:
            lapsed.append(test_id)
    used = {each.test for each in quarantine for case in cases if _is_listed(case.id, each.test)}
    return QuarantineAnswer(
        excused=tuple(excused),
        lapsed=tuple(lapsed),
        unused=tuple(each.test for each in quarantine if each.test not in used),
        blocking=tuple(each for each in failed if each not in excused),
    )


def excuse_quarantined(
    answer: TestAnswer,
    cases: Sequence[TestCase] | None,
    quarantine: Sequence[Quarantine],
    today: date,
    exit_code: int | None,
) -> TestAnswer:
    """Take excused failures out of what blocks, and count them beside it.

    The exit code is excused only when it is the one for failed tests and every failure is excused: any other code says
    that something else went wrong. The record itself keeps the code as it was.
    """
    if cases is None:
        return answer
    found = apply_quarantine(cases, quarantine, today)
    facts = {**answer.facts, QUARANTINED: len(found.excused)}
    if found.excused:
        excused = set(found.excused)
        for name, status in (("tests.failed_count", TestStatus.FAILED), ("tests.errors_count", TestStatus.ERROR)):
            facts[name] = sum(case.status is status and case.id not in excused for case in cases)
        if not found.blocking and exit_code == _FAILED_EXIT:
            facts["tests.exit_code"] = 0
    return replace(answer, facts=facts)


def _is_listed(test_id: str, written: str) -> bool:
    wanted = canonical_id(written.removesuffix("*")) if not written.startswith("*") else written
    if written.endswith("*"):
        return test_id.startswith(wanted)
    return test_id == wanted or test_id.startswith(f"{wanted}[")
