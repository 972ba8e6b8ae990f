"""Gets at libraries when the project imports them, and never before; a library that is absent costs nothing."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any

from .core import trace

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec

_MARK = "__rh_tracer__"


class ImportWatch:
    """A finder that finds nothing itself: it lets the others find, and acts once a watched module was executed."""

    def __init__(self, watched: dict[str, Callable[[Any], None]]) -> None:
        """`watched` is what to do with each module."""
        self.watched = watched
        self._done: set[str] = set()
        self._seen_count = 0

    def install(self) -> None:
        """Begin to watch imports, and act on what is imported already."""
        sys.meta_path.insert(0, self)
        self.catch_up()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders find, with the action hung on; None for modules that nobody watches."""
        if name not in self.watched or name in self._done:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                self._hang_on(name, spec)
                return spec
        return None

    def _hang_on(self, name: str, spec: ModuleSpec) -> None:
        loader: Any = spec.loader
        execute = getattr(loader, "exec_module", None)
        if loader is None or execute is None or loader in sys.meta_path:
            return

        def exec_module(module: types.ModuleType) -> None:
            execute(module)
            self.act(name, module)

        try:
            # On the instance, so that the loader keeps its type for all who ask about it.
            loader.exec_module = exec_module
        except (AttributeError, TypeError) as error:
            trace.fault(error)

    def catch_up(self) -> None:
        """Act on watched modules that came in another way."""
        if len(sys.modules) == self._seen_count:
            return
        self._seen_count = len(sys.modules)
        for name in self.watched:
            module = sys.modules.get(name)
            spec = getattr(module, "__spec__", None)
            if module is not None and name not in self._done and not getattr(spec, "_initializing", False):
                self.act(name, module)

    def act(self, name: str, module: Any) -> None:
        """Do what is to be done with a module, once."""
        if name in self._done:
            return
        self._done.add(name)
        try:
            self.watched[name](module)
        except Exception as error:  # noqa: BLE001 - another version of the library may look different
            trace.fault(error)


def replace_attribute(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put `make(original)` in the place of a function; nothing happens when there is none or it was done before."""
    original = inspect.getattr_static(owner, name, None)
    if isinstance(owner, type) and name not in vars(owner):
        return
    if not inspect.isfunction(original) or getattr(original, _MARK, False):
        return
    made = functools.wraps(original)(make(original))
    setattr(made, _MARK, True)
    setattr(owner, name, made)


def is_replaced(owner: Any, name: str) -> bool:
    """Tell whether another function stands in the place of this one."""
    return bool(getattr(inspect.getattr_static(owner, name, None), _MARK, False))


def wrap(
    owner: Any,
    name: str,
    *,
    before: Callable[[tuple[Any, ...]], None] | None = None,
    after: Callable[[tuple[Any, ...], Any], None] | None = None,
) -> None:
    """Call `before` and `after` around a function; what they raise is counted and goes no further."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            if before is not None:
                quietly(before, arguments)
            result = original(*arguments, **named)
            if after is not None:
                quietly(after, (*arguments, *named.values()), result)
            return result

        return watched

    replace_attribute(owner, name, make)


def quietly(act: Callable[..., Any], *arguments: Any) -> Any:
    """Call and return the answer, or None when it raised."""
    try:
        return act(*arguments)
    except Exception as error:  # noqa: BLE001 - a fault of the tracer must not reach the tests
        trace.fault(error)
        return None


def dispatch(
    owner: Any,
    name: str,
    *,
    start: Callable[[tuple[Any, ...], dict[str, Any]], Any],
    finish: Callable[[Any, tuple[Any, ...]], None] | None = None,
) -> None:
    """Open a holder around a function or coroutine function: `start` returns it or None, `finish` gives it its name."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def end(holder: Any, arguments: tuple[Any, ...]) -> None:
            if holder is not None and finish is not None:
                quietly(finish, holder, arguments)
            trace.close(holder)

        if inspect.iscoroutinefunction(original):

            async def dispatched_later(*arguments: Any, **named: Any) -> Any:
                holder = quietly(start, arguments, named)
                try:
                    return await original(*arguments, **named)
                finally:
                    end(holder, arguments)

            return dispatched_later

        def dispatched(*arguments: Any, **named: Any) -> Any:
            holder = quietly(start, arguments, named)
            try:
                return original(*arguments, **named)
            finally:
                end(holder, arguments)

        return dispatched

    replace_attribute(owner, name, make)
