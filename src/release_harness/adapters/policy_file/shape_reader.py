"""Does a file have the form that it should have? Reads plain values into shapes and says every fault at once."""

import difflib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from release_harness.adapters.policy_file.yaml_tree import Trail, YamlTree, refuse, write_trail
from release_harness.kernel.errors import Fault, InputError
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain
from release_harness.kernel.time import parse_duration

T = TypeVar("T")

Text = Annotated[str, "not empty"]
Texts = tuple[Text, ...]
Paths = Annotated[Texts, "paths"]
"""Globs from the root of the repository; `!glob` takes out again."""
Scalar = Annotated[bool | int | float | str, "scalar"]
OwnersMode = Annotated[int | str, "owners"]

_SHOWN_LENGTH_LIMIT = 40
_SHOWN_WORDS_LIMIT_COUNT = 17
"""As many as the largest shape has keys."""
_FAULTY = object()
"""Stands for a value that was blamed; never seen outside this file."""


def said(doc: str, *, key: str = "", default: Any = MISSING, least: int | None = None, most: int | None = None) -> Any:
    """Describe one key of a shape: its words for editors, its name in the file, and its limits (of count or value)."""
    metadata = {"doc": doc, "key": key, "least": least, "most": most}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(slots=True)
class Faults:
    """Collects the faults of one file, each with its place."""

    tree: YamlTree
    found: list[Fault]
    blamed: set[Trail]

    @classmethod
    def of(cls, tree: YamlTree) -> "Faults":
        """Start with none."""
        return cls(tree=tree, found=[], blamed=set())

    def add(self, trail: Trail, says: str, *, expected: str = "", suggestion: str = "", key: bool = False) -> None:
        """Blame the value at a trail, or its key."""
        place = self.tree.place(trail, key=key)
        self.blamed.add(trail)
        self.found.append(
            Fault(
                says=says,
                path=write_trail(trail),
                expected=expected,
                suggestion=suggestion,
                file=self.tree.source,
                line=place.line if place else None,
                column=place.column if place else None,
            )
        )

    def within(self, trail: Trail) -> bool:
        """Tell whether something at or below the trail was blamed already."""
        return any(each[: len(trail)] == trail for each in self.blamed)

    def choose(self, trail: Trail, kind: str, word: str | None, known: Iterable[str], *, key: bool = False) -> bool:
        """Blame a word that is not among the known ones, with the nearest of them; tell whether it is known."""
        if word is None:
            return False
        names = list(dict.fromkeys(known))
        if word in names:
            return True
        listed = _one_of(_closest(word, names)) if names else f"a {kind} that is defined, and there is none"
        says = f"There is no {kind} {show_text(word)!r}."
        self.add(trail, says, expected=listed, suggestion=nearest(word, names), key=key)
        return False

    def raise_if_any(self) -> None:
        """Raise the one error that carries them all."""
        if self.found:
            raise refuse(self.tree.source, self.found)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or nothing."""
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else ""


def read_shape(shape: type[T], tree: YamlTree, faults: Faults) -> T | None:
    """Read the whole file as one shape; None when it is no mapping.

    A record may come back with None where a value was blamed; `Faults.raise_if_any` must stand before its use.
    """
    value = _read(shape, tree.value, (), faults, {})
    return None if value is _FAULTY else typing.cast("T", value)


def items(listed: Iterable[T] | None, trail: Trail) -> Iterator[tuple[Trail, T]]:
    """Yield every item that was not blamed, with its trail."""
    for index, each in enumerate(listed or ()):
        if each is not None:
            yield (*trail, index), each


def kept(listed: Iterable[T] | None) -> Iterator[T]:
    """Yield every item that was not blamed."""
    return (each for _, each in items(listed, ()))


@cache
def keys_of(shape: type) -> Mapping[str, tuple[Field[Any], Any]]:
    """Return the keys that a shape knows, with the field and the type of each."""
    hints = typing.get_type_hints(shape, include_extras=True)
    return {each.metadata.get("key") or each.name: (each, hints[each.name]) for each in fields(shape)}


def _read(hint: Any, value: Plain, trail: Trail, faults: Faults, limits: Mapping[str, Any]) -> Any:
    origin = get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _read_union(hint, value, trail, faults, limits)
    if origin is Annotated:
        inner, mark = get_args(hint)
        if mark == "paths":
            return _read_list(get_args(inner)[0], value, trail, faults, {"least": 0 if limits.get("least") == 0 else 1})
        return _read_marked(mark, value, trail, faults)
    if origin is typing.Literal:
        return _read_choice(get_args(hint), value, trail, faults)
    if origin is tuple:
        return _read_list(get_args(hint)[0], value, trail, faults, limits)
    if origin is dict:
        return _read_mapping(get_args(hint)[1], value, trail, faults)
    if is_dataclass(hint):
        return _read_record(typing.cast("type", hint), value, trail, faults)
    return _read_plain(hint, value, trail, faults, limits)


def _read_union(hint: Any, value: Plain, trail: Trail, faults: Faults, limits: Mapping[str, Any]) -> Any:
    options = [each for each in get_args(hint) if each is not type(None)]
    if len(options) > 1 and isinstance(value, list):
        return _read(next(each for each in options if get_origin(each) is tuple), value, trail, faults, limits)
    return _read(options[0], value, trail, faults, limits)


def _read_record(shape: type, value: Plain, trail: Trail, faults: Faults) -> Any:
    keys = keys_of(shape)
    if not isinstance(value, dict):
        expected = f"a mapping with {_list_words(list(keys))}"
        return _blame(faults, trail, value, expected)
    for key in value:
        if key not in keys:
            says = f"There is no key {show_text(key)!r} here."
            faults.add((*trail, key), says, expected=_list_words(list(keys)), suggestion=nearest(key, keys), key=True)
    values: dict[str, Any] = {}
    for key, (each, hint) in keys.items():
        needed = each.default is MISSING and each.default_factory is MISSING
        read = _read(hint, value[key], (*trail, key), faults, each.metadata) if key in value else _FAULTY
        if read is not _FAULTY:
            values[each.name] = read
        elif needed:
            # A hole, so that what depends on the rest is checked all the same; the fault keeps the record from use.
            values[each.name] = None
            if key not in value:
                faults.add(trail, f"The key {key!r} is missing.", expected=_expected(each))
    return shape(**values)


def _expected(each: Field[Any]) -> str:
    doc: str = each.metadata.get("doc", "").rstrip(".")
    return doc[:1].lower() + doc[1:]


def _read_list(item: Any, value: Plain, trail: Trail, faults: Faults, limits: Mapping[str, Any]) -> Any:
    if not isinstance(value, list):
        return _blame(faults, trail, value, "a list")
    least = limits.get("least")
    if len(value) < (least or 0):
        return _blame(faults, trail, value, "at least one item")
    read = (_read(item, each, (*trail, index), faults, {}) for index, each in enumerate(value))
    # A blamed item leaves a hole, so that the others keep their places and are checked all the same; see `items`.
    return tuple(None if each is _FAULTY else each for each in read)


def _read_mapping(item: Any, value: Plain, trail: Trail, faults: Faults) -> Any:
    if not isinstance(value, dict):
        return _blame(faults, trail, value, "a mapping")
    read = {key: _read(item, each, (*trail, key), faults, {}) for key, each in value.items()}
    return {key: each for key, each in read.items() if each is not _FAULTY}


def _read_choice(words: tuple[Any, ...], value: Plain, trail: Trail, faults: Faults) -> Any:
    for word in words:
        if type(word) is type(value) and word == value:
            return value
    names = [word for word in words if isinstance(word, str)]
    near = nearest(value, names) if isinstance(value, str) else ""
    return _blame(faults, trail, value, _one_of(names) if names else describe(words[0]), near)


def _read_marked(mark: str, value: Plain, trail: Trail, faults: Faults) -> Any:
    if mark == "not empty":
        good, expected = isinstance(value, str) and value.strip() != "", "text that is not empty"
    elif mark == "owners":
        counted = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        good, expected = counted or value in ("any", "all"), "`any`, `all` or a number from 1"
    else:
        good, expected = isinstance(value, bool | int | float | str), "a number, a text, true or false"
    return value if good else _blame(faults, trail, value, expected)


def _read_plain(hint: Any, value: Plain, trail: Trail, faults: Faults, limits: Mapping[str, Any]) -> Any:
    if hint is timedelta:
        return _read_duration(value, trail, faults)
    if hint is bool:
        return value if isinstance(value, bool) else _blame(faults, trail, value, "true or false")
    if hint is str:
        return value if isinstance(value, str) else _blame(faults, trail, value, "text")
    least, most = limits.get("least"), limits.get("most")
    number = isinstance(value, int) and not isinstance(value, bool)
    if number and (least is None or value >= least) and (most is None or value <= most):
        return value
    between = "" if least is None else f" from {least} to {most}"
    return _blame(faults, trail, value, f"a whole number{between}")


def _read_duration(value: Plain, trail: Trail, faults: Faults) -> Any:
    expected = "a duration such as 15m, 24h or 7d"
    if not isinstance(value, str):
        return _blame(faults, trail, value, expected)
    try:
        return parse_duration(value)
    except (InputError, OverflowError):
        return _blame(faults, trail, value, expected)


def _blame(faults: Faults, trail: Trail, value: Plain, expected: str, suggestion: str = "") -> Any:
    faults.add(trail, f"Found {describe(value)}.", expected=expected, suggestion=suggestion)
    return _FAULTY


def describe(value: Plain) -> str:
    """Say what a plain value is, shortly."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        shown = show_text(value)
        return (
            f"the text {shown!r}" if len(shown) <= _SHOWN_LENGTH_LIMIT else f"the text {shown[:_SHOWN_LENGTH_LIMIT]!r}…"
        )
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "a mapping"


def _closest(word: str, names: list[str]) -> list[str]:
    """Put what is most alike first when there are too many to show."""
    if len(names) <= _SHOWN_WORDS_LIMIT_COUNT:
        return names
    return sorted(names, key=lambda name: -difflib.SequenceMatcher(None, word, name).ratio())


def _one_of(words: list[str]) -> str:
    return _list_words(words) if len(words) == 1 else f"one of {_list_words(words)}"


def _list_words(words: list[str]) -> str:
    shown = [f"`{show_text(word)}`" for word in words[:_SHOWN_WORDS_LIMIT_COUNT]]
    more = f" and {len(words) - len(shown)} more" if len(words) > len(shown) else ""
    return ", ".join(shown) + more
