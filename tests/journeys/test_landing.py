"""`rh land` as a person runs it: real processes, real git, the real policy, and a test command that takes no time.

Slow: every command is a process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release_harness.testing.git_repository import GitRepository

pytestmark = pytest.mark.slow

POLICY = """version: 1
tiers: [low, critical]
default_tier: low
require:
  low: { evidence: [tests], approvals: [] }
  critical: { evidence: [tests], approvals: [] }
evidence:
  tests:
    predicate: test-result/v0.1
    bind: result_tree
    when: { all: [ { fact: tests.exit_code, eq: 0 } ] }
"""
PROJECT = """version: 1
test:
  commands:
    - [sh, check.sh]
  time_limit: 5s
"""
CHECK = """test ! -e a.txt -o ! -e b.txt || { echo "a and b do not get along"; exit 1; }
test ! -e broken.txt || exit 1
test ! -e slow.txt || sleep 60
test ! -e killed.txt || kill -9 $$
"""
KEYS = {
    "schema",
    "outcome",
    "landed",
    "already",
    "dry_run",
    "recovered",
    "says",
    "revision",
    "target",
    "attempts_count",
    "refusal",
    "proof",
    "event",
    "notes",
    "landings",
}
PROOF_KEYS = {
    "remote",
    "branch",
    "method",
    "base",
    "tip_before",
    "tip_after",
    "head",
    "change",
    "result_tree",
    "policy",
    "tier",
    "evidence",
    "approvals",
    "approvals_beside",
    "bypasses",
    "forced",
    "verdict",
    "verdict_says",
    "checkpoint",
    "title",
    "brief",
    "source",
    "tested_tree",
    "flaky",
}


class Desk:
    """One person with a clone and a command line."""

    def __init__(self, folder: Path) -> None:
        """Make a bare origin with a policy, and a clone of it."""
        self.folder = folder
        seed = GitRepository.create(folder / "seed")
        files: dict[str, str | bytes | None] = {
            ".rh/policy.yaml": POLICY,
            ".rh/project.yaml": PROJECT,
            "check.sh": CHECK,
        }
        seed.commit(files, "begin")
        self.origin = GitRepository.create(folder / "origin.git", bare=True)
        seed.git("push", "--quiet", str(self.origin.path), "main")
        self.work = self.origin.clone(folder / "work")
        self.work.git("config", "user.name", "Ana Author")
        self.work.git("config", "user.email", "ana@example.org")

    def branch(self, name: str, files: dict[str, str | bytes | None], message: str = "") -> None:
        """Commit on a branch from where origin stands first, and go back to main."""
        self.work.branch(name, "origin/main")
        self.work.commit(files, message or f"add {name}")
        self.work.checkout("main")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "RH_"))}
        environment |= {
            "RH_CONFIG_DIR": str(self.folder / "config"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "release_harness", *arguments],
            cwd=self.work.path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rh(self, *arguments: str) -> tuple[int, str]:
        """Run a command, and return its exit code and what it printed."""
        process = self.start(*arguments)
        printed, said = process.communicate(timeout=120)
        assert "Traceback" not in said
        return process.returncode, printed

    def land(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Land, and return the exit code and the answer."""
        code, printed = self.rh("land", *arguments, "--format", "json")
        answer: dict[str, Any] = json.loads(printed)
        return code, answer


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk."""
    return Desk(tmp_path)


def test_from_two_branches_that_are_green_alone_one_lands_and_the_other_is_told_with_whom_it_conflicts(
    desk: Desk,
) -> None:
    """The main job of this part, through the front door, and a ledger that verifies afterwards."""
    desk.branch("a", {"a.txt": "a\n"})
    desk.branch("b", {"b.txt": "b\n"})
    code, first = desk.land("a")

    assert (code, first["outcome"], first["landed"]) == (0, "pass", True)
    assert set(first) == KEYS
    assert set(first["proof"]) == PROOF_KEYS
    assert first["proof"]["result_tree"] == desk.origin.head("main^{tree}")
    assert first["proof"]["evidence"]
    assert first["proof"]["checkpoint"]["root"]

    code, second = desk.land("b")
    refusal = second["refusal"]
    assert (code, refusal["reason"]) == (1, "conflict-semantic")
    assert [each["commit"] for each in refusal["culprits"]] == [first["proof"]["tip_after"]]
    assert [each["change"] for each in refusal["culprits"]] == [first["proof"]["change"]]
    assert len(refusal["evidence"]) >= 3
    assert refusal["next_actions"]
    assert desk.origin.head("main") == first["proof"]["tip_after"]
    assert desk.rh("ledger", "verify")[0] == 0


def test_a_landed_branch_still_shows_what_it_landed_with(desk: Desk) -> None:
    """Whoever asks afterwards why that was safe gets the same content, evidence and verdict, and when it landed."""
    desk.branch("a", {"a.txt": "a\n"})
    desk.work.checkout("a")
    desk.work.commit({"more.txt": "m\n"}, "more of a")
    desk.work.checkout("main")
    proof = desk.land("a")[1]["proof"]
    desk.branch("c", {"c.txt": "c\n"})
    desk.land("c")

    code, printed = desk.rh("check", "a", "--format", "json")
    answer = json.loads(printed)

    assert (code, answer["verdict"]["outcome"]) == (0, "pass")
    assert answer["digests"]["change"] == proof["change"]
    assert answer["digests"]["result_tree"] == proof["result_tree"]
    assert answer["change"]["head"] == proof["tip_after"]
    assert f"has landed: {proof['tip_after'][:10]} brought it into main" in answer["change"]["notes"][0]
    assert "has landed" in desk.rh("check", "a")[1].split("Card")[0]


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [("broken", 1, "own-failure"), ("slow", 3, "timeout"), ("killed", 4, "infra")],
)
def test_what_becomes_of_the_tests_decides_the_exit_code(desk: Desk, name: str, code: int, reason: str) -> None:
    """1 mend it, 3 somebody has to look, 4 try again; only the first one blames the change."""
    desk.branch(name, {f"{name}.txt": "x\n"})
    seen, answer = desk.land(name)

    assert (seen, answer["refusal"]["reason"]) == (code, reason)
    assert desk.origin.head("main") == desk.work.head("main")


def test_a_change_to_its_own_gate_is_judged_by_the_gate_of_the_branch(desk: Desk) -> None:
    """Invariant 2: gate and commands come from the landed base, never from the candidate."""
    project = PROJECT.replace("[sh, check.sh]", '["true"]')
    desk.branch("sly", {"broken.txt": "x\n", ".rh/project.yaml": project, ".rh/policy.yaml": None})
    code, answer = desk.land("sly")

    assert code == 1
    assert answer["refusal"]["reason"] == "own-failure"
    assert desk.origin.head("main") == desk.work.head("main")


def test_a_change_of_the_test_script_itself_is_run_as_it_would_land(desk: Desk) -> None:
    """The command is the base's, the tree is the result's: what lands is what was run."""
    desk.branch("stricter", {"check.sh": "exit 1\n"})
    assert desk.land("stricter")[1]["refusal"]["reason"] == "own-failure"


def test_two_commands_at_once_in_one_clone_both_land_one_after_the_other(desk: Desk) -> None:
    """The second waits for the first; with no patience it answers which process holds the place."""
    desk.branch("one", {"one.txt": "x\n"})
    desk.branch("two", {"two.txt": "x\n"})
    running = [desk.start("land", name, "--format", "json", "--wait", "60s") for name in ("one", "two")]
    answers = []
    for process in running:
        printed, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        answers.append(json.loads(printed))

    tips = {answer["proof"]["tip_after"] for answer in answers}
    assert set(desk.origin.git("log", "--first-parent", "--format=%H", "-2", "main").split()) == tips
    assert desk.rh("ledger", "verify")[0] == 0


def test_a_missing_remote_is_an_outside_failure_with_exit_code_4(desk: Desk) -> None:
    """Nothing was judged, nothing is lost, the same command may go through later."""
    desk.branch("a", {"a.txt": "a\n"})
    desk.origin.path.rename(desk.folder / "gone")
    code, printed = desk.rh("land", "a", "--format", "json")

    assert code == 4
    assert json.loads(printed)["error"]["code"] == "REMOTE_UNREACHABLE"


def test_a_refused_push_keeps_the_words_of_the_remote_and_exits_with_1(desk: Desk) -> None:
    """The remote's rules are rules; trying again does not help."""
    desk.branch("a", {"a.txt": "a\n"})
    hook = desk.origin.path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'ask Bo first' >&2\nexit 1\n")
    hook.chmod(0o755)
    code, answer = desk.land("a")

    assert (code, answer["refusal"]["reason"]) == (1, "policy")
    assert "ask Bo first" in answer["says"]


def test_outside_of_a_repository_it_says_so(tmp_path: Path, desk: Desk) -> None:
    """Bad input is exit code 2 and a sentence."""
    empty = tmp_path / "empty"
    empty.mkdir()
    code, printed = desk.rh("-C", str(empty), "land", "x", "--format", "json")

    assert code == 2
    assert json.loads(printed)["error"]["code"] == "NOT_A_REPOSITORY"
