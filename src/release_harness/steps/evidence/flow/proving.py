"""Takes the changed code back in a scratch tree, and sees whether a test of the change notices."""

import json
from dataclasses import replace

from release_harness.kernel.digests import TreeId, canonical_json
from release_harness.kernel.errors import Conflict
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.choosing import select_for
from release_harness.steps.evidence.flow.needs import EvidenceRunNeeds
from release_harness.steps.evidence.flow.records import load_for, record_all
from release_harness.steps.evidence.flow.running import Choice, run_in_checkout
from release_harness.steps.evidence.flow.testing import draft_of_run, settings_for
from release_harness.steps.evidence.model import EvidenceRecord, TestCase
from release_harness.steps.evidence.rules.coverage import family_of, is_test_path
from release_harness.steps.evidence.rules.proving import TakenBack, judge_proof, take_back
from release_harness.steps.evidence.rules.statement import PROOF, TEST_RESULT
from release_harness.steps.evidence.rules.tests import read_case_rows
from release_harness.steps.project.model import Rules

PROVED = "tests.proved"


def prove_tests(needs: EvidenceRunNeeds, change: Change, rules: Rules) -> EvidenceRecord:
    """Run the tests of the change on a scratch tree in which its code is that of the base, and record what that shows.

    The run with the change is the recorded one; without a record it is made first. Raises Conflict without a result tree
    or without a base.
    """
    tree, base = change.digests.result_tree, change.base
    if tree is None or base is None:
        raise Conflict(
            code="NO_RESULT_TREE",
            says="There is no result tree, or no base to go back to.",
            hint="Bring the change up to date with the branch to land on.",
        )
    settings = replace(settings_for(needs, change, rules.project), reruns_count=0)
    taken = take_back((each.path for each in change.files), is_test_path, lambda path: bool(family_of(path)))
    with_change = _recorded(needs, tree)
    if with_change is None:
        needs.progress.say("rh: running the tests with the change first")
        with_change = run_in_checkout(needs, tree, change.head, settings).cases
    needs.progress.say(f"rh: taking {len(taken.restored)} files back in a scratch tree")
    restored = {path: needs.repository.read_file(base, path) for path in taken.restored}
    choice = _choice(needs, change, tree, taken)
    run = run_in_checkout(needs, tree, change.head, settings, restored=restored, choice=choice)
    proof = judge_proof(taken, with_change, run.cases)
    details = {
        "schema": "rh.proof-details/1",
        "restored": list(taken.restored),
        "noticed": list(proof.noticed),
        "why": proof.why,
    }
    draft = replace(
        draft_of_run(needs, change, tree, rules, run, PROOF),
        facts={} if proof.proved is None else {PROVED: proof.proved},
        unknown={PROVED: proof.why} if proof.proved is None else {},
        details=needs.content.put(canonical_json(details)),
    )
    return record_all(needs, [draft], "rh evidence prove")[0]


def _choice(needs: EvidenceRunNeeds, change: Change, tree: TreeId, taken: TakenBack) -> Choice | None:
    """Run the tests that bear on the change where a trace names them; else the changed tests; else all."""
    selection = select_for(needs, change, tree)
    ids = taken.tests if selection.everything else (*selection.ids, *taken.tests)
    return Choice(ids=tuple(dict.fromkeys(ids)), everything=False) if ids else None


def _recorded(needs: EvidenceRunNeeds, tree: TreeId) -> tuple[TestCase, ...] | None:
    loaded = load_for(needs, trees=(tree,), changes=())
    for each in sorted(loaded.records, key=lambda one: one.finished_at, reverse=True):
        content = needs.content.get(each.details) if each.predicate == TEST_RESULT and each.details else None
        if content is not None and "tests.run_count" in each.facts:
            return read_case_rows(json.loads(content)["cases"])
    return None
