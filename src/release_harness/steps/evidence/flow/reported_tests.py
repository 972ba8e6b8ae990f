"""Counts reported tests, together with those of earlier shards and against those of the base."""

import json
from collections.abc import Sequence
from dataclasses import replace

from release_harness.kernel.digests import canonical_json
from release_harness.kernel.errors import Conflict
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.needs import AddNeeds
from release_harness.steps.evidence.flow.records import load_for
from release_harness.steps.evidence.model import (
    EvidenceRecord,
    ParsedReport,
    TestCase,
    TestReport,
)
from release_harness.steps.evidence.rules.statement import TEST_RESULT
from release_harness.steps.evidence.rules.tests import (
    BaseTests,
    case_rows,
    count_tests,
    learn_base,
    merge_reports,
    merge_rerun,
    read_case_rows,
)

_NO_EXIT = "reported by CI without an exit code; say it with --exit-code"


def newest(record: EvidenceRecord) -> tuple[int, object]:
    """Return what orders records of one kind: a record of more sources holds those of fewer."""
    return len(record.sources), record.finished_at


def with_tests(
    needs: AddNeeds,
    change: Change,
    draft: EvidenceRecord,
    parsed: Sequence[ParsedReport],
    before: EvidenceRecord | None,
    *,
    rerun: bool,
) -> EvidenceRecord:
    """Return the record with the counts, lists and details of its tests; raises Conflict when earlier cases are missing here."""
    cases = merge_reports([each for each in parsed if isinstance(each, TestReport)])
    earlier = _earlier_cases(needs, before)
    if earlier:
        cases = (
            merge_rerun(earlier, cases)
            if rerun
            else merge_reports([TestReport(cases=earlier), TestReport(cases=cases)])
        )
    answer = count_tests(
        cases,
        exit_code=draft.exit_code,
        why_no_exit=_NO_EXIT,
        why_no_cases="",
        known_ids=None,
        base=_base_tests(needs, change, cases),
        changed_paths=[each.path for each in change.files],
    )
    details = {"schema": "rh.test-details/1", "cases": case_rows(cases), "not_run": list(answer.lists.not_run)}
    return replace(
        draft,
        facts=answer.facts,
        unknown=answer.unknown,
        tests=answer.lists,
        details=needs.content.put(canonical_json({**details, "known_count": None, "notes": []})),
    )


def _earlier_cases(needs: AddNeeds, before: EvidenceRecord | None) -> tuple[TestCase, ...]:
    if before is None or before.details is None:
        return ()
    content = needs.content.get(before.details)
    if content is None:
        raise Conflict(
            code="EVIDENCE_DETAILS_MISSING",
            says=f"The test cases of {before.id[:19]} are not on this machine, so the new report cannot be added to them.",
            hint="Add the reports of all shards on the machine that has the first ones, or all of them in one command.",
            subject=before.id,
        )
    return read_case_rows(json.loads(content)["cases"])


def _base_tests(needs: AddNeeds, change: Change, cases: Sequence[TestCase]) -> BaseTests:
    """Return the tests of the base from its newest record, rather an older one than one that could not load them all."""
    if change.base is None:
        return BaseTests(statuses={}, why_unknown="there is no base")
    tree = needs.repository.tree_of(change.base)
    if tree == change.digests.result_tree:
        return learn_base(cases)
    loaded = load_for(needs, trees=(tree,), changes=())
    partly: BaseTests | None = None
    records = [each for each in loaded.records if each.predicate == TEST_RESULT and "tests.run_count" in each.facts]
    for each in sorted(records, key=newest, reverse=True):
        content = needs.content.get(each.details) if each.details is not None else None
        if content is not None:
            found = learn_base(read_case_rows(json.loads(content)["cases"]))
            if not found.uncollected:
                return found
            partly = partly or found
    return partly or BaseTests(
        statuses={}, why_unknown="no tests of the base are recorded; add its reports, or run `rh evidence run`"
    )
