"""A desk to land from in tests: real git, a real ledger, and a gate whose tests are a function of the tree."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from release_harness.kernel.digests import CommitId, PolicyDigest, TreeId, digest_bytes
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.kernel.progress import Progress
from release_harness.kernel.verdict import Outcome, Verdict
from release_harness.ledger.door import LedgerDoor
from release_harness.steps.changes.flow import gather
from release_harness.steps.changes.model import Change, ChangeSpec
from release_harness.steps.changes.ports import Repository
from release_harness.steps.merge.model import Look, Method, Person, Place, RunOutcome, TreeRun
from release_harness.steps.merge.model.queued import GateTerms
from release_harness.steps.merge.ports import Boundaries, LandingLocks, LandingRepository
from release_harness.testing.clock import FixedClock

ReadFile = Callable[[str], bytes | None]
Check = Callable[[ReadFile], RunOutcome]
ANA = Actor(kind=ActorKind.PERSON, id="ana", name="Ana Author", email="ana@example.org")
POLICY = PolicyDigest(digest_bytes(b"a policy for tests"))


def always_green(_read: ReadFile) -> RunOutcome:
    """Tests that pass on every tree."""
    return RunOutcome.PASSED


class ScriptedGate:
    """Fake of the Gate: looks at real changes, and runs `check` in place of the tests of a tree."""

    def __init__(self, repository: Repository, check: Check = always_green) -> None:
        """Nothing was run yet."""
        self.repository = repository
        self.check = check
        self.method = Method.MERGE
        self.verdict: Verdict | None = None
        """Verdict of every look; None takes pass when the tests passed, else what they say."""
        self.before_look: Callable[[], None] = lambda: None
        self.runs: list[TreeId] = []
        self.known: dict[TreeId, TreeRun] = {}
        self.script: dict[TreeId, list[RunOutcome]] = {}
        """Answers that come first for a tree, such as the failure of a flaky test."""

    def look(
        self, head: CommitId, tip: CommitId, place: Place, branch: str, *, covering: CommitId | None = None
    ) -> Look:
        """Gather the change and judge it by the runs that are known."""
        self.before_look()
        change = gather(self, ChangeSpec(revision=head, base=tip, target=place.branch))
        tree = change.digests.result_tree
        run = self.known.get(tree) if tree else None
        if run is None and covering is not None and tree is not None:
            later = self.known.get(self.repository.tree_of(covering))
            run = replace(later, tree=tree) if later is not None else None
        return Look(
            head=head,
            tip=tip,
            merge_base=change.merge_base,
            branch=branch,
            title=change.title,
            brief="",
            author=_author(change),
            result_tree=tree,
            change=change.digests.change,
            policy=POLICY,
            tier="low",
            verdict=self.verdict or _verdict(run),
            forced=False,
            conflicts=change.conflicts,
            gaps=change.gaps,
            files=tuple(each.path for each in change.files),
            evidence=run.evidence if run else (),
            approvals=(),
            bypasses=(),
            approvals_lost=(),
            next_actions=(),
            tests_configured=True,
            run=run,
            method=self.method,
            depends_on=tuple(
                value for each in change.commits for key, value in each.trailers if key.lower() == "depends-on"
            ),
        )

    def run(self, head: CommitId, onto: CommitId, place: Place, *, anew: bool) -> TreeRun:
        """Run the check on the merge of the head onto a commit."""
        change = gather(self, ChangeSpec(revision=head, base=onto, target=place.branch))
        tree = change.digests.result_tree
        if tree is None:
            return TreeRun(tree=self.repository.tree_of(onto), outcome=RunOutcome.NOT_RUN)
        if anew or tree not in self.known:
            self.runs.append(tree)
            scripted = self.script.get(tree)
            outcome = scripted.pop(0) if scripted else self.check(lambda path: self.repository.read_file(tree, path))
            failed = ("tests/test_pair.py::test_together",) if outcome is RunOutcome.FAILED else ()
            run_id = digest_bytes(f"{tree} {outcome.value} {self.runs.count(tree)}".encode())
            self.known[tree] = TreeRun(tree=tree, outcome=outcome, evidence=(run_id,), failed=failed)
        return self.known[tree]

    def terms(self, commit: CommitId, place: Place) -> GateTerms:
        """Return a digest of the file `gate.txt`, which stands for the gate, and of nothing else."""
        del place
        gate = self.repository.read_file(commit, "gate.txt") or b""
        return GateTerms(gate=digest_bytes(gate), environment=digest_bytes(b"a machine for tests"))

    def known_remote(self, tip: CommitId | None) -> str:
        """Return no remote: the project file is not read."""
        del tip
        return ""


class Wired(Protocol):
    """The parts of an application that landing uses; `release_harness.app.Application` has them."""

    @property
    def repository(self) -> Repository:
        """The clone."""
        ...

    @property
    def landing(self) -> LandingRepository:
        """Its branches."""
        ...

    @property
    def landing_locks(self) -> LandingLocks:
        """Its locks."""
        ...

    @property
    def ledger(self) -> LedgerDoor:
        """Its ledger."""
        ...

    @property
    def progress(self) -> Progress:
        """Where waiting is told."""
        ...


class QuietBoundaries:
    """Boundaries at which nothing happens."""

    def reach(self, name: str) -> None:
        """Do nothing."""


class LandingDesk:
    """Implements the LandNeeds of one person in one clone, with a clock that stands still."""

    def __init__(self, wired: Wired, *, boundaries: Boundaries | None = None) -> None:
        """Take the adapters of an application."""
        self.repository = wired.repository
        self.landing = wired.landing
        self.landing_locks = wired.landing_locks
        self.ledger = wired.ledger
        self.progress = wired.progress
        self.clock = FixedClock()
        self.actor = ANA
        self.boundaries = boundaries or QuietBoundaries()
        self.waited: list[timedelta] = []

    @property
    def patience(self) -> "LandingDesk":
        """The desk itself waits."""
        return self

    def wait(self, length: timedelta) -> None:
        """Move the clock instead of sleeping."""
        self.waited.append(length)
        self.clock.move(length)


def quiet_environment(folder: Path) -> dict[str, str]:
    """Return an environment that knows nothing of the user's settings; keys are made in the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "RH_"))}
    return {
        **kept,
        "RH_CONFIG_DIR": str(folder / "rh-config"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def _author(change: Change) -> Person:
    first = change.commits[-1].author if change.commits else None
    return Person(name=first.name, email=first.email) if first else Person(name="unknown", email="unknown")


def _verdict(run: TreeRun | None) -> Verdict:
    if run is None or run.outcome is not RunOutcome.PASSED:
        outcome = Outcome.FAIL if run is not None and run.outcome is RunOutcome.FAILED else Outcome.UNKNOWN
        return Verdict(outcome=outcome, says="The tests have not passed.", rule="evidence:tests")
    return Verdict(outcome=Outcome.PASS, says="The change may land.", rule="gate")
