"""Children: forks begin anew, and interpreters that a test starts are traced for that test."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from .core import trace
from .mapfile import write_map

_PLAIN_FLAGS = frozenset({"-u", "-B", "-q", "-O", "-OO", "-b", "-bb", "-v", "-d", "-x"})
_FLAGS_WITH_VALUE = frozenset({"-W", "-X"})


def watch_forks() -> None:
    """Let forked children tell what they saw themselves; one that ends by `os._exit` takes it along."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    try:
        trace.forget()
        finalizers = sys.modules.get("multiprocessing.util")
        if finalizers is not None:
            finalizers.Finalize(None, write_map, exitpriority=100)
    except Exception as error:  # noqa: BLE001 - a fault of the tracer must not reach the tests
        trace.fault(error)


def watch_children() -> None:
    """Start Python programs that a test starts under the tracer, too; other programs are left alone."""
    original = subprocess.Popen.__init__

    def __init__(self: Any, args: Any, *rest: Any, **named: Any) -> None:  # noqa: N807 - it takes the place of that
        try:
            args = _traced(args, rest, named)
        except Exception as error:  # noqa: BLE001 - see above
            trace.fault(error)
        original(self, args, *rest, **named)

    __init__.__wrapped__ = original  # type: ignore[attr-defined]
    subprocess.Popen.__init__ = __init__  # type: ignore[method-assign]


def _traced(args: Any, rest: tuple[Any, ...], named: dict[str, Any]) -> Any:
    if (
        not trace.test_id
        or rest
        or named.get("shell")
        or named.get("executable")
        or not isinstance(args, (list, tuple))
    ):
        return args
    argv = [os.fspath(each) for each in args]
    if not argv or not all(isinstance(each, str) for each in argv) or not _is_this_python(argv[0]):
        return args
    flags = _leading_flags(argv)
    left = argv[1 + len(flags) :]
    if not left or (left[0].startswith("-") and left[0] != "-m") or (left[0] == "-m" and len(left) < 2):  # noqa: PLR2004
        return args
    here = os.path.dirname(os.path.abspath(__file__))
    own = ["run", "--folder", _folder(), "--root", trace.repository.root, "--test", trace.test_id, "--"]
    return [argv[0], *flags, here, *own, *left]


def _folder() -> str:
    return os.path.abspath(os.environ.get("RH_TRACE_FOLDER", "."))


def _is_this_python(program: str) -> bool:
    return bool(program) and os.path.realpath(program) == os.path.realpath(sys.executable)


def _leading_flags(argv: list[str]) -> list[str]:
    """Return the options of the interpreter itself that change nothing for the tracer."""
    flags: list[str] = []
    waiting = iter(argv[1:])
    for each in waiting:
        if each in _PLAIN_FLAGS or (each[:2] in _FLAGS_WITH_VALUE and len(each) > 2):  # noqa: PLR2004 - -Wvalue
            flags.append(each)
        elif each in _FLAGS_WITH_VALUE:
            flags += [each, next(waiting, "")]
        else:
            break
    return flags
