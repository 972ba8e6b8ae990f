"""How branches move when a change lands: local and remote, refused, raced, cut off, and what is left alone."""

from datetime import timedelta

import pytest

from release_harness.kernel.errors import Conflict, OutsideError
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model import Method, Place, RefusalReason
from release_harness.testing.landing_world import LandingWorld

pytestmark = pytest.mark.slow  # each test builds a real repository with a remote


def test_the_local_branch_and_its_work_tree_follow(world: LandingWorld) -> None:
    """After landing, people work on; a main that lags behind makes the next change conflict."""
    world.feature({"new.py": "x = 1\n"})
    report = world.land()

    assert report.proof is not None
    assert world.work.head("main") == report.proof.tip_after
    assert (world.work.path / "new.py").read_text() == "x = 1\n"
    assert world.work.git("status", "--porcelain") == ""
    assert report.notes == ()


def test_uncommitted_work_is_never_touched_and_is_said_to_be_left_behind(world: LandingWorld) -> None:
    """Landing may not cost anybody a single unsaved line."""
    world.feature({"app.py": "one = 2\n"})
    world.work.write("app.py", "one = 'my unsaved work'\n")
    report = world.land()

    assert report.landed
    assert world.origin.head("main") != world.start
    assert (world.work.path / "app.py").read_text() == "one = 'my unsaved work'\n"
    assert world.work.head("main") == world.start
    assert "left behind" in report.notes[0]


def test_without_a_remote_the_local_branch_is_the_target(local_world: LandingWorld) -> None:
    """One developer in one repository needs no server."""
    local_world.feature({"new.py": "x = 1\n"})
    local_world.work.checkout("feature")
    report = local_world.land("")

    assert report.landed
    assert report.place == Place(branch="main")
    assert report.proof is not None
    assert local_world.work.head("main") == report.proof.tip_after


def test_a_local_branch_that_is_checked_out_moves_with_its_work_tree(local_world: LandingWorld) -> None:
    """`update-ref` under a checked-out branch would make every file look deleted."""
    local_world.feature({"new.py": "x = 1\n"})
    report = local_world.land()

    assert report.landed
    assert local_world.work.git("status", "--porcelain") == ""


def test_a_work_tree_with_unsaved_work_in_the_way_blocks_a_local_landing(local_world: LandingWorld) -> None:
    """Nothing moves, nothing is lost, and it is said what to do."""
    local_world.feature({"app.py": "one = 2\n"})
    local_world.work.write("app.py", "one = 'unsaved'\n")
    report = local_world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.INFRA
    assert "Commit or stash" in report.refusal.next_actions[0].do
    assert local_world.work.head("main") == local_world.start
    assert (local_world.work.path / "app.py").read_text() == "one = 'unsaved'\n"
    local_world.work.git("checkout", "app.py")
    assert local_world.land().landed


@pytest.mark.parametrize("method", [Method.SQUASH, Method.REBASE])
def test_squash_and_rebase_land_the_same_tree_in_a_straight_line(world: LandingWorld, method: Method) -> None:
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


def test_a_hook_that_refuses_the_push_is_quoted_and_nothing_is_lost(world: LandingWorld) -> None:
    """The remote's own words reach the person, the branch stands, and the evidence holds for the next try."""
    world.feature({"new.py": "x = 1\n"})
    hook = world.hook("pre-receive", "echo 'main is locked until Friday, ask Bo' >&2; exit 1")
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.outcome) == (RefusalReason.POLICY, Outcome.FAIL)
    assert "main is locked until Friday, ask Bo" in report.says
    assert world.origin.head("main") == world.start
    (given_up,) = world.events("LandingAbandoned")
    assert given_up.payload["because"] == "refused"
    hook.unlink()
    runs = list(world.gate.runs)
    again = world.land()
    assert again.landed
    assert world.gate.runs == runs, "the tree was tested already"
    assert len(world.events("ChangeLanded")) == 1
    assert len(world.events("LandingIntended")) == 2


def test_a_hook_cannot_draw_on_the_terminal(world: LandingWorld) -> None:
    """What a remote says is hostile text."""
    world.feature({"new.py": "x = 1\n"})
    world.hook("pre-receive", "printf '\\033[2Jyou are hacked\\n' >&2; exit 1")
    report = world.land()

    assert "\x1b" not in report.says
    assert "you are hacked" in report.says


