"""What can go wrong while changes wait: each ends in its own class, and nobody is blamed for somebody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from release_harness.kernel.errors import NotAllowed
from release_harness.kernel.identity import Actor, ActorKind
from release_harness.steps.merge.flow.queue.adding import hold_place, remove_change, resume_place
from release_harness.steps.merge.model import Refusal, RefusalReason, RunOutcome
from release_harness.testing.landing import ReadFile
from release_harness.testing.queue import QueueWorld

pytestmark = pytest.mark.slow

Make = Callable[..., QueueWorld]


def test_a_head_that_moves_while_it_is_tested_leaves_and_never_lands(queue_world: Make) -> None:
    """Invariant 3: what was judged is not landed under another head. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.tick()
    queue.world.work.checkout("one")
    queue.world.work.commit({"file2.txt": "more\n"}, "more")
    queue.world.work.checkout("main")

    queue.drain()

    assert queue.ends() == {"one": "head-changed"}
    assert queue.world.main_tree() == queue.world.work.head(f"{queue.world.start}^{{tree}}")


def test_a_branch_that_is_deleted_leaves(queue_world: Make) -> None:
    """Nothing lands that nobody can find any more. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.world.work.git("branch", "-D", "one")

    queue.drain()

    assert queue.ends() == {"one": "head-changed"}


def test_content_that_is_on_main_already_has_landed_and_nothing_is_run(queue_world: Make) -> None:
    """An hour was lost elsewhere on a change that was clean and could not be merged. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.world.foreign({"file1.txt": "one\n"}, "the same by hand")

    queue.drain()

    assert queue.ends() == {"one": "already-on-main"}
    assert queue.gate.runs == []


def test_a_foreign_push_in_the_middle_of_a_run_is_tested_together_with_the_change(queue_world: Make) -> None:
    """Invariant 4: the base that was tested is the base that it lands on. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.tick()
    queue.world.foreign({"file2.txt": "by somebody else\n"})

    queue.drain()

    assert queue.ends() == {"one": "landed"}
    assert len(queue.desk.runners.stopped) == 1, "the run on the old tip is of no use"
    assert queue.world.origin.git("show", "main:file2.txt").strip() == "by somebody else"


def test_a_base_that_was_force_pushed_is_the_new_base(queue_world: Make) -> None:
    """History that was taken back is not brought in again under a change. Slow: real git."""
    queue = queue_world()
    queue.world.foreign({"file2.txt": "to be taken back\n"})
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.tick()
    queue.world.origin.git("update-ref", "refs/heads/main", queue.world.start)

    queue.drain()

    assert queue.ends() == {"one": "landed"}
    assert "file2.txt" not in queue.world.origin.git("ls-tree", "--name-only", "main").split()


def test_a_red_base_blames_nobody_and_the_queue_goes_on_when_it_is_mended(queue_world: Make) -> None:
    """A change was latched out for two hours elsewhere for a red that its base had. Slow: real git."""
    queue = queue_world()
    queue.world.foreign({"file0.txt": "broken\n"}, "break main")
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")

    ticks = queue.drain()

    assert queue.ends() == {"one": "waiting"}
    assert ticks[-1].base_red
    queue.world.foreign({"file0.txt": "well again\n"}, "mend main")
    queue.drain()
    assert queue.ends() == {"one": "landed"}


def test_a_textual_conflict_with_the_tip_is_told_without_a_run(queue_world: Make) -> None:
    """Nothing has to be tested to know that it does not merge. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"app.py": "one = 2\n"}, name="one")
    queue.queue("one")
    queue.world.foreign({"app.py": "one = 3\n"})

    queue.drain()

    assert queue.ends() == {"one": "conflict-textual"}
    assert queue.gate.runs == []


def test_a_conflict_with_a_change_that_fails_is_no_conflict(queue_world: Make) -> None:
    """What conflicts with a speculative base only waits; when that one is sent back, nothing is left of it. Slow: git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "broken\n"}, name="one")
    queue.world.feature({"file1.txt": "two\n"}, name="two")
    queue.queue("one", "two")

    queue.drain()

    assert queue.ends() == {"one": "own-failure", "two": "landed"}


def test_a_child_leaves_with_its_parent(queue_world: Make) -> None:
    """Invariant 7: what lands contains what it needs. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "broken\n"}, name="parent")
    queue.world.work.branch("child", "parent")
    queue.world.work.commit({"file2.txt": "two\n"}, "build on it")
    queue.world.work.checkout("main")
    queue.queue("parent", "child")

    queue.drain()

    assert queue.ends() == {"parent": "own-failure", "child": "parent-rejected"}


