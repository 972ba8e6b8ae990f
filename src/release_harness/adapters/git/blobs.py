"""One long-lived `git cat-file --batch` that answers many questions for the price of one process."""

import os
import subprocess
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from release_harness.adapters.git.failures import GitFailed, git_missing

_ROUND_BYTES = 8 << 10
"""Questions of one round fit the smallest pipe, so that git can never block on them while its answers are read."""
_HEADER_PARTS = 3
_START_BYTES = 8_000
"""What git itself looks at to tell text from binary."""


@dataclass(frozen=True)
class Found:
    """One object, or the beginning of it when it is longer than was asked for."""

    id: str
    kind: str
    size_bytes: int
    content: bytes
    whole: bool


class ObjectReader:
    """Reads objects by name from one repository; started when first asked, restarted when it was stopped."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Nothing is started yet."""
        self._folder = folder
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._stop: weakref.finalize[[subprocess.Popen[bytes]], ObjectReader] | None = None
        self._owner = 0

    def read(self, names: Sequence[bytes], limit_bytes: int) -> Iterator[Found | None]:
        """Yield what each name stands for, in order, or None when there is no such object.

        Of what is longer than `limit_bytes` only the beginning is read. Names must not hold a line end.
        """
        for asked in _rounds(names):
            self._ask(asked)
            for index in range(len(asked)):
                found = self._answer(limit_bytes)
                yield found
                if found is not None and not found.whole and index + 1 < len(asked):
                    # The answers behind a long one went away with the process that would have had to print it.
                    self._ask(asked[index + 1 :])

    def _ask(self, names: Sequence[bytes]) -> None:
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
        try:
            process.stdin.write(b"".join(name + b"\n" for name in names))
            process.stdin.flush()
        except OSError as error:
            raise self._lost() from error

    def close(self) -> None:
        """Stop the process."""
        if self._stop is not None:
            self._stop()
        self._process = self._stop = None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._owner != os.getpid():
            # In a forked process: the answers to its questions would go to whoever reads first, and all would wait for ever.
            if self._stop is not None:
                self._stop.detach()
            self._process.returncode = 0
            self._process = self._stop = None
        if self._process is None:
            self._owner = os.getpid()
            try:
                self._process = subprocess.Popen(
                    ["git", "cat-file", "--batch"],
                    cwd=self._folder,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            except FileNotFoundError as error:
                raise git_missing() from error
            self._stop = weakref.finalize(self, _stop_process, self._process)
        return self._process

    def _answer(self, limit_bytes: int) -> Found | None:
        process = self._started()
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
        header = process.stdout.readline()
        if not header.endswith(b"\n"):
            raise self._lost()
        parts = header.split()
        if header.endswith((b" missing\n", b" ambiguous\n")) or len(parts) != _HEADER_PARTS:
            return None
        object_id, kind, size_bytes = parts[0].decode(), parts[1].decode(), int(parts[2])
        whole = size_bytes <= limit_bytes
        wanted_bytes = size_bytes + 1 if whole else min(_START_BYTES, size_bytes)
        content = process.stdout.read(wanted_bytes)
        if len(content) != wanted_bytes:
            raise self._lost()
        if not whole:
            # The rest is still in the pipe; a new process is cheaper than reading it.
            self.close()
        return Found(object_id, kind, size_bytes, content[:size_bytes], whole)

    def _lost(self) -> GitFailed:
        """Say why cat-file ended although more was asked: a damaged object, or somebody stopped it."""
        process = self._started()
        process.kill()
        said = process.stderr.read() if process.stderr is not None else b""
        self.close()
        return GitFailed(["cat-file", "--batch"], process.returncode or 1, said)


def _rounds(names: Sequence[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    held_bytes = 0
    for name in names:
        if batch and held_bytes + len(name) >= _ROUND_BYTES:
            yield batch
            batch, held_bytes = [], 0
        batch.append(name)
        held_bytes += len(name) + 1
    if batch:
        yield batch


def _stop_process(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.wait()
