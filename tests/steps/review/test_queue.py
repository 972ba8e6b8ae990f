"""What waits for whom: local branches, changes that the ledger knows, oldest first, bounded."""

import time
from datetime import timedelta

import pytest
from review_bench import Bench

from release_harness.kernel.operations import View
from release_harness.steps.review.flow.queue import review_queue
from release_harness.steps.review.model import Answer, QueueReason, ReviewQueue
from release_harness.steps.review.render.deeds import queue_text
from release_harness.testing.progress import RecordedProgress

pytestmark = pytest.mark.slow  # each test builds a repository and judges several branches


def queue_of(bench: Bench, *, limit: int = 25, seconds: float = 60) -> ReviewQueue:
    """List what waits."""
    return review_queue(bench.app(), base="", limit_count=limit, time_limit=timedelta(seconds=seconds))


def test_it_says_who_has_to_look_at_which_part(bench: Bench) -> None:
    """A reviewer opens the queue to find the files that need their eyes, not to read whole diffs."""
    bench.repository.commit({"strict/a.py": "x = 1\n"}, "Touch what is strict")
    (item,) = queue_of(bench).items
    assert (item.revision, item.reason, item.tier) == ("topic", QueueReason.WAITING, "high")
    assert item.waits_for == ("bo, clara",)
    assert [(each.surface, each.lenses, each.files, each.lines_count) for each in item.eyes] == [
        ("strict", ("security",), ("strict/a.py",), 1),
        ("", (), ("src/app.py", "src/new.py"), 4),
    ]
    assert item.command.startswith("rh approve topic")


def test_the_oldest_comes_first(bench: Bench) -> None:
    """Whoever has waited longest is served first."""
    bench.repository.branch("younger", "main")
    bench.repository.commit({"src/y.py": "y = 1\n"}, "Younger")
    bench.repository.branch("youngest", "main")
    bench.repository.commit({"src/z.py": "z = 1\n"}, "Youngest")
    assert [item.revision for item in queue_of(bench).items] == ["topic", "younger", "youngest"]


def test_approved_rejected_and_landed_changes_are_told_apart(bench: Bench) -> None:
    """Ready changes wait for somebody to land them, rejected ones for their author, landed ones for nobody."""
    assert queue_of(bench).items[0].reason is QueueReason.WAITING
    bench.answer(key="bo")
    (item,) = queue_of(bench).items
    assert (item.reason, item.command) == (QueueReason.READY, "rh land topic")
    bench.answer("clara@example.org", answer=Answer.REJECT)
    (item,) = queue_of(bench).items
    assert (item.reason, item.waits_for) == (QueueReason.REJECTED, ("author", "clara"))
    bench.repository.checkout("main")
    bench.repository.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    assert queue_of(bench).items == ()


def test_an_answered_change_without_a_branch_is_still_listed(bench: Bench) -> None:
    """Deleting a branch does not make a rejected change go away; the ledger knows it."""
    head = bench.repository.head("topic")
    bench.answer("clara@example.org", answer=Answer.REJECT)
    bench.repository.git("checkout", "--quiet", "--detach", "topic")
    bench.repository.git("branch", "-D", "topic")
    assert [(item.revision, item.reason) for item in queue_of(bench).items] == [(head, QueueReason.REJECTED)]


def test_a_branch_that_cannot_be_examined_does_not_end_the_list(bench: Bench) -> None:
    """One broken branch must not hide the others."""
    bench.repository.branch("broken", "main")
    bench.repository.commit({"src/b.py": "b = 1\n"}, "Broken")
    blob = bench.repository.git("rev-parse", "HEAD^{tree}")
    bench.repository.checkout("topic")
    (bench.repository.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    queue = queue_of(bench)
    assert [item.revision for item in queue.items if item.revision == "topic"] == ["topic"]
    assert "broken" in " ".join(queue.problems) or any(item.revision == "broken" for item in queue.items)


def test_what_there_was_no_time_for_is_named_and_not_called_done(bench: Bench) -> None:
    """A cut list that looks whole would hide the change that waits longest."""
    for number in range(3):
        bench.repository.branch(f"other-{number}", "main")
        bench.repository.commit({f"src/{number}.py": "x = 1\n"}, f"Other {number}")
    queue = queue_of(bench, limit=2)
    assert len(queue.items) == 2
    assert queue.not_examined == ("other-1", "other-2")
    text = queue_text(queue, View(width=80))
    assert "2 more branches were not looked at" in text
    assert "other-2" in text
    assert queue_of(bench, seconds=-1).items == ()
    assert len(queue_of(bench, seconds=-1).not_examined) == 4


def test_a_thousand_branches_stay_usable(bench: Bench) -> None:
    """The cost is that of the branches that are examined, not of those that exist."""
    head, main = bench.repository.head("topic"), bench.repository.head("main")
    tree = bench.repository.git("rev-parse", f"{head}^{{tree}}")
    commit = bench.repository.git("commit-tree", tree, "-p", main, "-m", "x")
    refs = "".join(f"create refs/heads/many/{number:04} {commit}\n" for number in range(1000))
    bench.repository.git("update-ref", "--stdin", stdin=refs.encode())
    started = time.monotonic()
    queue = queue_of(bench, limit=5)
    assert time.monotonic() - started < 5
    assert len(queue.items) + len(queue.not_examined) == 1001


def test_branch_names_that_look_like_options_or_revisions_are_branches(bench: Bench) -> None:
    """Names come from strangers; a branch called like a tag or a path is examined as the branch."""
    bench.repository.git("tag", "confusing", "main")
    bench.repository.git("branch", "--quiet", "confusing", "topic")
    queue = queue_of(bench)
    assert sorted(item.revision for item in queue.items) == ["confusing", "topic"]
    assert queue.problems == ()


def test_nothing_is_said_of_progress_when_nothing_waits(bench: Bench) -> None:
    """`examining what waits (0 of 0)` is a line about nothing."""
    bench.repository.checkout("main")
    bench.repository.git("branch", "--quiet", "-D", "topic")
    app = bench.app()

    queue = review_queue(app, base="", limit_count=5, time_limit=timedelta(seconds=60))

    assert queue.items == ()
    assert isinstance(app.progress, RecordedProgress)
    assert app.progress.tasks == []
