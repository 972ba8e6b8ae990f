"""The production gate: the examination of review, and the test runs of evidence, in the words of landing."""

from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.digests import CommitId, Sha256, canonical_json, digest_bytes
from release_harness.kernel.errors import InputError, NotFound, OutsideError
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.evidence.flow import EvidenceRunNeeds, findings_for, run_tests
from release_harness.steps.evidence.flow.testing import settings_at, settings_for
from release_harness.steps.merge.model import Look, Method, Person, Place, RunOutcome, TreeRun
from release_harness.steps.merge.model.queued import GateTerms
from release_harness.steps.merge.rules.runs import TEST_RESULT, newest_run
from release_harness.steps.project.flow import rules_for
from release_harness.steps.project.model import Rules
from release_harness.steps.review.flow import ExamineNeeds, examine
from release_harness.steps.review.rules.shown import name_change
from release_harness.steps.review.rules.worth import filling_ids

if TYPE_CHECKING:
    from release_harness.steps.review.model import Examination

_LOST_SHOWN = 10
_DEPENDS_ON = "depends-on"


class GateNeeds(ExamineNeeds, EvidenceRunNeeds, Protocol):
    """What looking at changes and running tests needs."""


class ReviewGate:
    """Implements the Gate of `needs`."""

    def __init__(self, needs: GateNeeds) -> None:
        """Nothing is looked at yet."""
        self._needs = needs
        self._environments: dict[tuple[str, ...], Sha256] = {}

    def look(
        self, head: CommitId, tip: CommitId, place: Place, branch: str, *, covering: CommitId | None = None
    ) -> Look:
        """Examine the change on one tip, exactly as `rh check` does."""
        tree = None if covering is None else self._needs.repository.tree_of(covering)
        spec = ChangeSpec(revision=head, base=tip, target=place.branch)
        examination = examine(self._needs, spec, covering=tree)
        return _look_of(self._needs, examination, head, tip, branch)

    def run(self, head: CommitId, onto: CommitId, place: Place, *, anew: bool) -> TreeRun:
        """Return what the tests say of the head merged onto a commit."""
        change = gather(self._needs, ChangeSpec(revision=head, base=onto, target=place.branch))
        tree = change.digests.result_tree
        if tree is None:
            says = f"{head[:12]} does not merge onto {onto[:12]}"
            return TreeRun(tree=self._needs.repository.tree_of(onto), outcome=RunOutcome.NOT_RUN, says=says)
        rules = rules_for(self._needs, merge_base=change.merge_base, base=change.base, result_tree=tree)
        if not anew:
            known = self._known(change, rules)
            if known is not None:
                return known
        try:
            run_tests(self._needs, change, rules)
        except (OutsideError, NotFound) as error:
            return TreeRun(tree=tree, outcome=RunOutcome.INFRA, says=error.says)
        fresh = self._known(change, rules)
        return fresh or TreeRun(tree=tree, outcome=RunOutcome.NOT_RUN, says="the run left no record")

    def terms(self, commit: CommitId, place: Place) -> GateTerms:
        """Return the digests of how a commit says that it is tested, and of this machine with its tools."""
        del place
        project = rules_for(self._needs, merge_base=None, base=commit, result_tree=None).project
        try:
            settings = settings_at(self._needs, (commit,), project)
        except NotFound:
            settings = project.test
        argv = settings.commands[0] if settings.commands else ()
        if argv not in self._environments:
            described = self._needs.commands.describe_environment(self._needs.environment, argv)
            self._environments[argv] = digest_bytes(canonical_json(dict(described)))
        return GateTerms(gate=digest_bytes(repr(settings).encode()), environment=self._environments[argv])

    def known_remote(self, tip: CommitId | None) -> str:
        """Return the remote that the project file of a commit names."""
        if tip is None:
            return ""
        return rules_for(self._needs, merge_base=None, base=tip, result_tree=None).project.land.remote

    def _known(self, change: Change, rules: Rules) -> TreeRun | None:
        findings = findings_for(self._needs, change, rules, self._needs.clock.now())
        tree = change.digests.result_tree
        stale = frozenset(each.id for each in findings.stale)
        return None if tree is None else newest_run(findings.records, tree, stale)


def _look_of(needs: GateNeeds, seen: "Examination", head: CommitId, tip: CommitId, branch: str) -> Look:
    change = seen.change
    tree = change.digests.result_tree
    stale = frozenset(each.id for each in seen.findings.stale)
    bound = [each for each in seen.findings.seen if each.id not in stale]
    filling = filling_ids(seen)
    return Look(
        head=head,
        tip=tip,
        merge_base=change.merge_base,
        branch=branch,
        title=change.title,
        brief=seen.brief.id if seen.brief else "",
        author=_author_of(change),
        result_tree=tree,
        change=change.digests.change,
        policy=seen.rules.digest,
        tier=seen.tier.tier,
        verdict=seen.verdict,
        forced=seen.forced,
        conflicts=change.conflicts,
        gaps=change.gaps,
        files=tuple(each.path for each in change.files),
        evidence=tuple(each.id for each in bound if each.predicate != TEST_RESULT or each.result_tree == tree),
        approvals=filling,
        approvals_beside=tuple(each.id for each in seen.approvals_seen if each.approved and each.id not in filling),
        bypasses=tuple(each.id for each in seen.bypasses_seen),
        approvals_lost=_lost(needs, seen, branch),
        next_actions=name_change(seen.next_actions, ChangeSpec(revision=branch or head[:12]), change),
        tests_configured=_has_tests(needs, change, seen.rules),
        run=None if tree is None else newest_run(seen.findings.records, tree, stale),
        method=_method(seen.rules.project.land.method),
        depends_on=_depends_on(change),
    )


def _has_tests(needs: GateNeeds, change: Change, rules: Rules) -> bool:
    """Tell whether anybody knows how the project is tested: its file says so, or a runner was recognised."""
    try:
        settings_for(needs, change, rules.project)
    except NotFound:
        return False
    return True


def _method(name: str) -> Method:
    try:
        return Method(name)
    except ValueError:
        known = ", ".join(each.value for each in Method)
        raise InputError(
            code="LAND_METHOD", says=f"{name!r} is no way to land.", hint=f"Set `land.method` to one of {known}."
        ) from None


def _author_of(change: Change) -> Person:
    """Take the author of the oldest commit: who began the change."""
    if not change.commits:
        return Person(name="unknown", email="unknown")
    author = change.commits[-1].author
    return Person(name=author.name or author.id, email=author.email or author.id)


def _depends_on(change: Change) -> tuple[str, ...]:
    named = (value.strip() for each in change.commits for key, value in each.trailers if key.lower() == _DEPENDS_ON)
    return tuple(dict.fromkeys(value for value in named if value))


def _lost(needs: GateNeeds, seen: "Examination", branch: str) -> tuple[str, ...]:
    """Return the approvals of earlier contents of the same branch, when none counts for this one."""
    digest = seen.change.digests.change
    ledger = needs.ledger.existing() if branch and digest else None
    if ledger is None or digest is None or any(each.counts and not each.rejected for each in seen.approvals):
        return ()
    from release_harness.steps.review import store

    with ledger.read() as connection:
        return tuple(each.id for each in store.other_answers(connection, branch, digest, limit_count=_LOST_SHOWN))
