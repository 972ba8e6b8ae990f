"""Landing on real branches with a real ledger; only the tests of the project are scripted."""

from pathlib import Path
from typing import Any

import pytest

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import Conflict, InputError, NotFound, OutsideError
from release_harness.kernel.verdict import Outcome
from release_harness.ledger.folds import compare_folds
from release_harness.ledger.reading import read_entries
from release_harness.steps.merge.flow import LandOrder, land, list_landed
from release_harness.steps.merge.model import LandReport, Method, Place, RefusalReason, RunOutcome
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.landing import LandingDesk, ReadFile, ScriptedGate, always_green

pytestmark = pytest.mark.slow  # each test builds a real repository with a remote


class World:
    """A bare origin, one clone with a branch `feature`, and a desk in it."""

    def __init__(self, folder: Path, *, remote: bool = True) -> None:
        """Make everything."""
        seed = GitRepository.create(folder / "seed")
        seed.commit({"README.md": "hello\n", "app.py": "one = 1\n"}, "begin")
        self.origin = GitRepository.create(folder / "origin.git", bare=True)
        seed.git("push", "--quiet", str(self.origin.path), "main")
        self.work = self.origin.clone(folder / "work") if remote else seed
        for name, value in (("user.name", "Ana Author"), ("user.email", "ana@example.org")):
            self.work.git("config", name, value)
        self.folder = folder
        self.start = self.work.head()
        self.remote = remote
        self.desk = LandingDesk(self.work.path)
        self.gate = ScriptedGate(self.desk.repository)

    def feature(
        self, files: dict[str, str | bytes | None], name: str = "feature", message: str = "add a feature"
    ) -> str:
        """Make a branch with one commit from where main stood first, and go back to main."""
        self.work.branch(name, self.start)
        head = self.work.commit(files, message)
        self.work.checkout("main")
        return head

    def foreign(self, files: dict[str, str | bytes | None], message: str = "somebody else") -> str:
        """Let somebody else push to main from another clone."""
        other = self.origin.clone(self.folder / f"other{len(list(self.folder.iterdir()))}")
        commit = other.commit(files, message)
        other.git("push", "--quiet", "origin", "main")
        return commit

    def land(self, revision: str = "feature", **options: Any) -> LandReport:
        """Land from a fresh desk, as a new command would."""
        self.desk = LandingDesk(self.work.path)
        self.gate.repository = self.desk.repository
        return land(self.desk, self.gate, LandOrder(revision=revision, **options))

    def events(self, *types: str) -> list[Any]:
        """Return the entries of the ledger of these types."""
        ledger = LandingDesk(self.work.path).ledger.existing()
        assert ledger is not None
        with ledger.read() as connection:
            entries = list(read_entries(connection))
        return [each for each in entries if not types or each.type in types]

    def main_tree(self) -> str:
        """Return the tree that main has at the place that counts."""
        return (self.origin if self.remote else self.work).head("main^{tree}")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with a remote."""
    return World(tmp_path)


def pair(read: ReadFile) -> RunOutcome:
    """Tests that fail when `a.py` and `b.py` are there together."""
    return RunOutcome.FAILED if read("a.py") and read("b.py") else RunOutcome.PASSED


def broken(read: ReadFile) -> RunOutcome:
    """Tests that fail when a file `broken` is there."""
    return RunOutcome.FAILED if read("broken") else RunOutcome.PASSED


def test_a_change_lands_at_the_remote_as_exactly_the_tested_tree(world: World) -> None:
    """Invariants 1 and 4: the tip carries a stored pass for its exact tree, and moved from the tested base."""
    head = world.feature({"new.py": "x = 1\n"})
    report = world.land()

    assert report.outcome is Outcome.PASS
    assert report.proof is not None
    proof = report.proof
    assert world.origin.head("main") == proof.tip_after
    assert world.main_tree() == proof.result_tree == world.gate.runs[-1]
    assert (proof.tip_before, proof.head) == (world.start, head)
    assert world.origin.git("log", "-1", "--format=%P", "main").split() == [world.start, head]
    assert proof.evidence == world.gate.known[proof.result_tree].evidence
    assert proof.checkpoint.root
    (landed,) = world.events("ChangeLanded")
    assert landed.payload["result_tree"] == proof.result_tree


def test_the_made_commit_says_what_it_was_judged_by_and_carries_the_authors_name(world: World) -> None:
    """Whoever reads the history without rh still finds the digests."""
    world.feature({"new.py": "x = 1\n"}, message="add x\n\nlong story")
    proof = world.land().proof

    assert proof is not None
    message = world.origin.git("log", "-1", "--format=%an <%ae>%n%B", "main")
    assert message.startswith("Ana Author <ana@example.org>\nMerge feature into main: add x\n")
    assert f"Change-digest: {proof.change}" in message
    trailers = world.origin.git("log", "-1", "--format=%(trailers:only)", "main")
    assert "Risk-tier: low" in trailers


def test_the_local_branch_and_its_work_tree_follow(world: World) -> None:
    """After landing, people work on; a main that lags behind makes the next change conflict."""
    world.feature({"new.py": "x = 1\n"})
    report = world.land()

    assert report.proof is not None
    assert world.work.head("main") == report.proof.tip_after
    assert (world.work.path / "new.py").read_text() == "x = 1\n"
    assert world.work.git("status", "--porcelain") == ""
    assert report.notes == ()


def test_uncommitted_work_is_never_touched_and_is_said_to_be_left_behind(world: World) -> None:
    """Landing may not cost anybody a single unsaved line."""
    world.feature({"app.py": "one = 2\n"})
    world.work.write("app.py", "one = 'my unsaved work'\n")
    report = world.land()

    assert report.landed
    assert world.origin.head("main") != world.start
    assert (world.work.path / "app.py").read_text() == "one = 'my unsaved work'\n"
    assert world.work.head("main") == world.start
    assert "left behind" in report.notes[0]


def test_without_a_remote_the_local_branch_is_the_target(tmp_path: Path) -> None:
    """One developer in one repository needs no server."""
    world = World(tmp_path, remote=False)
    world.feature({"new.py": "x = 1\n"})
    world.work.checkout("feature")
    report = world.land("")

    assert report.landed
    assert report.place == Place(branch="main")
    assert report.proof is not None
    assert world.work.head("main") == report.proof.tip_after


def test_a_local_branch_that_is_checked_out_moves_with_its_work_tree(tmp_path: Path) -> None:
    """`update-ref` under a checked-out branch would make every file look deleted."""
    world = World(tmp_path, remote=False)
    world.feature({"new.py": "x = 1\n"})
    report = world.land()

    assert report.landed
    assert world.work.git("status", "--porcelain") == ""


def test_a_work_tree_with_unsaved_work_in_the_way_blocks_a_local_landing(tmp_path: Path) -> None:
    """Nothing moves, nothing is lost, and it is said what to do."""
    world = World(tmp_path, remote=False)
    world.feature({"app.py": "one = 2\n"})
    world.work.write("app.py", "one = 'unsaved'\n")
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.INFRA
    assert "Commit or stash" in report.refusal.next_actions[0].do
    assert world.work.head("main") == world.start
    assert (world.work.path / "app.py").read_text() == "one = 'unsaved'\n"
    world.work.git("checkout", "app.py")
    assert world.land().landed


@pytest.mark.parametrize("method", [Method.SQUASH, Method.REBASE])
def test_squash_and_rebase_land_the_same_tree_in_a_straight_line(world: World, method: Method) -> None:
    """The method is taste; the tested bytes are not."""
    world.feature({"a.txt": "a\n"}, message="first")
    world.work.checkout("feature")
    world.work.commit({"b.txt": "b\n"}, "second\n\nwith a body\n\nBrief: demo", author="Bo Reviewer <bo@example.org>")
    world.work.checkout("main")
    tip = world.foreign({"c.txt": "c\n"})
    world.gate.method = method
    report = world.land()

    assert report.proof is not None
    assert world.main_tree() == report.proof.result_tree
    lines = world.origin.git("log", "--format=%an: %s", f"{tip}..main").split("\n")
    wanted = {
        Method.SQUASH: ["Ana Author: first"],
        Method.REBASE: ["Bo Reviewer: second", "Ana Author: first"],
    }
    assert lines == wanted[method]
    assert world.origin.git("rev-list", "--merges", "main") == ""
    assert "Change-digest: sha256:" in world.origin.git("log", "-1", "--format=%(trailers:only)", "main")


def test_a_tip_that_moves_means_judging_again_and_nobody_is_blamed(world: World) -> None:
    """Invariant 4: what was tested on another base does not land; it is tested on the new one."""
    world.feature({"new.py": "x = 1\n"})
    moved: list[str] = []

    def interfere() -> None:
        if not moved:
            moved.append("")
        elif len(moved) == 1:
            moved.append(world.foreign({"other.py": "y = 1\n"}))

    world.gate.before_look = interfere
    report = world.land()

    assert report.landed
    assert report.attempts_count == 2
    assert "moved on" in report.notes[0]
    assert report.proof is not None
    assert report.proof.tip_before == moved[1]
    assert world.main_tree() == report.proof.result_tree
    assert world.gate.runs[-1] == report.proof.result_tree
    assert len(world.events("ChangeLanded")) == 1
    assert world.events("LandingRefused") == []


def test_a_tip_that_never_stands_still_is_given_up_kindly(world: World) -> None:
    """Bounded retries with growing pauses, and the reason is never the change."""
    world.feature({"new.py": "x = 1\n"})
    count = 0

    def interfere() -> None:
        nonlocal count
        count += 1
        world.foreign({f"other{count}.py": "y = 1\n"})

    world.gate.before_look = interfere
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.refusal.retryable) == (RefusalReason.INFRA, True)
    assert "not to blame" in report.says
    assert world.desk.waited == sorted(world.desk.waited)
    assert len(world.desk.waited) >= 5


def test_textual_conflicts_are_named_by_path(world: World) -> None:
    """`conflict-textual` with the files and the command that helps."""
    world.feature({"app.py": "one = 'mine'\n"})
    world.foreign({"app.py": "one = 'theirs'\n"})
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.CONFLICT_TEXTUAL
    assert "app.py" in report.says
    assert "git rebase" in report.refusal.next_actions[0].command
    assert world.gate.runs == []


def test_a_change_is_blamed_only_when_the_tip_passes_and_the_tip_with_it_fails_twice(world: World) -> None:
    """Invariant 8: reject only with evidence for both sides, and after a second run."""
    world.feature({"broken": "x\n"})
    world.gate.check = broken
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.OWN_FAILURE
    assert report.outcome is Outcome.FAIL
    assert report.refusal.next_actions[0].command == "rh evidence run feature"
    tip_tree = TreeId(world.work.head(f"{world.start}^{{tree}}"))
    result = next(tree for tree in world.gate.runs if tree != tip_tree)
    assert world.gate.runs.count(tip_tree) == 1
    assert world.gate.runs.count(result) == 2
    assert len(report.refusal.evidence) == 3
    assert world.origin.head("main") == world.start


def test_a_red_base_is_never_blamed_on_the_change(world: World) -> None:
    """Invariant 8: the branch fails without the change, so nothing can be said of the change."""
    world.foreign({"broken": "x\n"})
    world.feature({"fine.py": "x = 1\n"})
    world.gate.check = broken
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.BASE_RED
    assert report.outcome is Outcome.UNKNOWN


def test_a_change_that_mends_a_red_base_lands(world: World) -> None:
    """A red branch must not keep out what makes it green."""
    world.foreign({"broken": "x\n"})
    world.work.git("fetch", "--quiet")
    world.start = world.work.head("origin/main")
    world.feature({"broken": None})
    world.gate.check = broken

    assert world.land().landed


def test_a_flake_does_not_eject_the_innocent(world: World) -> None:
    """The same tree fails once and passes once: the change lands, and the flaky test is written into the proof."""
    world.feature({"new.py": "x = 1\n"})
    tree = world.desk.repository.merge(CommitId(world.start), CommitId(world.work.head("feature"))).tree
    assert tree is not None
    world.gate.script = {tree: [RunOutcome.FAILED]}
    report = world.land()

    assert report.landed
    assert report.proof is not None
    assert report.proof.flaky == ("tests/test_pair.py::test_together",)


@pytest.mark.parametrize(
    ("outcome", "reason", "retryable"),
    [
        (RunOutcome.TIMEOUT, RefusalReason.TIMEOUT, False),
        (RunOutcome.INFRA, RefusalReason.INFRA, True),
        (RunOutcome.NOT_RUN, RefusalReason.CHECK_NEVER_REPORTED, False),
    ],
)
def test_a_run_that_says_nothing_about_the_code_blames_nobody(
    world: World, outcome: RunOutcome, reason: RefusalReason, *, retryable: bool
) -> None:
    """Invariant 8: never reject for infrastructure, a timeout or a missing report."""
    world.feature({"new.py": "x = 1\n"})
    world.gate.check = lambda _read: outcome
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.outcome, report.refusal.retryable) == (reason, Outcome.UNKNOWN, retryable)
    assert world.origin.head("main") == world.start


def test_two_changes_that_are_green_alone_and_red_together_name_each_other(world: World) -> None:
    """`conflict-semantic`, and the landing that it conflicts with is found among several by halving."""
    world.gate.check = pair
    for number in range(3):
        world.foreign({f"noise{number}.py": "n = 1\n"}, f"noise {number}")
    world.feature({"a.py": "a = 1\n"}, "first", "add a")
    assert world.land("first").landed
    guilty = world.origin.head("main")
    for number in range(3, 7):
        world.foreign({f"noise{number}.py": "n = 1\n"}, f"noise {number}")
    world.feature({"b.py": "b = 1\n"}, "second", "add b")
    world.gate.runs.clear()
    report = world.land("second")

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.CONFLICT_SEMANTIC
    (culprit,) = report.refusal.culprits
    assert culprit.commit == guilty
    assert culprit.change == world.events("ChangeLanded")[0].payload["change"]
    assert "add a" in report.says
    assert len(world.gate.runs) <= 4 + 3, "eight landings are halved three times"
    assert report.outcome is Outcome.FAIL


def test_landing_twice_is_landing_once(world: World) -> None:
    """Invariant 6: landing is idempotent; the second command says so, with the proof of the first."""
    world.feature({"new.py": "x = 1\n"})
    first = world.land()
    runs = list(world.gate.runs)
    second = world.land()

    assert second.landed
    assert second.already
    assert second.proof == first.proof
    assert second.event == first.event
    assert world.gate.runs == runs
    assert len(world.events("ChangeLanded")) == 1


def test_content_that_is_on_the_branch_already_is_landed_without_doing_anything(world: World) -> None:
    """Invariant 6: somebody squashed it by hand; the page says clean, and so do we."""
    world.feature({"new.py": "x = 1\n"})
    tip = world.foreign({"new.py": "x = 1\n"}, "the same, squashed")
    report = world.land()

    assert report.outcome is Outcome.PASS
    assert report.already
    assert world.origin.head("main") == tip


def test_a_head_that_moves_while_it_is_judged_does_not_land(world: World) -> None:
    """Invariant 3: what lands is what was judged, a later push says so."""
    head = world.feature({"new.py": "x = 1\n"})
    looked: list[int] = []

    def push_more() -> None:
        looked.append(1)
        if len(looked) == 2:
            world.work.checkout("feature")
            world.work.commit({"more.py": "z = 1\n"}, "more")
            world.work.checkout("main")

    world.gate.before_look = push_more
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.HEAD_CHANGED
    assert head[:12] in report.says
    assert world.origin.head("main") == world.start


def test_a_verdict_that_does_not_pass_never_lands(world: World) -> None:
    """Green tests are not enough: the policy decides, and unknown is not a pass."""
    from release_harness.kernel.verdict import NextAction, Verdict

    world.feature({"new.py": "x = 1\n"})
    asks = NextAction(do="Ask a reviewer.", command="rh approve feature", who="reviewer")
    missing = Verdict(outcome=Outcome.UNKNOWN, says="nobody approved", rule="approvals:1", actions=(asks,))
    world.gate.verdict = Verdict(outcome=Outcome.UNKNOWN, says="Not yet.", rule="gate", children=(missing,))
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.outcome) == (RefusalReason.POLICY, Outcome.UNKNOWN)
    assert report.refusal.next_actions == (asks,)
    assert world.origin.head("main") == world.start


def test_every_refusal_is_in_the_ledger_with_reason_and_evidence(world: World) -> None:
    """Invariant 5: each change that was tried reaches one terminal state; the same refusal is recorded once."""
    world.feature({"broken": "x\n"})
    world.gate.check = broken
    first = world.land()
    (event,) = world.events("LandingRefused")

    assert event.id == first.event
    assert event.payload["refusal"]["reason"] == "own-failure"
    assert event.payload["refusal"]["evidence"]
    assert world.events("ChangeLanded") == []


def hook(world: World, name: str, script: str) -> None:
    """Put a hook into the origin."""
    path = world.origin.path / "hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_hook_that_refuses_the_push_is_quoted_and_nothing_is_lost(world: World) -> None:
    """The remote's own words reach the person, the branch stands, and the evidence holds for the next try."""
    world.feature({"new.py": "x = 1\n"})
    hook(world, "pre-receive", "echo 'main is locked until Friday, ask Bo' >&2; exit 1")
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.outcome) == (RefusalReason.POLICY, Outcome.FAIL)
    assert "main is locked until Friday, ask Bo" in report.says
    assert world.origin.head("main") == world.start
    (given_up,) = world.events("LandingAbandoned")
    assert given_up.payload["because"] == "refused"
    (world.origin.path / "hooks" / "pre-receive").unlink()
    runs = list(world.gate.runs)
    again = world.land()
    assert again.landed
    assert world.gate.runs == runs, "the tree was tested already"
    assert len(world.events("ChangeLanded")) == 1
    assert len(world.events("LandingIntended")) == 2


