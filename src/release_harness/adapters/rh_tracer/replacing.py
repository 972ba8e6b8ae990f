"""What tests put in the place of something: `mock.patch`, `monkeypatch.setattr`, dependency overrides."""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any

from .core import trace
from .paths import dotted_name, file_of_dotted
from .watching import wrap

_PLAIN = (str, bytes, int, float, complex, bool, type(None), list, tuple, dict, set, frozenset)


class Replaced:
    """One thing that is replaced for a while."""

    __slots__ = ("key", "stand_in")

    def __init__(self, name: str, original: Any, stand_in: Any, *, how: str) -> None:
        """`stand_in` took the place of `original`."""
        self.stand_in = stand_in
        file = file_of_dotted(_home_of(original) or name)
        first_party = file is not None and trace.repository.path_of(file) is not None
        kind = "value" if type(stand_in) in _PLAIN else how
        self.key = (name[:300], kind, first_party)

    def uses(self) -> int | None:
        """Return how often a mock object was called so far; None for what does not count its calls."""
        counted = self._mock()
        if counted is None:
            return None
        try:
            return len(counted.mock_calls)
        except Exception:  # noqa: BLE001 - a stand-in may do anything when it is asked
            return None

    def _mock(self) -> Any:
        thing = self.stand_in
        if isinstance(thing, types.FunctionType):
            # `create_autospec` of a function gives a function that carries its mock.
            thing = thing.__dict__.get("mock")
        for name in ("unittest.mock", "mock.mock"):
            module = sys.modules.get(name)
            if module is not None and isinstance(thing, module.NonCallableMock):
                return thing
        return None

    def was_used(self, before: int | None, seen: set[int]) -> bool | None:
        """Tell whether it took part since `before`; None when nobody can tell, which is to be counted as yes."""
        now = self.uses()
        if now is not None:
            return now != (before or 0)
        if self.key[1] == "value":
            return None
        codes = _codes_of(self.stand_in)
        if codes is None:
            return None
        return any(trace.number_of(code) in seen for code in codes)


def _home_of(original: Any) -> str:
    """Return the module that defines a function, class or module; empty for other things, which the name must place.

    A library that a module of the repository imports is not of the repository because it is replaced there.
    """
    if isinstance(original, types.ModuleType):
        return original.__name__
    original = getattr(original, "__func__", original)
    if isinstance(original, (type, types.FunctionType, types.BuiltinFunctionType)):
        return str(original.__module__ or "builtins")
    return ""


def _codes_of(thing: Any) -> list[types.CodeType] | None:
    """Return the functions of the repository that a stand-in would run; None when it may run something else."""
    if isinstance(thing, types.MethodType):
        thing = thing.__func__
    functions = [thing]
    if isinstance(thing, type):
        classes = [each for each in thing.__mro__ if each is not object]
        functions = [each for one in classes for each in vars(one).values() if isinstance(each, types.FunctionType)]
    elif not isinstance(thing, types.FunctionType):
        return None
    codes = [each.__code__ for each in functions]
    ours = [each for each in codes if trace.number_of(each) >= 0]
    return ours if ours and len(ours) == len(codes) else None


def watch_mock(module: Any) -> None:
    """Follow `patch`, `patch.object`, `patch.multiple`, decorators, `start` and `stop`, and `patch.dict`."""
    running: dict[int, Replaced] = {}

    def entered(arguments: tuple[Any, ...], result: Any) -> None:
        patcher = arguments[0]
        target, original = patcher.target, patcher.temp_original
        current = vars(target).get(patcher.attribute, result) if hasattr(target, "__dict__") else result
        stand_in = result if current is original else current
        replaced = Replaced(dotted_name(target, patcher.attribute), original, stand_in, how="mock")
        running[id(patcher)] = replaced
        trace.replace(replaced)

    def left(arguments: tuple[Any, ...], _result: Any) -> None:
        replaced = running.pop(id(arguments[0]), None)
        if replaced is not None:
            trace.restore(replaced)

    wrap(module._patch, "__enter__", after=entered)  # noqa: SLF001 - the only place where all ways of patching meet
    wrap(module._patch, "__exit__", before=lambda arguments: left(arguments, None))  # noqa: SLF001


def watch_monkeypatch(module: Any) -> None:
    """Follow `monkeypatch.setattr` and `delattr` until they are undone."""
    running: dict[int, list[Replaced]] = {}

    def noted(arguments: tuple[Any, ...], _result: Any) -> None:
        patcher = arguments[0]
        target, attribute, original = patcher._setattr[-1]  # noqa: SLF001 - where it keeps what it will put back
        stand_in = inspect.getattr_static(target, attribute, None)
        replaced = Replaced(dotted_name(target, attribute), original, stand_in, how="monkeypatch")
        running.setdefault(id(patcher), []).append(replaced)
        trace.replace(replaced)

    def undone(arguments: tuple[Any, ...]) -> None:
        for replaced in running.pop(id(arguments[0]), []):
            trace.restore(replaced)

    wrap(module.MonkeyPatch, "setattr", after=noted)
    wrap(module.MonkeyPatch, "delattr", after=noted)
    wrap(module.MonkeyPatch, "undo", before=undone)


def note_replaced_dependencies(application: Any, holder: Any) -> None:
    """Count the dependency overrides of a FastAPI application as replaced for one request."""
    overrides = getattr(application, "dependency_overrides", None)
    if not isinstance(overrides, dict):
        return
    for original, stand_in in overrides.items():
        replaced = Replaced(dotted_name(original), original, stand_in, how="override")
        trace.current[-1].detail().replaced[replaced.key] = None
        holder.replaced[replaced] = 0
