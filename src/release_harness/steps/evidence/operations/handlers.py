"""How the commands of evidence are carried out and laid out."""

from collections.abc import Mapping
from typing import Any

from release_harness.kernel.errors import Conflict, InputError
from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import to_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.evidence.flow.attaching import attach_claim, attach_fact
from release_harness.steps.evidence.flow.choosing import order_for
from release_harness.steps.evidence.flow.findings import findings_for
from release_harness.steps.evidence.flow.impact import impact_for
from release_harness.steps.evidence.flow.listing import (
    ListingNeeds,
    Shown,
    export_envelopes,
    list_everything,
    show,
    verify_evidence,
)
from release_harness.steps.evidence.flow.proving import prove_tests
from release_harness.steps.evidence.flow.reporting import Added, add_reports
from release_harness.steps.evidence.flow.testing import run_tests
from release_harness.steps.evidence.model import EvidenceRecord
from release_harness.steps.evidence.operations.requests import (
    AddCommandNeeds,
    AddInput,
    AttachCommandNeeds,
    ChangeAndRules,
    ClaimInput,
    ExportInput,
    ExportOutput,
    FactInput,
    ListCommandNeeds,
    ListInput,
    ListOutput,
    ProveInput,
    RunCommandNeeds,
    RunInput,
    RunOutput,
    ShowInput,
    VerifyInput,
    VerifyOutput,
)
from release_harness.steps.evidence.render import short, show_facts, show_list, show_record, show_run
from release_harness.steps.evidence.rules.outcome import judge_run
from release_harness.steps.evidence.rules.relevance import referring
from release_harness.steps.evidence.rules.statement import COVERAGE
from release_harness.steps.project.flow import rules_for
from release_harness.steps.project.model import Rules


def _gather(needs: ChangeAndRules, spec: ChangeSpec) -> tuple[Change, Rules]:
    change = gather(needs, spec)
    rules = rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
    return change, rules


def answer_run(needs: RunCommandNeeds, request: RunInput) -> RunOutput:
    """Run the tests on the result tree, or on the base, and answer what came of it."""
    change, rules = _gather(needs, ChangeSpec(revision=request.revision, base=request.base, worktree=request.worktree))
    order = order_for(request.select, shards_count=request.shards, shard=request.shard)
    # What references say costs reading two trees: it is asked only where tests are left out.
    static = referring(impact_for(needs, change, rules)) if order.affected else {}
    run = {"base_run": not request.no_base, "trace": not request.no_trace}
    records = run_tests(needs, change, rules, **run, order=order, static=static)
    lines = [show(needs, each.id, log_lines=0).lines for each in records if each.predicate == COVERAGE]
    return RunOutput(verdict=judge_run(records), records=records, lines=tuple(one for each in lines for one in each))


def answer_prove(needs: RunCommandNeeds, request: ProveInput) -> Added:
    """See whether a test of the change notices that it is gone."""
    change, rules = _gather(needs, ChangeSpec(revision=request.revision, base=request.base))
    return Added(records=(prove_tests(needs, change, rules),), new_count=1)


def answer_add(needs: AddCommandNeeds, request: AddInput) -> Added:
    """Take reports of a CI in for one change."""
    change, rules = _gather(needs, ChangeSpec(revision=request.for_, base=request.base))
    _check_content(needs, change, request.commit)
    return add_reports(needs, change, rules, request.files, exit_code=request.exit_code, rerun=request.rerun)


def _check_content(needs: AddCommandNeeds, change: Change, named: str) -> None:
    """A report speaks about the tree that the CI had, which is not always the tree that would be landed."""
    commit = needs.repository.resolve([named]).get(named) if named else change.head
    if commit is None:
        raise InputError(
            code="REPORT_COMMIT_MISSING",
            says=f"There is no commit {show_text(named)!r} here." if named else "The change has no commit.",
            hint="Name the commit that the CI checked out with --commit, and fetch it first.",
        )
    tree = needs.repository.tree_of(commit)
    if tree != change.digests.result_tree:
        raise Conflict(
            code="REPORT_OTHER_CONTENT",
            says=f"The report speaks about the tree of {commit[:12]}, but what would be landed is another tree: "
            "the base has moved since, or this is another change. Nothing was recorded.",
            hint="Let the CI test the merge result and name its commit with --commit, or run `rh evidence run`.",
            subject=commit,
        )


