"""The queue from its first change to its last, on real git."""

from collections.abc import Callable

import pytest

from release_harness.testing.queue import QueueWorld

pytestmark = pytest.mark.slow

Make = Callable[..., QueueWorld]


def test_one_change_that_passes_lands(queue_world: Make) -> None:
    """The smallest queue there is. Slow: real git."""
    queue = queue_world()
    queue.world.feature({"file1.txt": "one\n"}, name="one")
    queue.queue("one")

    queue.drain()

    assert queue.ends() == {"one": "landed"}
    assert queue.red_tips() == []


def test_eight_changes_with_failures_a_conflict_and_a_stack_all_come_to_their_right_end(queue_world: Make) -> None:
    """Everything at once: what is good lands, what fails alone or as a pair is named, and every tip is green. Slow: git."""
    queue = queue_world()
    world = queue.world
    for number in range(1, 5):
        world.feature({f"file{number}.txt": f"{number}\n"}, name=f"good{number}")
    world.feature({"file5.txt": "broken\n"}, name="bad")
    world.feature({"file6.txt": "left\n"}, name="left")
    world.feature({"file7.txt": "right\n"}, name="right")
    world.work.branch("child", "good1")
    world.work.commit({"file8.txt": "child\n"}, "build on it")
    world.work.checkout("main")
    names = ["good1", "bad", "left", "good2", "right", "child", "good3", "good4"]
    queue.queue(*names)

    queue.drain()

    ends = queue.ends()
    assert ends == {
        **dict.fromkeys(["good1", "good2", "good3", "good4", "left", "child"], "landed"),
        "bad": "own-failure",
        "right": "conflict-semantic",
    }
    assert queue.red_tips() == []


def test_a_keeper_that_is_gone_is_followed_by_one_that_goes_on(queue_world: Make) -> None:
    """Nothing is lost on a restart, and what was running is run again. Slow: real git."""
    queue = queue_world()
    for number in range(3):
        queue.world.feature({f"file{number}.txt": f"{number}\n"}, name=f"good{number}")
    queue.queue("good0", "good1", "good2")
    queue.tick()

    queue.again()
    queue.drain()

    assert set(queue.ends().values()) == {"landed"}
    assert queue.red_tips() == []
