"""Runs test commands: no shell, no input, bounded in time and in what is kept, and nothing left running afterwards."""

import os
import platform
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import IO

from release_harness.kernel.errors import OutsideError
from release_harness.kernel.paths import show_text
from release_harness.steps.evidence.model import CommandOrder, CommandOutcome, Ending

_CHUNK_BYTES = 65_536
_GRACE_SECONDS = 2.0
"""Between asking a group of processes to end and ending it."""
_DRAIN_SECONDS = 0.5
"""How long output is still read after the command itself is gone; a child left behind may hold the pipe for ever."""
_SHOWN_LINES_COUNT = 2_000
_SHOWN_LINE_CHARS = 500
_TOOL_LIMIT_SECONDS = 10

_KNOWN_TOOLS = {
    "python": ("python", "-VV"),
    "pytest": ("pytest", "--version"),
    "node": ("node", "--version"),
    "npm": ("npm", "--version"),
    "go": ("go", "version"),
    "cargo": ("cargo", "--version"),
    "make": ("make", "--version"),
    "tox": ("tox", "--version"),
    "uv": ("uv", "--version"),
}
"""Programs that are known to only print their version when asked; any other program might do its work instead."""

_CHOSEN_VARIABLES = (
    "CI",
    "LANG",
    "LC_ALL",
    "TZ",
    "PYTHONHASHSEED",
    "PYTHONWARNINGS",
    "NODE_ENV",
    "GOFLAGS",
    "RUSTFLAGS",
)


class CommandRunner:
    """Implements the Commands port with processes of this machine; it isolates nothing."""

    def __init__(self, *, shown_lines_count: int = _SHOWN_LINES_COUNT) -> None:
        """`shown_lines_count` lines of live output are passed on; the log keeps more."""
        self._shown_lines_count = shown_lines_count

    def run(self, order: CommandOrder, say: Callable[[str], None]) -> CommandOutcome:
        """Run the command to its end, its time limit or an interruption; nothing of it is left running."""
        started = time.monotonic()
        log, shown = _Log(order.log_limit_bytes), _Shown(say, self._shown_lines_count)
        program = _find_program(order)
        if program is None:
            return CommandOutcome(
                argv=order.argv,
                ending=Ending.NOT_FOUND,
                exit_code=None,
                took=timedelta(0),
                log=b"",
                output_bytes=0,
            )
        with interrupts_raise():
            process = _start(order, program)
            try:
                timed_out = _follow(process, started + order.time_limit.total_seconds(), (log.add, shown.add))
            finally:
                _end_group(process)
        shown.finish()
        took = timedelta(seconds=time.monotonic() - started)
        code = process.returncode
        killed = code < 0
        ending = Ending.TIMED_OUT if timed_out else Ending.KILLED if killed else Ending.EXITED
        return CommandOutcome(
            argv=order.argv,
            ending=ending,
            exit_code=None if timed_out else 128 - code if killed else code,
            took=took,
            log=log.content(),
            output_bytes=log.total_bytes,
        )

    def describe_environment(self, environment: Mapping[str, str], argv: Sequence[str]) -> dict[str, str]:
        """Return platform, versions of well-known tools and chosen variables; nothing secret."""
        name = Path(argv[0]).name.rstrip("0123456789.") if argv else ""
        described = {
            "platform": platform.platform(),
            "machine": platform.machine(),
            "cpus": str(os.cpu_count() or 0),
            **{f"env:{each}": environment[each] for each in _CHOSEN_VARIABLES if each in environment},
        }
        for tool in {name, "python"} & set(_KNOWN_TOOLS):
            program = shutil.which(argv[0] if tool == name else tool, path=environment.get("PATH"))
            if program:
                described[f"tool:{tool}"] = _ask_version((program, *_KNOWN_TOOLS[tool][1:]), environment)
        return dict(sorted(described.items()))


