"""What is said while a landing is already being made: the lander looks once more, last of all, and believes the newest."""

from collections.abc import Callable

import pytest

from release_harness.steps.merge.flow.queue.adding import hold_place, remove_change
from release_harness.testing.queue import QueueWorld

pytestmark = pytest.mark.slow

Make = Callable[..., QueueWorld]


class At:
    """Does something once, when a landing reaches a boundary."""

    def __init__(self, name: str, act: Callable[[], object]) -> None:
        """Nothing has happened yet."""
        self.name, self.act = name, act
        self.done = False

    def reach(self, name: str) -> None:
        """Act at the first time."""
        if name == self.name and not self.done:
            self.done = True
            self.act()


def _late(queue: QueueWorld, act: Callable[[], object]) -> None:
    """Drain the queue with a keeper that hears of something when its commits are already made."""
    boundaries = At("built", act)
    queue.desk, queue.keeper = queue.sit_down(boundaries)
    queue.drain()
    assert boundaries.done


def _one_waits(queue_world: Make) -> QueueWorld:
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")
    return queue


def test_a_hold_that_comes_while_a_landing_is_made_stops_it(queue_world: Make) -> None:
    """Invariant 10 holds at the moment at which the branch would move. Slow: real git."""
    queue = _one_waits(queue_world)
    other, _keeper = queue.sit_down()
    _late(queue, lambda: hold_place(other, queue.place, "an incident", None))
    assert queue.ends() == {"one": "waiting"}
    assert queue.world.main_tree() == queue.world.work.head(f"{queue.world.start}^{{tree}}")


def test_a_change_that_is_taken_out_while_it_is_made_does_not_land(queue_world: Make) -> None:
    """Invariant 5: it has its end. Slow: real git."""
    queue = _one_waits(queue_world)
    other, _keeper = queue.sit_down()
    _late(queue, lambda: remove_change(other, queue.place, "one"))
    assert queue.ends()["one"] != "landed"
    assert queue.world.main_tree() == queue.world.work.head(f"{queue.world.start}^{{tree}}")


def test_a_head_that_moves_while_it_is_made_does_not_land(queue_world: Make) -> None:
    """Invariant 3: the old head is not what its author wants any more. Slow: real git."""
    queue = _one_waits(queue_world)

    def push() -> None:
        queue.world.work.checkout("one")
        queue.world.work.commit({"file2.txt": "more\n"}, "more")
        queue.world.work.checkout("main")

    _late(queue, push)
    assert queue.ends() == {"one": "head-changed"}
    assert queue.world.main_tree() == queue.world.work.head(f"{queue.world.start}^{{tree}}")
