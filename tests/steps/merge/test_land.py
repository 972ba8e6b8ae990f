"""What lands, once, and what waits: real branches and a real ledger; only the tests of the project are scripted."""

import pytest

from release_harness.app import folds_of_steps
from release_harness.kernel.errors import InputError, NotFound
from release_harness.kernel.verdict import NextAction, Outcome, Verdict
from release_harness.ledger.folds import compare_folds
from release_harness.steps.merge.flow import LandOrder, land, list_landed
from release_harness.steps.merge.model import RefusalReason, RunOutcome
from release_harness.testing.landing import ReadFile, always_green
from release_harness.testing.landing_world import LandingWorld

pytestmark = pytest.mark.slow  # each test builds a real repository with a remote


def broken(read: ReadFile) -> RunOutcome:
    """Tests that fail when a file `broken` is there."""
    return RunOutcome.FAILED if read("broken") else RunOutcome.PASSED


def test_a_change_lands_at_the_remote_as_exactly_the_tested_tree(world: LandingWorld) -> None:
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


def test_a_tip_that_moves_means_judging_again_and_nobody_is_blamed(world: LandingWorld) -> None:
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


def test_a_tip_that_never_stands_still_is_given_up_kindly(world: LandingWorld) -> None:
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


def test_textual_conflicts_are_named_by_path(world: LandingWorld) -> None:
    """`conflict-textual` with the files and the command that helps."""
    world.feature({"app.py": "one = 'mine'\n"})
    world.foreign({"app.py": "one = 'theirs'\n"})
    report = world.land()

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.CONFLICT_TEXTUAL
    assert "app.py" in report.says
    assert "git rebase" in report.refusal.next_actions[0].command
    assert world.gate.runs == []


def test_landing_twice_is_landing_once(world: LandingWorld) -> None:
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


def test_content_that_is_on_the_branch_already_is_landed_without_doing_anything(world: LandingWorld) -> None:
    """Invariant 6: somebody squashed it by hand; the page says clean, and so do we."""
    world.feature({"new.py": "x = 1\n"})
    tip = world.foreign({"new.py": "x = 1\n"}, "the same, squashed")
    report = world.land()

    assert report.outcome is Outcome.PASS
    assert report.already
    assert world.origin.head("main") == tip


def test_a_head_that_moves_while_it_is_judged_does_not_land(world: LandingWorld) -> None:
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


def test_a_verdict_that_does_not_pass_never_lands(world: LandingWorld) -> None:
    """Green tests are not enough: the policy decides, and unknown is not a pass."""

    world.feature({"new.py": "x = 1\n"})
    asks = NextAction(do="Ask a reviewer.", command="rh approve feature", who="reviewer")
    missing = Verdict(outcome=Outcome.UNKNOWN, says="nobody approved", rule="approvals:1", actions=(asks,))
    world.gate.verdict = Verdict(outcome=Outcome.UNKNOWN, says="Not yet.", rule="gate", children=(missing,))
    report = world.land()

    assert report.refusal is not None
    assert (report.refusal.reason, report.outcome) == (RefusalReason.POLICY, Outcome.UNKNOWN)
    assert report.refusal.next_actions == (asks,)
    assert world.origin.head("main") == world.start


def test_a_dry_run_records_and_moves_nothing(world: LandingWorld) -> None:
    """`--dry-run` says what would happen; nobody has to undo it."""
    world.feature({"new.py": "x = 1\n"})
    report = world.land(dry_run=True)

    assert report.dry_run
    assert report.outcome is Outcome.UNKNOWN
    assert "would be run" in report.says
    assert world.gate.runs == []
    assert world.sit_down().ledger.existing() is None
    assert world.origin.head("main") == world.start


def test_without_runs_only_known_evidence_lands(world: LandingWorld) -> None:
    """`--no-run` is for teams whose CI runs the tests: no record for the tree means no landing."""
    world.feature({"new.py": "x = 1\n"})
    report = world.land(may_run=False)

    assert report.refusal is not None
    assert report.refusal.reason is RefusalReason.CHECK_NEVER_REPORTED
    assert world.gate.runs == []


def test_a_declared_parent_lands_first(world: LandingWorld) -> None:
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


def test_the_list_shows_what_was_landed_newest_first(world: LandingWorld) -> None:
    """`rh land --list` answers what reached the branch, from records."""
    world.feature({"a.py": "a = 1\n"}, "first", "add a")
    world.feature({"b.py": "b = 1\n"}, "second", "add b")
    world.land("first")
    world.land("second")
    report = list_landed(world.sit_down(), world.gate, "", "")

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
    world: LandingWorld, order: LandOrder, error: type[Exception], code: str
) -> None:
    """Names from the command line are never options of git."""
    world.feature({"new.py": "x = 1\n"})
    with pytest.raises(error) as caught:
        land(world.desk, world.gate, order)
    assert getattr(caught.value, "code") == code  # noqa: B009 - the type is a parameter
    assert getattr(caught.value, "hint")  # noqa: B009 - as above


def test_the_tables_are_what_the_events_say(world: LandingWorld) -> None:
    """Folds are made again from the events and compared: landed, refused, given up and landed after all."""
    world.gate.check = broken
    world.feature({"broken": "x\n"}, "bad")
    world.feature({"fine.py": "x = 1\n"}, "good")
    world.land("bad")
    hook = world.hook("pre-receive", "exit 1")
    world.land("good")
    hook.unlink()
    world.land("good")
    ledger = world.sit_down().ledger.existing()

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
        assert compare_folds(connection, folds_of_steps()) == ()