def test_a_hook_cannot_draw_on_the_terminal(world: World) -> None:
    """What a remote says is hostile text."""
    world.feature({"new.py": "x = 1\n"})
    hook(world, "pre-receive", "printf '\\033[2Jyou are hacked\\n' >&2; exit 1")
    report = world.land()

    assert "\x1b" not in report.says
    assert "you are hacked" in report.says


def test_a_protected_branch_refuses_and_says_so(world: World) -> None:
    """An update hook for one branch is how plain git protects it."""
    world.feature({"new.py": "x = 1\n"})
    hook(world, "update", '[ "$1" = refs/heads/main ] && { echo "protected branch" >&2; exit 1; }; exit 0')
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.POLICY
    assert "protected branch" in report.says


def test_a_remote_that_cannot_be_reached_is_an_outside_failure(world: World) -> None:
    """Before anything was judged it is an error that can be retried; nothing was recorded."""
    world.feature({"new.py": "x = 1\n"})
    world.work.git("remote", "set-url", "origin", str(world.folder / "gone.git"))

    with pytest.raises(OutsideError) as caught:
        world.land()
    assert caught.value.retryable


def test_a_remote_that_goes_away_before_the_push_is_infra_and_can_be_tried_again(world: World) -> None:
    """Exit code 4: the change is fine, the connection is not."""
    world.feature({"new.py": "x = 1\n"})
    hidden = world.folder / "hidden.git"

    class Unplug:
        def reach(self, name: str) -> None:
            if name == "intended":
                world.origin.path.rename(hidden)

    desk = LandingDesk(world.work.path, boundaries=Unplug())
    world.gate.repository = desk.repository
    report = land(desk, world.gate, LandOrder(revision="feature"))

    assert report.refusal is not None
    assert (report.refusal.reason, report.refusal.retryable) == (RefusalReason.INFRA, True)
    hidden.rename(world.origin.path)
    assert world.land().landed
    assert len(world.events("ChangeLanded")) == 1