def test_a_worker_that_dies_blames_the_machine_and_its_tree_is_run_again(queue_world: Make) -> None:
    """Infrastructure is a class of its own. Slow: real git."""
    queue = queue_world(workers_count=1)
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.tick()
    queue.desk.runners.kill()

    queue.drain()

    assert queue.ends() == {"one": "landed"}
    assert len(queue.desk.runners.begun) == 2


def test_a_machine_that_fails_every_time_sends_back_without_blame(queue_world: Make) -> None:
    """Begun three times, and then told as what it is. Slow: real git."""
    queue = queue_world(workers_count=1)
    queue.gate.check = lambda _read: RunOutcome.INFRA
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")

    queue.drain()

    assert queue.ends() == {"one": "infra"}
    assert len(queue.desk.runners.begun) == 3


@pytest.mark.parametrize(
    ("outcome", "reason"), [(RunOutcome.TIMEOUT, "timeout"), (RunOutcome.NOT_RUN, "check-never-reported")]
)
def test_silence_is_a_class_of_its_own(queue_world: Make, outcome: RunOutcome, reason: str) -> None:
    """A check that hangs or never reports is not a failing test. Slow: real git."""
    queue = queue_world()
    queue.gate.check = lambda _read: outcome
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")

    queue.drain()

    assert queue.ends() == {"one": reason}


def test_a_flaky_failure_is_run_again_before_anybody_is_blamed(queue_world: Make) -> None:
    """Innocent changes were evicted eight times in three days elsewhere. Slow: real git."""
    queue = queue_world()
    head = queue.world.feature({"file1.txt": "one\n"}, name="one")
    tree = queue.desk.repository.tree_of(head)  # type: ignore[arg-type] # a plain text is a commit here
    queue.gate.script[tree] = [RunOutcome.FAILED]
    queue.queue("one")

    queue.drain()

    assert queue.ends() == {"one": "landed"}


def test_a_tree_that_was_judged_before_is_not_run_again(queue_world: Make) -> None:
    """Elsewhere checks run again although the tree is unchanged. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    queue.tick()
    queue.desk.runners.finish()
    remove_change(queue.desk, queue.place, "one")
    queue.tick()
    queue.queue("one")

    queue.drain()

    assert queue.ends()["one"] == "landed"
    assert len(queue.gate.runs) == 1


def test_a_hold_lets_nothing_land_but_an_emergency(queue_world: Make) -> None:
    """Invariant 10. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.world.feature({"file2.txt": "two\n"}, name="two")
    hold_place(queue.desk, queue.place, "the release is being cut", None)
    queue.queue("one")
    queue.add("two", emergency="customers cannot pay")

    queue.drain()
    assert queue.ends() == {"one": "waiting", "two": "landed"}
    resume_place(queue.desk, queue.place)
    queue.drain()
    assert queue.ends()["one"] == "landed"


def test_a_hold_ends_by_itself(queue_world: Make) -> None:
    """A freeze window that nobody has to remember. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    hold_place(queue.desk, queue.place, "over lunch", queue.desk.clock.now() + timedelta(hours=1))
    queue.queue("one")
    queue.drain()
    assert queue.ends() == {"one": "waiting"}

    queue.desk.clock.move(timedelta(hours=2))
    queue.drain()

    assert queue.ends() == {"one": "landed"}


def test_an_agent_cannot_call_an_emergency(queue_world: Make) -> None:
    """Invariant 10 asks for a named person. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.desk.actor = Actor(kind=ActorKind.AGENT, id="bot")

    with pytest.raises(NotAllowed, match="Only a person"):
        queue.add("one", emergency="I am in a hurry")


def test_a_change_that_conflicts_is_held_back_and_not_queued(queue_world: Make) -> None:
    """What cannot land now is told at once. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"app.py": "one = 2\n"}, name="one")
    queue.world.foreign({"app.py": "one = 3\n"})

    answer = queue.add("one")

    assert isinstance(answer, Refusal)
    assert answer.reason is RefusalReason.CONFLICT_TEXTUAL
    assert queue.ends() == {}


def test_a_change_to_the_gate_passes_the_old_gate_and_then_its_own(queue_world: Make) -> None:
    """Invariant 2: nobody weakens the gate that judges it, and nobody lands one that fails on its own tree. Slow: git."""
    queue = queue_world()
    asked: list[bytes | None] = []

    def check(read: ReadFile) -> RunOutcome:
        asked.append(read("gate.txt"))
        return RunOutcome.PASSED

    queue.gate.check = check
    queue.world.feature({"gate.txt": "another gate\n"}, name="one")
    queue.queue("one")

    queue.drain()

    assert queue.ends() == {"one": "landed"}
    assert len(asked) == 2
