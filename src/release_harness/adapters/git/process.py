"""Runs one git process: argument list in, bytes out, a limit on time and on output."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from release_harness.adapters.git.failures import GitFailed, git_missing, git_timed_out

TIME_LIMIT_SECONDS = 300.0
"""A single read of a large history takes seconds; five minutes mean that something hangs."""
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Output:
    """What git printed, and whether all of it was read."""

    text: bytes
    complete: bool


def run_git(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    seconds: float = TIME_LIMIT_SECONDS,
) -> bytes:
    """Run git to its end and return what it printed; raises GitFailed on any status but 0."""
    try:
        finished = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=dict(environment),
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError as error:
        raise _not_started(error, folder) from error
    except subprocess.TimeoutExpired as error:
        raise git_timed_out(arguments, seconds) from error
    if finished.returncode:
        raise GitFailed(arguments, finished.returncode, finished.stderr, finished.stdout)
    return finished.stdout


def run_git_up_to(
    arguments: Sequence[str],
    limit_bytes: int,
    *,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float = TIME_LIMIT_SECONDS,
) -> Output:
    """Run git and read at most `limit_bytes`; when there is more, git is stopped and the output says that it is not whole.

    Raises GitFailed when git ended by itself with a status other than 0, whatever it had printed before.
    """
    import tempfile
    import threading

    # A pipe for stderr could fill and block git while only stdout is read; a file cannot.
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                ["git", *arguments],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
        except FileNotFoundError as error:
            raise _not_started(error, folder) from error
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(seconds, stop)
        watch.start()
        try:
            text, complete = _read_up_to(process, limit_bytes)
        finally:
            if process.poll() is None and not late.is_set():
                process.kill()
            status = process.wait()
            watch.cancel()
            # Nothing may be forked while another thread runs.
            watch.join()
        if late.is_set():
            raise git_timed_out(arguments, seconds)
        if complete and status:
            complaints.seek(0)
            raise GitFailed(arguments, status, complaints.read(_PIECE_BYTES))
        return Output(text, complete)


def _read_up_to(process: "subprocess.Popen[bytes]", limit_bytes: int) -> tuple[bytes, bool]:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    pieces: list[bytes] = []
    read_bytes = 0
    with process.stdout as stream:
        while read_bytes <= limit_bytes:
            piece = stream.read(_PIECE_BYTES)
            if not piece:
                process.wait()
                return b"".join(pieces), True
            pieces.append(piece)
            read_bytes += len(piece)
    return b"".join(pieces)[:limit_bytes], False


def _not_started(error: FileNotFoundError, folder: Path) -> Exception:
    from release_harness.kernel.errors import NotFound

    if folder.is_dir():
        return git_missing()
    return NotFound(
        code="FOLDER_MISSING",
        says=f"The folder {folder} does not exist.",
        hint="Change to a folder that exists.",
        subject=str(error.filename),
    )