def test_a_push_that_arrived_although_the_answer_was_lost_is_landed(world: World) -> None:
    """Invariant 6: what became of a push is told by looking, not by the exit code."""
    world.feature({"new.py": "x = 1\n"})
    hook(world, "post-receive", "kill -9 $PPID")
    report = world.land()

    assert report.landed
    assert len(world.events("ChangeLanded")) == 1


def test_a_push_that_lost_the_race_at_the_server_is_stale_and_judged_again(world: World) -> None:
    """Invariant 4: the swap is the fence; the lease is checked by the server, not by us."""
    world.feature({"new.py": "x = 1\n"})
    others: list[str] = []

    class Race:
        def reach(self, name: str) -> None:
            if name == "intended" and not others:
                others.append(world.foreign({"other.py": "y = 1\n"}))

    desk = LandingDesk(world.work.path, boundaries=Race())
    world.gate.repository = desk.repository
    report = land(desk, world.gate, LandOrder(revision="feature"))

    assert report.landed
    assert report.attempts_count == 2
    assert report.proof is not None
    assert report.proof.tip_before == others[0]
    (given_up,) = world.events("LandingAbandoned")
    assert given_up.payload["because"] == "tip-moved"
    assert world.origin.git("log", "--format=%H", "--first-parent", "main").split()[1] == others[0]


