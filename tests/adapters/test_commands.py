"""Running real programs: the exit is known, the time and the log are bounded, and nothing is left running."""

import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path

import pytest

from release_harness.adapters.commands import CommandRunner
from release_harness.steps.evidence.model import CommandOrder, CommandOutcome, Ending


def run(
    folder: Path, *argv: str, seconds: float = 20, log_limit_bytes: int = 20_000_000, said: list[str] | None = None
) -> CommandOutcome:
    """Run one command and keep what is shown in `said`."""
    order = CommandOrder(
        argv=argv,
        folder=str(folder),
        environment=dict(os.environ),
        time_limit=timedelta(seconds=seconds),
        log_limit_bytes=log_limit_bytes,
    )
    return CommandRunner(shown_lines_count=5).run(order, (said if said is not None else []).append)


def has_ended(pid: int) -> bool:
    """Tell whether a process ends within five seconds; the kernel says so when it does."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 5)[0])
    finally:
        os.close(handle)


def test_the_exit_code_and_both_outputs_are_kept(tmp_path: Path) -> None:
    """Evidence names the exit code, and the log is what a person reads to learn why."""
    outcome = run(tmp_path, "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 3)
    assert sorted(outcome.log.split()) == [b"err", b"out"]


def test_a_missing_command_is_an_answer_and_not_an_exit_code(tmp_path: Path) -> None:
    """Exit code 127 could come from the command itself; a program that is not there must not look like a failed run."""
    outcome = run(tmp_path, "no-such-program-rh")
    assert (outcome.ending, outcome.exit_code) == (Ending.NOT_FOUND, None)


def test_a_relative_program_is_looked_up_in_the_work_tree(tmp_path: Path) -> None:
    """`./run_tests.sh` of the folder where rh was started is other content than that of the checkout."""
    script = tmp_path / "run_tests.sh"
    script.write_text("#!/bin/sh\nexit 7\n")
    script.chmod(0o755)
    assert run(tmp_path, "./run_tests.sh").exit_code == 7


@pytest.mark.slow
def test_a_hanging_command_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    """A real hang of a second: a child left behind would go on writing into the next run. Slow because time must pass."""
    pid_file = tmp_path / "pid"
    script = f"trap '' TERM; sleep 60 & echo $! > {pid_file}; echo started; wait; sleep 60"
    started = time.monotonic()
    outcome = run(tmp_path, "sh", "-c", script, seconds=1)
    assert (outcome.ending, outcome.exit_code) == (Ending.TIMED_OUT, None)
    assert time.monotonic() - started < 10
    assert has_ended(int(pid_file.read_text()))


@pytest.mark.slow
def test_a_daemon_that_holds_the_output_open_does_not_hold_rh(tmp_path: Path) -> None:
    """The command is over when its process is; a background child with the pipe in hand must not block for ever."""
    pid_file = tmp_path / "pid"
    outcome = run(tmp_path, "sh", "-c", f"sleep 60 & echo $! > {pid_file}; echo done", seconds=30)
    assert (outcome.ending, outcome.exit_code) == (Ending.EXITED, 0)
    assert outcome.took < timedelta(seconds=5)
    assert has_ended(int(pid_file.read_text()))


@pytest.mark.slow
def test_output_without_end_fills_neither_memory_nor_the_log(tmp_path: Path) -> None:
    """A command that prints a gigabyte is cut to its beginning and its end, with a mark; here at 1 MB of 64."""
    said: list[str] = []
    code = "import sys\nprint('first line')\nfor i in range(64):\n sys.stdout.write('x' * 1023 + '\\n'\n  and ('y' * 1023 + '\\n') * 1024)\nprint('last line')"
    outcome = run(tmp_path, sys.executable, "-c", code, log_limit_bytes=1_000_000, said=said)
    assert outcome.exit_code == 0
    assert outcome.output_bytes > 64 * 1024 * 1024
    assert len(outcome.log) < 1_000_200
    assert outcome.log.startswith(b"first line\n")
    assert outcome.log.endswith(b"last line\n")
    assert b"bytes of" in outcome.log
    assert len(said) < 50
    assert said[-1] == "last line"


def test_one_line_without_end_is_bounded_too(tmp_path: Path) -> None:
    """A progress bar that never prints a line end must not grow in memory until rh is killed itself."""
    said: list[str] = []
    outcome = run(tmp_path, "sh", "-c", "head -c 3000000 /dev/zero", log_limit_bytes=10_000, said=said)
    assert outcome.output_bytes == 3_000_000
    assert all(len(line) <= 4_000 for line in said)


def test_control_characters_of_the_output_do_not_reach_the_terminal(tmp_path: Path) -> None:
    """Hostile test output could rewrite what the user sees above it."""
    said: list[str] = []
    run(tmp_path, "printf", "\\033[2Jgone\\n", said=said)
    assert said == ["\\x1b[2Jgone"]


def test_a_command_killed_by_signal_9_is_suspected_of_memory(tmp_path: Path) -> None:
    """The kernel kills with SIGKILL when memory runs out; that is no failed test and is said."""
    outcome = run(tmp_path, "sh", "-c", "kill -9 $$")
    assert (outcome.ending, outcome.exit_code, outcome.memory_suspected) == (Ending.KILLED, 137, True)


def test_a_shell_that_reports_a_killed_child_is_suspected_too(tmp_path: Path) -> None:
    """`make` and shells pass the death of their child on as 137."""
    outcome = run(tmp_path, "sh", "-c", "exit 137")
    assert outcome.memory_suspected


@pytest.mark.slow
def test_a_command_that_runs_into_a_memory_limit_never_reads_as_done(tmp_path: Path) -> None:
    """With a real limit (prlimit) the interpreter breaks with an error; starting one takes a while."""
    code = "x = bytearray(10**9)"
    outcome = run(tmp_path, "prlimit", "--as=200000000", sys.executable, "-c", code)
    assert outcome.ending is Ending.EXITED
    assert outcome.exit_code not in (0, None)
    assert b"MemoryError" in outcome.log


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_of_rh_ends_the_command(tmp_path: Path, number: signal.Signals) -> None:
    """Whoever stops rh with Ctrl-C or `kill` must not find the tests still running. A real process, so it is slow."""
    pid_file = tmp_path / "pid"
    program = textwrap.dedent(f"""
        import os
        import signal
        from datetime import timedelta
        # As at a terminal, also where these tests themselves run in the background, which turns Ctrl-C off for all children.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        from release_harness.adapters.commands import CommandRunner
        from release_harness.steps.evidence.model import CommandOrder
        order = CommandOrder(argv=("sh", "-c", "echo $$ > {pid_file}; echo ready; sleep 60"), folder="{tmp_path}",
                             environment=dict(os.environ), time_limit=timedelta(seconds=50))
        CommandRunner().run(order, lambda line: print(line, flush=True))
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as rh:
        assert rh.stdout is not None
        assert rh.stdout.readline() == b"ready\n"
        rh.send_signal(number)
        assert rh.wait(timeout=20) != 0
    assert has_ended(int(pid_file.read_text()))


@pytest.mark.slow
def test_the_environment_description_holds_no_secret(tmp_path: Path) -> None:
    """It goes into a record that others read."""
    del tmp_path
    environment = {**os.environ, "API_TOKEN": "s3cr3t-value", "LANG": "C.UTF-8"}
    described = CommandRunner().describe_environment(environment, ("make", "test"))
    assert described["env:LANG"] == "C.UTF-8"
    assert "s3cr3t-value" not in str(described)