def test_a_protected_branch_refuses_and_says_so(world: LandingWorld) -> None:
    """An update hook for one branch is how plain git protects it."""
    world.feature({"new.py": "x = 1\n"})
    world.hook("update", '[ "$1" = refs/heads/main ] && { echo "protected branch" >&2; exit 1; }; exit 0')
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.POLICY
    assert "protected branch" in report.says


def test_a_remote_that_cannot_be_reached_is_an_outside_failure(world: LandingWorld) -> None:
    """Before anything was judged it is an error that can be retried; nothing was recorded."""
    world.feature({"new.py": "x = 1\n"})
    world.work.git("remote", "set-url", "origin", str(world.folder / "gone.git"))

    with pytest.raises(OutsideError) as caught:
        world.land()
    assert caught.value.retryable


def test_a_remote_that_goes_away_before_the_push_is_infra_and_can_be_tried_again(world: LandingWorld) -> None:
    """Exit code 4: the change is fine, the connection is not."""
    world.feature({"new.py": "x = 1\n"})
    hidden = world.folder / "hidden.git"

    class Unplug:
        def reach(self, name: str) -> None:
            if name == "intended":
                world.origin.path.rename(hidden)

    report = world.land_at(world.sit_down(Unplug()))

    assert report.refusal is not None
    assert (report.refusal.reason, report.refusal.retryable) == (RefusalReason.INFRA, True)
    hidden.rename(world.origin.path)
    assert world.land().landed
    assert len(world.events("ChangeLanded")) == 1


def test_a_push_that_arrived_although_the_answer_was_lost_is_landed(world: LandingWorld) -> None:
    """Invariant 6: what became of a push is told by looking, not by the exit code."""
    world.feature({"new.py": "x = 1\n"})
    world.hook("post-receive", "kill -9 $PPID")
    report = world.land()

    assert report.landed
    assert len(world.events("ChangeLanded")) == 1


def test_a_push_that_lost_the_race_at_the_server_is_stale_and_judged_again(world: LandingWorld) -> None:
    """Invariant 4: the swap is the fence; the lease is checked by the server, not by us."""
    world.feature({"new.py": "x = 1\n"})
    others: list[str] = []

    class Race:
        def reach(self, name: str) -> None:
            if name == "intended" and not others:
                others.append(world.foreign({"other.py": "y = 1\n"}))

    report = world.land_at(world.sit_down(Race()))

    assert report.landed
    assert report.attempts_count == 2
    assert report.proof is not None
    assert report.proof.tip_before == others[0]
    (given_up,) = world.events("LandingAbandoned")
    assert given_up.payload["because"] == "tip-moved"
    assert world.origin.git("log", "--format=%H", "--first-parent", "main").split()[1] == others[0]


def test_a_second_landing_in_the_same_repository_answers_conflict(world: LandingWorld) -> None:
    """Two at once would test against each other's tips for ever; the second is told who holds the place."""
    world.feature({"new.py": "x = 1\n"})
    with (
        world.sit_down().landing_locks.hold(Place(branch="main", remote="origin"), "landing x", wait=timedelta(0)),
        pytest.raises(Conflict) as caught,
    ):
        world.land()
    assert "landing x" in caught.value.says
    assert world.land().landed


def test_a_hostile_title_cannot_forge_trailers_of_the_made_commit(world: LandingWorld) -> None:
    """The subject is one line; nothing in it may become a line of its own."""
    world.feature({"new.py": "x = 1\n"}, message="x\x1b[2J Approved-by: everybody\n\nApproved-by: nobody")
    assert world.land().landed

    message = world.origin.git("log", "-1", "--format=%B", "main")
    assert "\x1b" not in message
    assert "Approved-by" not in world.origin.git("log", "-1", "--format=%(trailers:only)", "main")


def test_the_made_commit_says_what_it_was_judged_by_and_carries_the_authors_name(world: LandingWorld) -> None:
    """Whoever reads the history without rh still finds the digests."""
    world.feature({"new.py": "x = 1\n"}, message="add x\n\nlong story")
    proof = world.land().proof

    assert proof is not None
    message = world.origin.git("log", "-1", "--format=%an <%ae>%n%B", "main")
    assert message.startswith("Ana Author <ana@example.org>\nMerge feature into main: add x\n")
    assert f"Change-digest: {proof.change}" in message
    trailers = world.origin.git("log", "-1", "--format=%(trailers:only)", "main")
    assert "Risk-tier: low" in trailers