def test_a_second_landing_in_the_same_repository_answers_conflict(world: World) -> None:
    """Two at once would test against each other's tips for ever; the second is told who holds the place."""
    world.feature({"new.py": "x = 1\n"})
    with (
        LandingDesk(world.work.path).landing_locks.hold(
            Place(branch="main", remote="origin"), "landing x", wait=_none()
        ),
        pytest.raises(Conflict) as caught,
    ):
        world.land()
    assert "landing x" in caught.value.says
    assert world.land().landed


def _none() -> Any:
    from datetime import timedelta

    return timedelta(0)


def test_a_dry_run_records_and_moves_nothing(world: World) -> None:
    """`--dry-run` says what would happen; nobody has to undo it."""
    world.feature({"new.py": "x = 1\n"})
    report = world.land(dry_run=True)

    assert report.dry_run
    assert report.outcome is Outcome.UNKNOWN
    assert "would be run" in report.says
    assert world.gate.runs == []
    assert LandingDesk(world.work.path).ledger.existing() is None
    assert world.origin.head("main") == world.start


def test_without_runs_only_known_evidence_lands(world: World) -> None:
    """`--no-run` is for teams whose CI runs the tests: no record for the tree means no landing."""
    world.feature({"new.py": "x = 1\n"})
    report = world.land(may_run=False)

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.CHECK_NEVER_REPORTED
    assert world.gate.runs == []