def answer_fact(needs: AttachCommandNeeds, request: FactInput) -> Added:
    """Attach one custom fact to a change."""
    change, rules = _gather(needs, ChangeSpec(revision=request.for_, base=request.base))
    return Added(records=(attach_fact(needs, change, rules, request.assignment),), new_count=1)


def answer_claim(needs: AttachCommandNeeds, request: ClaimInput) -> Added:
    """Store the words of an author, which no rule reads."""
    change, rules = _gather(needs, ChangeSpec(revision=request.for_, base=request.base))
    return Added(records=(attach_claim(needs, change, rules, request.text),), new_count=1)


def answer_list(needs: ListCommandNeeds, request: ListInput) -> ListOutput:
    """List what is known of a change and what went stale."""
    if request.all_:
        records, rejected = list_everything(needs)
        return ListOutput(
            title="everything that is recorded, newest first", records=records, stale=(), rejected=rejected
        )
    change, rules = _gather(needs, ChangeSpec(revision=request.revision, base=request.base, worktree=request.worktree))
    findings = findings_for(needs, change, rules, needs.clock.now())
    about = show_text(change.branch or change.head or "the working tree")
    return ListOutput(
        title=f"evidence for {about}, result tree {(change.digests.result_tree or 'unknown')[:12]}",
        records=(*findings.records, *findings.claims),
        stale=findings.stale,
        rejected=findings.rejected,
    )


def answer_show(needs: ListingNeeds, request: ShowInput) -> Shown:
    """Show one record with its log."""
    return show(needs, request.id, log_lines=max(0, request.log_lines))


def answer_export(needs: ListingNeeds, request: ExportInput) -> ExportOutput:
    """Write signed envelopes out."""
    envelopes = export_envelopes(needs, request.id, everything=request.all_, bundle=request.bundle)
    return ExportOutput(documents=tuple(each.decode() for each in envelopes))


def answer_verify(needs: ListingNeeds, request: VerifyInput) -> VerifyOutput:
    """Check signatures and digests with public keys alone."""
    return VerifyOutput(checks=verify_evidence(needs, request.id, request.key))


def outcome_of_verification(output: VerifyOutput) -> Outcome:
    """Return pass when everything that was checked holds."""
    if not output.checks:
        return Outcome.UNKNOWN
    return Outcome.PASS if all(each.holds for each in output.checks) else Outcome.FAIL


def run_text(output: RunOutput, _view: View) -> str:
    """Lay out a run for people."""
    return show_run(output.records, output.verdict, output.lines)


def added_text(output: Added, _view: View) -> str:
    """Lay out what was recorded."""
    said = [f"recorded {short(each.id)}  {each.predicate}" for each in output.records[: output.new_count]]
    said += [f"already recorded as {short(each.id)}  {each.predicate}" for each in output.records[output.new_count :]]
    return "\n".join((*said, *(show_facts(each) for each in output.records), *output.notes))


def list_text(output: ListOutput, _view: View) -> str:
    """Lay out the list of evidence."""
    return show_list(output.records, output.stale, output.rejected, output.title)


def shown_text(output: Shown, _view: View) -> str:
    """Lay out one record."""
    return show_record(output.evidence, output.lines, output.failures, output.not_run, output.notes, output.log_end)


def export_text(output: ExportOutput, _view: View) -> str:
    """Lay out the exported envelopes."""
    return "\n".join(output.documents)


def verify_text(output: VerifyOutput, _view: View) -> str:
    """Lay out what was verified."""
    if not output.checks:
        return "nothing is recorded, so nothing was verified"
    rows = [
        f"{'holds' if each.holds else 'FAILS'}  {show_text(each.name)}  {show_text(each.says)}"
        for each in output.checks
    ]
    good = sum(each.holds for each in output.checks)
    return "\n".join((*rows, f"{good} of {len(rows)} hold"))


def evidence_plain(evidence: EvidenceRecord) -> dict[str, Any]:
    """Write a record as plain data."""
    plain = to_plain(evidence)
    return plain if isinstance(plain, dict) else {}


def list_plain(output: ListOutput) -> Mapping[str, Any]:
    """Return the JSON form of the list."""
    return {
        "records": [evidence_plain(each) for each in output.records],
        "stale": [to_plain(each) for each in output.stale],
        "rejected": list(output.rejected),
    }
