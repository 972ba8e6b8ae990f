"""Landing in processes of their own: killed at every boundary and run again, and two that race.

Slow: every case starts real processes, forked from one so that the imports are paid for once.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release_harness.app import Application
from release_harness.ledger.reading import read_entries
from release_harness.steps.merge import store
from release_harness.steps.merge.model import Place
from release_harness.steps.merge.ports import BOUNDARIES
from release_harness.testing.cut_off import copy_two_branches, make_two_branches
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.landing import quiet_environment
from release_harness.testing.progress import RecordedProgress

pytestmark = pytest.mark.slow

DRIVER = Path(__file__).with_name("landing_driver.py")


class Drivers:
    """One process that forks a driver for every landing."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, str(DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, folder: Path, *options: str, revision: str = "first") -> tuple[int, dict[str, Any]]:
        """Run one driver, and return its exit status and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        output = folder / "answer.json"
        output.unlink(missing_ok=True)
        self._process.stdin.write(json.dumps([str(folder / "work"), revision, str(output), *options]) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        if status not in (0, -9):
            raise AssertionError(self.close())
        return status, json.loads(output.read_text()) if output.exists() else {}

    def close(self) -> str:
        """End it, and return what it complained of."""
        return self._process.communicate(timeout=60)[1]


@pytest.fixture(scope="module")
def drive() -> Iterator[Drivers]:
    """Forks drivers."""
    drivers = Drivers()
    yield drivers
    drivers.close()


def state(folder: Path, *, remote: bool) -> dict[str, Any]:
    """Return everything that must be the same in the end: refs, work tree, and what the ledger says happened."""
    work, origin = GitRepository(folder / "work"), GitRepository(folder / "origin.git")
    ledger = Application(work.path, quiet_environment(folder), RecordedProgress()).ledger.existing()
    assert ledger is not None
    with ledger.read() as connection:
        types = [entry.type for entry in read_entries(connection)]
        place = Place(branch="main", remote="origin" if remote else "")
        left = store.open_intents(connection, place)
        proofs = [landing.proof for landing in store.list_landings(connection, place, 10)]
    return {
        "remote": origin.head("main") if remote else "",
        "local": work.head("main"),
        "work tree": work.git("status", "--porcelain", "--untracked-files=no"),
        "events": types,
        "open": left,
        "proofs": [(proof.tip_before, proof.tip_after, proof.result_tree, proof.change) for proof in proofs],
    }


@pytest.mark.parametrize("remote", [True, False], ids=["remote", "local"])
def test_killed_at_any_boundary_and_run_again_it_ends_in_the_same_state(
    tmp_path: Path, drive: Drivers, *, remote: bool
) -> None:
    """Invariants 5 and 6: nothing is lost on a crash, and landing is exactly once. Slow: about twenty processes.

    The run that was never cut off is the reference: refs, work tree and ledger end equal to it, with one `ChangeLanded`.
    """
    make_two_branches(tmp_path / "template", remote=remote)
    whole = copy_two_branches(tmp_path / "template", tmp_path / "whole")
    status, answer = drive(whole)
    wanted = state(whole, remote=remote)
    assert status == 0
    assert wanted["events"] == ["LandingIntended", "ChangeLanded"]
    assert set(answer["boundaries"]) == set(BOUNDARIES), "a boundary that is never reached is never tested"

    for count in range(1, len(answer["boundaries"]) + 1):
        folder = copy_two_branches(tmp_path / "template", tmp_path / f"cut{count}")
        status, _ = drive(folder, f"kill={count}")
        assert status == -9
        status, again = drive(folder)
        assert status == 0
        assert again["landed"]
        assert state(folder, remote=remote) == wanted, f"cut off at {answer['boundaries'][count - 1]}"


def test_killed_again_and_again_it_still_ends_in_the_same_state(tmp_path: Path, drive: Drivers) -> None:
    """A machine that dies on every try must not leave more behind than one that dies once. Slow: a dozen processes."""
    make_two_branches(tmp_path / "template", remote=True)
    whole = copy_two_branches(tmp_path / "template", tmp_path / "whole")
    drive(whole)
    folder = copy_two_branches(tmp_path / "template", tmp_path / "cut")
    for count in (7, 6, 8, 2, 9, 3):
        drive(folder, f"kill={count}")
    _, again = drive(folder)

    assert again["landed"]
    assert state(folder, remote=True) == state(whole, remote=True)


def test_a_rebase_that_was_cut_off_is_replayed_to_the_same_commit(tmp_path: Path, drive: Drivers) -> None:
    """Replayed commits carry fixed dates, so the intent names the commit that the next try makes. Slow: processes."""
    make_two_branches(tmp_path / "template", remote=True)
    whole = copy_two_branches(tmp_path / "template", tmp_path / "whole")
    names = drive(whole, "method=rebase")[1]["boundaries"]
    folder = copy_two_branches(tmp_path / "template", tmp_path / "cut")
    drive(folder, "method=rebase", f"kill={names.index('intended') + 1}")
    drive(folder, "method=rebase")

    assert state(folder, remote=True) == state(whole, remote=True)


def test_another_change_that_lands_first_finishes_what_was_cut_off(tmp_path: Path, drive: Drivers) -> None:
    """Invariant 5: the change that was pushed and not recorded is recorded by whoever comes next."""
    make_two_branches(tmp_path, remote=True)
    names = drive(copy_two_branches(tmp_path, tmp_path.parent / f"{tmp_path.name}-probe"))[1]["boundaries"]
    drive(tmp_path, f"kill={names.index('pushed') + 1}")
    _, answer = drive(tmp_path, revision="second")

    assert answer["landed"]
    assert [each for each in state(tmp_path, remote=True)["events"] if each == "ChangeLanded"] == ["ChangeLanded"] * 2


def test_an_intent_on_a_tip_that_is_gone_is_given_up_and_the_change_lands_anew(tmp_path: Path, drive: Drivers) -> None:
    """Invariant 13: refs and journal together say what happened; the lease on the old tip can never succeed any more."""
    make_two_branches(tmp_path, remote=True)
    names = drive(copy_two_branches(tmp_path, tmp_path.parent / f"{tmp_path.name}-probe"))[1]["boundaries"]
    drive(tmp_path, f"kill={names.index('intended') + 1}")
    other = GitRepository(tmp_path / "origin.git").clone(tmp_path / "other")
    foreign = other.commit({"foreign.py": "x = 1\n"}, "foreign")
    other.git("push", "--quiet", "origin", "main")
    _, answer = drive(tmp_path)
    seen = state(tmp_path, remote=True)

    assert answer["landed"]
    assert seen["events"] == ["LandingIntended", "LandingAbandoned", "LandingIntended", "ChangeLanded"]
    assert seen["proofs"][0][0] == foreign
    assert seen["open"] == ()


def test_two_processes_that_race_from_two_clones_both_land_on_exactly_tested_trees(tmp_path: Path) -> None:
    """Invariants 1 and 4: both intend to push onto one tip, one is stale, rebuilds and retests. Slow: real processes."""
    make_two_branches(tmp_path / "one", remote=True)
    origin = tmp_path / "one" / "origin.git"
    shutil.copytree(tmp_path / "one" / "work", tmp_path / "two" / "work", symlinks=True)
    meeting = (tmp_path / "a", tmp_path / "b")
    begun = []
    for name, revision, files in (("one", "first", meeting), ("two", "second", meeting[::-1])):
        output = tmp_path / f"{name}.json"
        meet = "meet=" + ",".join(str(each) for each in files)
        command = [sys.executable, str(DRIVER), str(tmp_path / name / "work"), revision, str(output), meet]
        begun.append((subprocess.Popen(command, stderr=subprocess.PIPE), output))
    answers = []
    for process, output in begun:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
        answers.append(json.loads(output.read_text()))

    assert [answer["landed"] for answer in answers] == [True, True]
    assert sorted(answer["attempts"] for answer in answers) == [1, 2]
    repository = GitRepository(origin)
    tips = repository.git("log", "--first-parent", "--format=%H %T", "main").split("\n")[:2]
    tested = {tree for answer in answers for tree in answer["runs"]}
    assert {line.split()[1] for line in tips} <= tested
    assert {line.split()[0] for line in tips} == {answer["tip"] for answer in answers}


def test_two_commands_in_one_clone_wait_for_each_other(tmp_path: Path, drive: Drivers) -> None:
    """The lock is freed by `kill -9`: a dead holder never blocks the living."""
    make_two_branches(tmp_path, remote=True)
    status, _ = drive(tmp_path, "kill=4")
    assert status == -9
    status, answer = drive(tmp_path, revision="second")

    assert status == 0
    assert answer["landed"]