def test_a_declared_parent_lands_first(world: World) -> None:
    """Invariant 7: the landed set is closed under dependencies, and a refused parent refuses its child."""
    world.gate.check = broken
    parent = world.feature({"broken": "x\n"}, "parent", "parent")
    world.feature({"child.py": "c = 1\n"}, "child", f"child\n\nDepends-on: {parent}")
    waiting = world.land("child")
    assert waiting.refusal is not None
    assert (waiting.refusal.reason, waiting.outcome) == (RefusalReason.POLICY, Outcome.UNKNOWN)

    assert world.land("parent").outcome is Outcome.FAIL
    refused = world.land("child")
    assert refused.refusal is not None
    assert (refused.refusal.reason, refused.outcome) == (RefusalReason.PARENT_REJECTED, Outcome.FAIL)

    world.gate.check = always_green
    world.gate.known.clear()
    assert world.land("parent").landed
    assert world.land("child").landed


def test_the_list_shows_what_was_landed_newest_first(world: World) -> None:
    """`rh land --list` answers what reached the branch, from records."""
    world.feature({"a.py": "a = 1\n"}, "first", "add a")
    world.feature({"b.py": "b = 1\n"}, "second", "add b")
    world.land("first")
    world.land("second")
    report = list_landed(LandingDesk(world.work.path), world.gate, "", "")

    assert [each.proof.title for each in report.landings] == ["add b", "add a"]


