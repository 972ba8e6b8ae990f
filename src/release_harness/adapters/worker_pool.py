"""Processes that answer one question after the other, and the one loop that speaks with all of them.

Nothing here can wait for itself: a worker only reads its own pipe, works, and writes to its own pipe; the parent never waits
for one pipe but for all of them at once, and writes only what a pipe takes. Every end of a pipe is held by one process, so that
whoever ends is noticed. Workers are forked while no other thread runs, or started anew where that cannot be.
"""

import os
import pickle
import selectors
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import Any

from release_harness.adapters.worker_life import HEAD, PIECE_BYTES, live
from release_harness.kernel.errors import OutsideError

_AT_ONCE_COUNT = 2
"""Items that a worker holds: the next one is there when it is ready with the first."""
_AHEAD_PER_WORKER = 4
_TRIES_COUNT = 2
_ENTRY = "from release_harness.adapters.worker_life import serve; serve()"


class Worker:
    """One process, and what is on the way to it and from it."""

    def __init__(self, process_id: int, to: int, come: int) -> None:
        """Take the process and the parent's ends of its two pipes."""
        self.process_id = process_id
        self.to = to
        self.come = come
        self.held: list[int] = []
        """Numbers of the items that it was given and has not answered, oldest first."""
        self.unsent = bytearray()
        self.unread = bytearray()
        for end in (to, come):
            os.set_blocking(end, False)

    def send(self, what: object) -> None:
        """Put something on the way."""
        content = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        self.unsent += HEAD.pack(len(content)) + content

    def push(self) -> None:
        """Write what the pipe takes; a worker that is gone is noticed where its answers are read."""
        try:
            del self.unsent[: os.write(self.to, self.unsent[:PIECE_BYTES])]
        except BlockingIOError:
            return
        except OSError:
            self.unsent.clear()

    def pull(self) -> bool:
        """Read what has come; False when the worker is gone."""
        try:
            piece = os.read(self.come, PIECE_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.unread += piece
        return bool(piece)

    def answers(self) -> Iterator[tuple[bool, Any]]:
        """Yield the answers that are here whole."""
        while len(self.unread) >= HEAD.size:
            end = HEAD.size + HEAD.unpack_from(self.unread)[0]
            if len(self.unread) < end:
                return
            content = bytes(memoryview(self.unread)[HEAD.size : end])
            del self.unread[:end]
            yield pickle.loads(content)  # noqa: S301 - written by a process that this one started

    def end(self) -> None:
        """Stop the process, whatever it does, and wait until it is gone."""
        for end in (self.to, self.come):
            os.close(end)
        with suppress(ProcessLookupError):
            os.kill(self.process_id, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.process_id, 0)


class Pool:
    """Some workers; whoever is ready gets the next item."""

    def __init__(self, workers_count: int, function: Callable[[Any], Any]) -> None:
        """Start the workers."""
        self._function = function
        self._workers: list[Worker] = []
        self._wanted_count = workers_count
        self._given: dict[int, tuple[Any, int]] = {}
        """Number of each item that is not answered -> the item, and how often it was given away."""
        self._again: list[int] = []
        self._next_number = 0
        self._selector = selectors.DefaultSelector()

    def work(self, items: Iterable[Any]) -> Generator[tuple[int, Any], None, None]:
        """Yield the number and the result of each item as they come; whatever happens no process is left after it."""
        source = iter(items)
        more = True
        try:
            self._fill()
            while True:
                while (worker := self._free()) is not None and (self._again or (more and self._may_go_on())):
                    more = self._give(worker, source) and more
                if not self._given and not more:
                    return
                yield from self._exchange()
                if not self._workers:
                    yield from self._here(source)
                    return
        finally:
            self._end()

    def _may_go_on(self) -> bool:
        """Tell whether the next item may be taken: results wait for the oldest one, so nobody runs far ahead of it."""
        return self._next_number - min(self._given, default=self._next_number) < _AHEAD_PER_WORKER * len(self._workers)

    def _free(self) -> Worker | None:
        ready = min(self._workers, key=lambda each: len(each.held), default=None)
        return ready if ready is not None and len(ready.held) < _AT_ONCE_COUNT else None

    def _give(self, worker: Worker, source: Iterator[Any]) -> bool:
        """Give the next item to a worker; False when there is none."""
        if self._again:
            number = self._again.pop(0)
            item, tries = self._given[number]
        else:
            try:
                item = next(source)
            except StopIteration:
                return False
            number, tries = self._next_number, 0
            self._next_number += 1
        self._given[number] = (item, tries + 1)
        worker.held.append(number)
        worker.send(item)
        worker.push()
        self._watch(worker)
        return True

    def _watch(self, worker: Worker) -> None:
        wanted = selectors.EVENT_WRITE if worker.unsent else 0
        known = self._selector.get_map().get(worker.to)
        if wanted and known is None:
            self._selector.register(worker.to, wanted, worker)
        elif not wanted and known is not None:
            self._selector.unregister(worker.to)

    def _exchange(self) -> Iterator[tuple[int, Any]]:
        """Wait until a pipe has or takes something, and yield the results that came."""
        for key, _ in self._selector.select():
            worker: Worker = key.data
            if worker not in self._workers:
                continue
            if key.fd == worker.to:
                worker.push()
                self._watch(worker)
                continue
            alive = worker.pull()
            for failed, result in worker.answers():
                number = worker.held.pop(0)
                del self._given[number]
                if failed:
                    raise result if isinstance(result, Exception) else _failed(result)
                yield number, result
            if not alive:
                self._bury(worker)

    def _bury(self, worker: Worker) -> None:
        """Give what a lost worker held to another one; an item that ends two of them ends the work."""
        self._let_go(worker)
        if worker.held and self._given[worker.held[0]][1] >= _TRIES_COUNT:
            raise _lost()
        for number in worker.held[1:]:
            # It was waiting, so it is not what ended the worker.
            item, tries = self._given[number]
            self._given[number] = (item, tries - 1)
        self._again.extend(worker.held)
        self._fill()

    def _let_go(self, worker: Worker) -> None:
        self._workers.remove(worker)
        for end in (worker.to, worker.come):
            with suppress(KeyError):
                self._selector.unregister(end)
        worker.end()

    def _fill(self) -> None:
        """Start the workers that are missing; where the system gives no more of them the others do the work."""
        while len(self._workers) < self._wanted_count:
            try:
                worker = _forked(self._function, self._workers) if may_fork() else _started(self._function)
            except OSError:
                return
            self._workers.append(worker)
            self._selector.register(worker.come, selectors.EVENT_READ, worker)
            self._watch(worker)

    def _here(self, source: Iterator[Any]) -> Iterator[tuple[int, Any]]:
        """Do in this process what is left when no worker could be started."""
        for number in sorted(self._given):
            yield number, self._function(self._given[number][0])
        for number, item in enumerate(source, start=self._next_number):
            yield number, self._function(item)

    def _end(self) -> None:
        for worker in [*self._workers]:
            self._let_go(worker)
        self._selector.close()


def may_fork() -> bool:
    """Tell whether a fork is safe: no other thread may hold a lock that its copy would wait for."""
    import threading

    return sys.platform == "linux" and threading.active_count() == 1


def _forked(function: Callable[[Any], Any], others: list[Worker]) -> Worker:
    """Start a worker that has everything that this process has in its memory."""
    read_item, to = os.pipe()
    come, write_answer = os.pipe()
    # An interruption must find the worker only when it is told to leave them to the parent.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        process_id = os.fork()
        if not process_id:
            live(
                function,
                (read_item, write_answer),
                [to, come, *(end for each in others for end in (each.to, each.come))],
            )
    except OSError:
        for end in (read_item, to, come, write_answer):
            os.close(end)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    os.close(read_item)
    os.close(write_answer)
    return Worker(process_id, to, come)


def _started(function: Callable[[Any], Any]) -> Worker:
    """Start a worker in a new interpreter."""
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-c", _ENTRY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - they were opened as pipes
    worker = Worker(process.pid, os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno()))
    process.stdin.close()
    process.stdout.close()
    process.returncode = 0  # It is waited for by its id.
    worker.send(function)
    return worker


def _failed(words: str) -> OutsideError:
    return OutsideError(
        code="WORKER_FAILED",
        says=f"A process that was reading source files failed: {words}",
        hint="Run it again with RH_PROCESSES=1; if it fails again, report it.",
    )


def _lost() -> OutsideError:
    return OutsideError(
        code="WORKER_LOST",
        says="Two processes that were reading source files ended over the same work before it was done.",
        hint="The machine may have run out of memory; run it again with fewer processes (RH_PROCESSES=1).",
    )
