"""The commands of evidence."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from release_harness.kernel.errors import Conflict, InputError
from release_harness.kernel.operations import AnyOperation, Effect, Operation, View, argument, option
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import record, to_plain
from release_harness.kernel.time import Clock
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.steps.changes.flow import ChangeNeeds, gather
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.evidence.flow.attaching import AttachNeeds, attach_claim, attach_fact
from release_harness.steps.evidence.flow.findings import FindingsNeeds, findings_for
from release_harness.steps.evidence.flow.listing import (
    Check,
    ListingNeeds,
    Shown,
    export_envelopes,
    list_everything,
    show,
    verify_evidence,
)
from release_harness.steps.evidence.flow.needs import EvidenceRunNeeds
from release_harness.steps.evidence.flow.reporting import Added, AddNeeds, add_reports
from release_harness.steps.evidence.flow.testing import run_tests
from release_harness.steps.evidence.model import EvidenceRecord, MissedLines, StaleEvidence
from release_harness.steps.evidence.ports import EvidenceRepository
from release_harness.steps.evidence.render import short, show_facts, show_list, show_record, show_run
from release_harness.steps.evidence.rules.outcome import judge_run
from release_harness.steps.evidence.rules.statement import COVERAGE
from release_harness.steps.project.flow import RulesNeeds, rules_for
from release_harness.steps.project.model import Rules

_REVISION = "REV or A..B; HEAD when it is left out."
_FOR = "The change that it is about: REV or A..B; HEAD when it is left out."
_BASE = "Branch or revision to land on; else the default branch."


class ChangeAndRules(ChangeNeeds, RulesNeeds, Protocol):
    """Gathering a change and its rules."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class RunCommandNeeds(ChangeAndRules, EvidenceRunNeeds, ListingNeeds, Protocol):
    """Running the tests, and showing what came of it."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class AddCommandNeeds(ChangeAndRules, AddNeeds, Protocol):
    """Taking reports in."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class AttachCommandNeeds(ChangeAndRules, AttachNeeds, Protocol):
    """Attaching facts and claims."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


class ListCommandNeeds(ChangeAndRules, FindingsNeeds, ListingNeeds, Protocol):
    """Listing what is recorded."""

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...


@record
class RunInput:
    """Which change is tested."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("Test the working tree, with what is not committed."))
    no_base: bool = field(
        default=False,
        metadata=option("Never test the base to learn which tests there are; what hangs on it stays unknown."),
    )