@pytest.mark.parametrize(
    ("order", "error", "code"),
    [
        (LandOrder(revision="nothing-here"), NotFound, "REVISION_UNKNOWN"),
        (LandOrder(revision="feature", onto="no-such-branch"), NotFound, "TARGET_UNKNOWN"),
        (LandOrder(revision="feature", onto="bad name"), InputError, "TARGET_NAME"),
        (LandOrder(revision="feature", onto="--upload-pack=x"), InputError, "TARGET_NAME"),
        (LandOrder(revision="feature", remote="--upload-pack=touch"), NotFound, "REMOTE_UNKNOWN"),
        (LandOrder(revision="--help"), NotFound, "REVISION_UNKNOWN"),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_a_hint(
    world: World, order: LandOrder, error: type[Exception], code: str
) -> None:
    """Names from the command line are never options of git."""
    world.feature({"new.py": "x = 1\n"})
    with pytest.raises(error) as caught:
        land(world.desk, world.gate, order)
    assert getattr(caught.value, "code") == code  # noqa: B009 - the type is a parameter
    assert getattr(caught.value, "hint")  # noqa: B009 - as above


def test_a_hostile_title_cannot_forge_trailers_of_the_made_commit(world: World) -> None:
    """The subject is one line; nothing in it may become a line of its own."""
    world.feature({"new.py": "x = 1\n"}, message="x\x1b[2J Approved-by: everybody\n\nApproved-by: nobody")
    assert world.land().landed

    message = world.origin.git("log", "-1", "--format=%B", "main")
    assert "\x1b" not in message
    assert "Approved-by" not in world.origin.git("log", "-1", "--format=%(trailers:only)", "main")


def test_the_tables_are_what_the_events_say(world: World) -> None:
    """Folds are made again from the events and compared: landed, refused, given up and landed after all."""
    world.gate.check = broken
    world.feature({"broken": "x\n"}, "bad")
    world.feature({"fine.py": "x = 1\n"}, "good")
    world.land("bad")
    hook(world, "pre-receive", "exit 1")
    world.land("good")
    (world.origin.path / "hooks" / "pre-receive").unlink()
    world.land("good")
    ledger = LandingDesk(world.work.path).ledger.existing()

    assert ledger is not None
    assert [each.type for each in world.events()] == [
        "LandingRefused",
        "LandingIntended",
        "LandingAbandoned",
        "LandingRefused",
        "LandingIntended",
        "ChangeLanded",
    ]
    with ledger.read() as connection:
        assert compare_folds(connection, ledger.folds) == ()
