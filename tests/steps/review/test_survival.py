"""What an approval survives: exactly the table of the design, on real git."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from review_bench import Bench, Keys

from release_harness.kernel.verdict import Outcome

pytestmark = pytest.mark.slow  # each case builds a repository, approves, rewrites history and judges again

LONG = "one = 1\ntwo = 22\nthree = 3\n" + "\n" * 20 + "last = 9\n"


def approve(bench: Bench) -> None:
    """Approve the topic as Bo, signed and under the lens that strict files ask for."""
    assert bench.answer(key="bo", lenses=("security",)).counts


def squash(bench: Bench) -> None:
    """Make one commit of the two."""
    bench.repository.git("reset", "--soft", "main")
    bench.repository.commit(message="One commit for both")


def reword(bench: Bench) -> None:
    """Change the message of the last commit."""
    bench.repository.git("commit", "--quiet", "--amend", "-m", "Say it better")


def move_base_elsewhere(bench: Bench) -> None:
    """Land something else in another file."""
    bench.repository.checkout("main")
    bench.repository.commit({"src/other.py": "x = 2\n"}, "Something else")
    bench.repository.checkout("topic")


def rebase_cleanly(bench: Bench) -> None:
    """Land something else and rebase the topic onto it."""
    move_base_elsewhere(bench)
    bench.repository.git("rebase", "--quiet", "main")


def merge_base_into_topic(bench: Bench) -> None:
    """Land something else and merge it into the topic."""
    move_base_elsewhere(bench)
    bench.repository.git("merge", "--quiet", "--no-edit", "main")


def move_base_in_same_file(bench: Bench) -> None:
    """Land something else in another part of the same file."""
    bench.repository.checkout("main")
    bench.repository.commit({"src/app.py": "one = 1\ntwo = 2\nthree = 3\n" + "\n" * 20 + "last = 10\n"}, "Last is ten")
    bench.repository.checkout("topic")


def indent_into_an_if(bench: Bench) -> None:
    """Move a line into an `if`: what `git patch-id` calls the same change."""
    bench.repository.commit({"src/new.py": "if admin:\n    def new():\n        return 1\n"}, "Indent")


def add_a_blank_line(bench: Bench) -> None:
    """Change white space only."""
    bench.repository.commit({"src/new.py": "def new():\n\n    return 1\n"}, "Blank line")


def change_a_mode(bench: Bench) -> None:
    """Make a file executable, with the same bytes."""
    (bench.repository.path / "src/new.py").chmod(0o755)
    bench.repository.commit(message="Executable")


def rename_a_file(bench: Bench) -> None:
    """Move the same bytes to another path."""
    bench.repository.commit({"src/new.py": None, "src/auth.py": "def new():\n    return 1\n"}, "Move")


def add_a_file(bench: Bench) -> None:
    """Add one more file."""
    bench.repository.commit({"notes.md": "hello\n"}, "Notes")


def drop_a_file(bench: Bench) -> None:
    """Take a part of the change back."""
    bench.repository.commit({"src/new.py": None}, "Drop it again")


TABLE: list[tuple[Callable[[Bench], None], bool, bool]] = [
    (squash, True, True),
    (reword, True, True),
    (move_base_elsewhere, True, False),
    (rebase_cleanly, True, False),
    (merge_base_into_topic, True, False),
    (move_base_in_same_file, False, False),
    (indent_into_an_if, False, False),
    (add_a_blank_line, False, False),
    (change_a_mode, False, False),
    (rename_a_file, False, False),
    (add_a_file, False, False),
    (drop_a_file, False, False),
]


@pytest.mark.parametrize(("event", "survives"), [(event, same) for event, same, _ in TABLE])
def test_with_same_change_it_survives_what_leaves_the_change_as_it_is(
    bench: Bench,
    event: Callable[[Bench], None],
    survives: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Squash, reword and an unrelated move of the base, and nothing else."""
    approve(bench)
    event(bench)
    assert (bench.examine().outcome is Outcome.PASS) is survives


@pytest.mark.parametrize(("event", "survives"), [(event, same) for event, _, same in TABLE])
def test_with_same_result_it_does_not_even_survive_a_move_of_the_base(
    bench: Bench,
    event: Callable[[Bench], None],
    survives: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A tier that asks for the same result wants eyes on exactly the tree that lands."""
    bench.repository.commit({"strict/rules.py": "allow = False\n"}, "Touch what is strict")
    approve(bench)
    event(bench)
    assert (bench.examine().outcome is Outcome.PASS) is survives


def what_would_land(bench: Bench) -> str:
    """Say with plain git what the merge onto main changes: modes, blobs, status and paths."""
    tree = bench.repository.git("merge-tree", "--write-tree", "main", "topic").splitlines()[0]
    return bench.repository.git("diff-tree", "-r", "--raw", "--no-renames", "--no-abbrev", "main", tree)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([event for event, _, _ in TABLE]), min_size=1, max_size=3, unique=True))
def test_after_any_row_of_events_it_stands_exactly_when_the_same_bytes_would_land(
    keys: Keys, events: list[Callable[[Bench], None]]
) -> None:
    """Whatever happens to the history, the approval follows the content and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.create(Path(folder), keys)
        approve(bench)
        before = what_would_land(bench)
        for event in events:
            try:
                event(bench)
            except (RuntimeError, FileNotFoundError):
                # The events do not fit one after the other, such as dropping a file that was moved away.
                reject()
        assert (bench.examine().outcome is Outcome.PASS) == (what_would_land(bench) == before)
