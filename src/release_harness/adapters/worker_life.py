"""The life of a worker process: it reads an item, works, writes the answer, and ends when the parent is gone."""

import gc
import os
import pickle
import signal
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NoReturn

HEAD = Struct("<Q")
"""Before every message: its length."""
PIECE_BYTES = 1 << 20


def live(function: Callable[[Any], Any], own: tuple[int, int], ends_of_others: Sequence[int]) -> NoReturn:
    """Be a forked worker; never returns, and runs nothing that the parent wants to be run at its end."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        for end in ends_of_others:
            # While a copy stays open nobody would notice that its owner is gone.
            os.close(end)
        gc.disable()
        answer_all(function, *own)
        status = 0
    finally:
        os._exit(status)


def serve() -> None:
    """Be a worker in a new interpreter; the first thing that comes is the function."""
    gc.disable()
    items, answers = os.dup(0), os.dup(1)
    # Whatever prints must not print into the answers.
    os.dup2(2, 1)
    content = _next(items)
    if content is not None:
        answer_all(pickle.loads(content), items, answers)  # noqa: S301 - written by the parent


def answer_all(function: Callable[[Any], Any], items: int, answers: int) -> None:
    """Answer until the parent closes its end."""
    while (content := _next(items)) is not None:
        try:
            answer = pickle.dumps((False, function(pickle.loads(content))), pickle.HIGHEST_PROTOCOL)  # noqa: S301
        except Exception as fault:  # noqa: BLE001 - it is raised again where the work was asked for
            answer = _packed_fault(fault)
        rest = memoryview(HEAD.pack(len(answer)) + answer)
        try:
            while rest:
                rest = rest[os.write(answers, rest) :]
        except OSError:
            return


def _exactly(end: int, size: int) -> bytes | None:
    """Read so many bytes; None when the other side is gone."""
    pieces = bytearray()
    while len(pieces) < size:
        try:
            piece = os.read(end, min(PIECE_BYTES, size - len(pieces)))
        except OSError:
            return None
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


def _next(items: int) -> bytes | None:
    size = _exactly(items, HEAD.size)
    return None if size is None else _exactly(items, HEAD.unpack(size)[0])


def _packed_fault(fault: Exception) -> bytes:
    """Return a fault as it is sent; one that cannot be copied is told in words."""
    try:
        packed = pickle.dumps((True, fault), pickle.HIGHEST_PROTOCOL)
        pickle.loads(packed)  # noqa: S301 - written here
    except Exception:  # noqa: BLE001 - whatever its class does when it is copied
        return pickle.dumps((True, f"{type(fault).__name__}: {fault}"), pickle.HIGHEST_PROTOCOL)
    return packed
