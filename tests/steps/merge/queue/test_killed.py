"""A keeper in a process of its own, killed at every boundary of a landing of two changes, and followed by another one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release_harness.app import Application
from release_harness.steps.merge import store
from release_harness.steps.merge.model import Place
from release_harness.testing.cut_off import copy_two_branches, make_two_branches
from release_harness.testing.git_repository import GitRepository
from release_harness.testing.landing import quiet_environment
from release_harness.testing.progress import RecordedProgress

pytestmark = pytest.mark.slow

DRIVER = Path(__file__).with_name("queue_driver.py")


def state(folder: Path, *, remote: bool) -> dict[str, Any]:
    """Return everything that must be the same in the end: refs, work tree, entries, landings and what is open."""
    work, origin = GitRepository(folder / "work"), GitRepository(folder / "origin.git")
    ledger = Application(work.path, quiet_environment(folder), RecordedProgress()).ledger.existing()
    assert ledger is not None
    place = Place(branch="main", remote="origin" if remote else "")
    with ledger.read() as connection:
        entries = store.entries.last_entries(connection, place, 10)
        landings = store.list_landings(connection, place, 10)
        left = store.open_intents(connection, place), store.runs.open_runs(connection, place)
    return {
        "remote": origin.head("main") if remote else "",
        "local": work.head("main"),
        "work tree": work.git("status", "--porcelain", "--untracked-files=no"),
        "entries": [(each.name, each.state.value) for each in entries],
        "landings": [(each.proof.tip_before, each.proof.tip_after, each.proof.tested_tree) for each in landings],
        "open": left,
    }


@pytest.mark.parametrize("remote", [True, False], ids=["remote", "local"])
def test_killed_at_any_boundary_of_a_batch_the_next_keeper_ends_in_the_same_state(
    tmp_path: Path, *, remote: bool
) -> None:
    """Invariants 5, 6 and 13, for two changes in one move. Slow: about twenty processes.

    The keeper that was never cut off is the reference: refs, entries and landings end equal to it.
    """
    make_two_branches(tmp_path / "template", remote=remote)
    with subprocess.Popen(
        [sys.executable, str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        orders, answers = server.stdin, server.stdout
        assert orders is not None
        assert answers is not None

        def drive(folder: Path, kill: int) -> tuple[int, list[str]]:
            output = folder / "answer.json"
            print(json.dumps([str(folder), str(output), str(kill)]), file=orders, flush=True)
            status = int(answers.readline())
            return status, json.loads(output.read_text()) if output.exists() else []

        whole = copy_two_branches(tmp_path / "template", tmp_path / "whole")
        status, boundaries = drive(whole, 0)
        wanted = state(whole, remote=remote)
        assert status == 0
        assert wanted["entries"] == [("second", "landed"), ("first", "landed")]
        assert boundaries.count("intended") == 1, "both land in one move"
        assert wanted["open"] == ((), ())

        for count, name in enumerate(boundaries, 1):
            folder = copy_two_branches(tmp_path / "template", tmp_path / f"cut{count}")
            assert drive(folder, count)[0] == -9
            assert drive(folder, 0)[0] == 0
            assert state(folder, remote=remote) == wanted, f"cut off at {name}"
        orders.close()