def _ask_version(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    try:
        finished = subprocess.run(
            argv,
            env={name: value for name, value in environment.items() if name != "PYTEST_ADDOPTS"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TOOL_LIMIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return show_text(finished.stdout.decode("utf-8", "replace").partition("\n")[0][:200])


def _find_program(order: CommandOrder) -> str | None:
    """Find the program as a shell would, but relative names are looked up in the work tree, never where rh was started."""
    name = order.argv[0] if order.argv else ""
    if "/" in name:
        path = Path(order.folder) / name
        return str(path) if path.is_file() and os.access(path, os.X_OK) else None
    return shutil.which(name, path=order.environment.get("PATH", os.defpath)) if name else None


def _start(order: CommandOrder, program: str) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            order.argv,
            executable=program,
            cwd=order.folder,
            env=order.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise OutsideError(
            code="COMMAND_NOT_STARTED",
            says=f"{show_text(order.argv[0])} could not be started: {error}.",
            hint="Start it by hand in a fresh clone; `.rh/project.yaml` says how the project is tested.",
            retryable=False,
        ) from error


def _follow(process: "subprocess.Popen[bytes]", deadline: float, sinks: Sequence[Callable[[bytes], None]]) -> bool:
    """Read output until the command is gone; return whether the time limit ended it."""
    stream = process.stdout
    if stream is None:
        return False
    os.set_blocking(stream.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        gone_at: float | None = None
        while True:
            now = time.monotonic()
            if gone_at is None and process.poll() is not None:
                gone_at = now
            if gone_at is None and now >= deadline:
                return True
            if gone_at is not None and now >= gone_at + _DRAIN_SECONDS:
                return False
            until = deadline if gone_at is None else gone_at + _DRAIN_SECONDS
            if selector.select(timeout=max(0.0, min(until - now, 0.05))) and not _pass_on(stream, sinks):
                return _wait_until(process, deadline)


def _pass_on(stream: IO[bytes], sinks: Sequence[Callable[[bytes], None]]) -> bool:
    """Hand what can be read to the sinks; return False at the end of the output."""
    chunk = stream.read(_CHUNK_BYTES)
    if chunk is None:
        return True
    for sink in sinks:
        sink(chunk)
    return bool(chunk)


def _wait_until(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Wait for a command that closed its output; return whether the time limit ended it."""
    try:
        process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return True
    return False


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """End everything that the command started in its group: politely, then for certain."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    # The group keeps its number as long as one of its processes lives, so this never meets a stranger's group.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


@contextmanager
def interrupts_raise() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception while a command runs, so that nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _Log:
    """Keeps the beginning and the end of an output in bounded memory."""

    def __init__(self, limit_bytes: int) -> None:
        self._half = max(1, limit_bytes // 2)
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self.total_bytes = 0

    def add(self, chunk: bytes) -> None:
        self.total_bytes += len(chunk)
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if not chunk:
            return
        self._tail.append(chunk)
        self._tail_bytes += len(chunk)
        while self._tail_bytes - len(self._tail[0]) >= self._half:
            self._tail_bytes -= len(self._tail.popleft())

    def content(self) -> bytes:
        tail = b"".join(self._tail)[-self._half :]
        dropped = self.total_bytes - len(self._head) - len(tail)
        if not dropped:
            return bytes(self._head) + tail
        mark = f"\n[rh: {dropped} bytes of {self.total_bytes} were dropped here; the log keeps its beginning and its end]\n"
        return bytes(self._head) + mark.encode() + tail


class _Shown:
    """Passes lines on to a person, up to a number; the last ones are always shown."""

    def __init__(self, say: Callable[[str], None], limit_count: int) -> None:
        self._say = say
        self._left = limit_count
        self._rest = b""
        self._last: deque[bytes] = deque(maxlen=20)
        self._hidden_count = 0

    def add(self, chunk: bytes) -> None:
        lines = (self._rest + chunk).split(b"\n")
        # A line without an end must not grow without bound.
        self._rest = lines.pop()[-_CHUNK_BYTES:]
        for line in lines:
            self._show(line)

    def _show(self, line: bytes) -> None:
        if self._left > 0:
            self._left -= 1
            self._say(_readable(line))
            return
        self._hidden_count += 1
        if self._hidden_count == 1:
            self._say("[rh: further output goes to the log only]")
        self._last.append(line[-_CHUNK_BYTES:])

    def finish(self) -> None:
        if self._rest:
            self._show(self._rest)
        if self._hidden_count:
            self._say(f"[rh: {self._hidden_count} lines were not shown; the last ones:]")
            for line in self._last:
                self._say(_readable(line))


def _readable(line: bytes) -> str:
    return show_text(line[: _SHOWN_LINE_CHARS * 4].decode("utf-8", "replace").rstrip("\r")[:_SHOWN_LINE_CHARS])
