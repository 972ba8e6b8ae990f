"""What one run says on its own, before any policy is asked."""

from collections.abc import Iterable

from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.evidence.model import EvidenceRecord
from release_harness.steps.evidence.rules.statement import TEST_RESULT


def judge_run(records: Iterable[EvidenceRecord]) -> Verdict:
    """Pass needs exit code 0, a report that was read, at least one test that ran and none that broke."""
    tests = [each for each in records if each.predicate == TEST_RESULT]
    if not tests:
        return Verdict(outcome=Outcome.UNKNOWN, says="no test report was recorded", rule="run")
    facts, unknown = tests[0].facts, tests[0].unknown
    wanted = "exit code 0, at least one test run, none failed"
    for name, word in (("tests.failed_count", "failed"), ("tests.errors_count", "broke")):
        count = facts.get(name)
        if count:
            return Verdict(outcome=Outcome.FAIL, says=f"{count} tests {word}", rule="run", wanted=wanted)
    code = facts.get("tests.exit_code")
    if code:
        return Verdict(outcome=Outcome.FAIL, says=f"the test command ended with {code}", rule="run", wanted=wanted)
    run = facts.get("tests.run_count")
    if code is None or run is None:
        why = unknown.get("tests.exit_code") or unknown.get("tests.run_count") or "the run is not known"
        return Verdict(outcome=Outcome.UNKNOWN, says=why, rule="run", wanted=wanted)
    if run == 0:
        return Verdict(outcome=Outcome.UNKNOWN, says="no test ran", rule="run", wanted=wanted)
    return Verdict(outcome=Outcome.PASS, says=f"{run} tests ran and none failed", rule="run", wanted=wanted)