@record
class AddInput:
    """Reports of a CI, and what they are about."""

    files: tuple[str, ...] = field(metadata=argument("Report files.", metavar="FILE..."))
    for_: str = field(default="", metadata=option(_FOR, metavar="REV"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    commit: str = field(
        default="",
        metadata=option("Commit that the CI checked out; the head of the change when left out.", metavar="SHA"),
    )
    exit_code: int | None = field(default=None, metadata=option("Exit code of the test command in the CI."))
    rerun: bool = field(default=False, metadata=option("The files are a rerun of what was added before."))


@record
class FactInput:
    """A fact for a change."""

    assignment: str = field(
        metadata=argument("Name and value of a fact that the policy declares.", metavar="NAME=VALUE")
    )
    for_: str = field(default="", metadata=option(_FOR, metavar="REV"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))


@record
class ClaimInput:
    """Words for the reviewer."""

    text: str = field(metadata=argument("What you claim.", metavar="TEXT"))
    for_: str = field(default="", metadata=option(_FOR, metavar="REV"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))


@record
class ListInput:
    """Whose evidence is listed."""

    revision: str = field(default="", metadata=argument(_REVISION, metavar="[REV|A..B]"))
    base: str = field(default="", metadata=option(_BASE, metavar="REV"))
    worktree: bool = field(default=False, metadata=option("The working tree, with what is not committed."))
    all_: bool = field(default=False, metadata=option("List everything that is recorded, for any change."))


@record
class ShowInput:
    """Which record is shown."""

    id: str = field(metadata=argument("Beginning of the id.", metavar="ID"))
    log_lines: int = field(default=0, metadata=option("Lines of the end of the log to show."))


@record
class ExportInput:
    """What is exported."""

    id: str = field(default="", metadata=argument("Beginning of the id.", metavar="[ID]"))
    all_: bool = field(default=False, metadata=option("Export everything, one envelope a line."))
    bundle: bool = field(default=False, metadata=option("Write Sigstore bundles v0.3 instead of DSSE envelopes."))


@record
class VerifyInput:
    """What is verified, and with which keys."""

    id: str = field(
        default="",
        metadata=argument("Beginning of an id, or an exported file; everything when left out.", metavar="[ID|FILE]"),
    )
    key: tuple[str, ...] = field(
        default=(), metadata=option("Public key (PEM) to trust instead of your own ones; repeatable.", metavar="FILE")
    )


@record
class RunOutput:
    """What a run showed."""

    verdict: Verdict
    records: tuple[EvidenceRecord, ...]
    lines: tuple[MissedLines, ...]


@record
class ListOutput:
    """What is recorded."""

    title: str
    records: tuple[EvidenceRecord, ...]
    stale: tuple[StaleEvidence, ...]
    rejected: tuple[str, ...]


@record
class ExportOutput:
    """Signed documents."""

    documents: tuple[str, ...]


@record
class VerifyOutput:
    """Which statements hold."""

    checks: tuple[Check, ...]


def _gather(needs: ChangeAndRules, spec: ChangeSpec) -> tuple[Change, Rules]:
    change = gather(needs, spec)
    rules = rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
    return change, rules


def _run(needs: RunCommandNeeds, request: RunInput) -> RunOutput:
    change, rules = _gather(needs, ChangeSpec(revision=request.revision, base=request.base, worktree=request.worktree))
    records = run_tests(needs, change, rules, base_run=not request.no_base)
    lines = [show(needs, each.id, log_lines=0).lines for each in records if each.predicate == COVERAGE]
    return RunOutput(verdict=judge_run(records), records=records, lines=tuple(one for each in lines for one in each))


def _add(needs: AddCommandNeeds, request: AddInput) -> Added:
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


def _fact(needs: AttachCommandNeeds, request: FactInput) -> Added:
    change, rules = _gather(needs, ChangeSpec(revision=request.for_, base=request.base))
    return Added(records=(attach_fact(needs, change, rules, request.assignment),), new_count=1)


def _claim(needs: AttachCommandNeeds, request: ClaimInput) -> Added:
    change, rules = _gather(needs, ChangeSpec(revision=request.for_, base=request.base))
    return Added(records=(attach_claim(needs, change, rules, request.text),), new_count=1)


def _list(needs: ListCommandNeeds, request: ListInput) -> ListOutput:
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


def _show(needs: ListingNeeds, request: ShowInput) -> Shown:
    return show(needs, request.id, log_lines=max(0, request.log_lines))


def _export(needs: ListingNeeds, request: ExportInput) -> ExportOutput:
    envelopes = export_envelopes(needs, request.id, everything=request.all_, bundle=request.bundle)
    return ExportOutput(documents=tuple(each.decode() for each in envelopes))


def _verify(needs: ListingNeeds, request: VerifyInput) -> VerifyOutput:
    return VerifyOutput(checks=verify_evidence(needs, request.id, request.key))


def _verified(output: VerifyOutput) -> Outcome:
    if not output.checks:
        return Outcome.UNKNOWN
    return Outcome.PASS if all(each.holds for each in output.checks) else Outcome.FAIL


def _run_text(output: RunOutput, _view: View) -> str:
    return show_run(output.records, output.verdict, output.lines)


def _added_text(output: Added, _view: View) -> str:
    said = [f"recorded {short(each.id)}  {each.predicate}" for each in output.records[: output.new_count]]
    said += [f"already recorded as {short(each.id)}  {each.predicate}" for each in output.records[output.new_count :]]
    return "\n".join((*said, *(show_facts(each) for each in output.records), *output.notes))


def _list_text(output: ListOutput, _view: View) -> str:
    return show_list(output.records, output.stale, output.rejected, output.title)


def _show_text(output: Shown, _view: View) -> str:
    return show_record(output.evidence, output.lines, output.failures, output.not_run, output.notes, output.log_end)


def _export_text(output: ExportOutput, _view: View) -> str:
    return "\n".join(output.documents)


def _verify_text(output: VerifyOutput, _view: View) -> str:
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


def _list_plain(output: ListOutput) -> Mapping[str, Any]:
    return {
        "records": [evidence_plain(each) for each in output.records],
        "stale": [to_plain(each) for each in output.stale],
        "rejected": list(output.rejected),
    }


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="evidence run",
        summary="Run the project's tests on the result tree of a change, in a clean checkout, and record what they show.",
        example="rh evidence run my-branch --base main",
        schema="rh.evidence.run/1",
        input=RunInput,
        output=RunOutput,
        handler=_run,
        effect=Effect.WRITE,
        text=_run_text,
        outcome=lambda output: output.verdict.outcome,
        details="The commands come from `.rh/project.yaml`, else from the test runner that is found. The checkout has no "
        "git-ignored files. Nothing is isolated: the tests run with your rights, and the record says so.",
    ),
    Operation(
        name="evidence add",
        summary="Take in reports of a CI: JUnit, coverage.py, Cobertura, LCOV and SARIF.",
        example="rh evidence add junit.xml coverage.xml --for my-branch --exit-code 0",
        schema="rh.evidence.add/1",
        input=AddInput,
        output=Added,
        handler=_add,
        effect=Effect.WRITE,
        text=_added_text,
        details="Reports of shards add up. The same file twice changes nothing. One broken file and nothing is recorded.",
    ),
    Operation(
        name="evidence fact",
        summary="Attach a fact that the policy declares.",
        example="rh evidence fact rollback.drilled=true --for my-branch",
        schema="rh.evidence.add/1",
        input=FactInput,
        output=Added,
        handler=_fact,
        effect=Effect.WRITE,
        text=_added_text,
    ),
    Operation(
        name="evidence claim",
        summary="Keep a claim for the reviewer; no rule reads it.",
        example='rh evidence claim "I tried the export by hand on a large file" --for my-branch',
        schema="rh.evidence.add/1",
        input=ClaimInput,
        output=Added,
        handler=_claim,
        effect=Effect.WRITE,
        text=_added_text,
    ),
    Operation(
        name="evidence list",
        summary="List the evidence of a change, what of it is stale, and the cheapest rerun.",
        example="rh evidence list my-branch",
        schema="rh.evidence.list/1",
        input=ListInput,
        output=ListOutput,
        handler=_list,
        effect=Effect.READ,
        text=_list_text,
        plain=_list_plain,
    ),
    Operation(
        name="evidence show",
        summary="Show one piece of evidence with its missed lines, broken tests and the end of its log.",
        example="rh evidence show 3f2a9c --log-lines 20",
        schema="rh.evidence.show/1",
        input=ShowInput,
        output=Shown,
        handler=_show,
        effect=Effect.READ,
        text=_show_text,
    ),
    Operation(
        name="evidence export",
        summary="Print signed envelopes, for any verifier of DSSE and in-toto.",
        example="rh evidence export --all > evidence.jsonl",
        schema="rh.evidence.export/1",
        input=ExportInput,
        output=ExportOutput,
        handler=_export,
        effect=Effect.READ,
        text=_export_text,
    ),
    Operation(
        name="evidence verify",
        summary="Verify signatures and bodies of recorded or exported evidence, offline.",
        example="rh evidence verify evidence.jsonl --key team.pem",
        schema="rh.evidence.verify/1",
        input=VerifyInput,
        output=VerifyOutput,
        handler=_verify,
        effect=Effect.READ,
        text=_verify_text,
        outcome=_verified,
    ),
)
