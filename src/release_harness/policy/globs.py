"""Many path sets at once: which files does each of them match, in time that hardly grows with the number of sets.

Most patterns are plain names, folders or endings; those are looked up in tables by the parts of a path. Only the rest is
tried as a regular expression, below the folder that it names, and when its longest literal run occurs in the path.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from release_harness.policy.glob_patterns import Pattern, Segment, glob_fault, read_glob, translate
from release_harness.policy.model import PathSet

__all__ = ["PathIndex", "PathMatcher", "compile_globs", "glob_fault", "index_paths"]

Entry = tuple[int, int]
"""Number of the path set, number of the rule in it."""


_GRAM_CHARACTERS = 3


class _Lazy:
    """A regular expression that is compiled when a text could match it for the first time."""

    __slots__ = ("_compiled", "_ends", "_source", "entry", "longest")

    def __init__(self, source: str, longest: str, entry: Entry, ends: tuple[str, str] | None = None) -> None:
        self.entry = entry
        self.longest = longest
        self._source = source
        self._ends = ends
        self._compiled: re.Pattern[str] | None = None

    def matches(self, text: str) -> bool:
        if self.longest not in text:
            return False
        if self._ends is not None:
            head, tail = self._ends
            return text.startswith(head) and text.endswith(tail) and len(text) >= len(head) + len(tail)
        if self._compiled is None:
            self._compiled = re.compile(self._source, re.DOTALL)
        return self._compiled.fullmatch(text) is not None


class _Wild:
    """Regular expressions by the first characters of their longest literal run: only those that occur are tried."""

    __slots__ = ("_by_gram", "_short")

    def __init__(self) -> None:
        self._by_gram: dict[str, list[_Lazy]] = {}
        self._short: list[_Lazy] = []

    def add(self, lazy: _Lazy) -> None:
        if len(lazy.longest) < _GRAM_CHARACTERS:
            self._short.append(lazy)
        else:
            self._by_gram.setdefault(lazy.longest[:_GRAM_CHARACTERS], []).append(lazy)

    def hits(self, text: str) -> Iterator[Entry]:
        for lazy in self._short:
            if lazy.matches(text):
                yield lazy.entry
        if not self._by_gram:
            return
        find = self._by_gram.get
        for start in range(len(text) - _GRAM_CHARACTERS + 1):
            found = find(text[start : start + _GRAM_CHARACTERS])
            if found is not None:
                for lazy in found:
                    if lazy.longest in text and lazy.matches(text):
                        yield lazy.entry


def _is_ending(segment: Segment) -> bool:
    return segment.ends is not None and not segment.ends[0] and segment.ends[1].startswith(".")


class PathIndex:
    """The rules of many path sets, laid out so that one walk over a path finds all that match it."""

    def __init__(self, sets: Sequence[PathSet], *, covers_folder: bool = True) -> None:
        """Lay out the sets; raises InputError for a malformed pattern.

        With `covers_folder` a pattern that ends in a plain name also stands for what is inside a folder of that
        name, except in a negated rule.
        """
        self.sets = tuple(sets)
        self._exact: dict[str, list[Entry]] = {}
        self._inside: dict[str, list[Entry]] = {}
        self._named: dict[str, list[Entry]] = {}
        self._inside_named: dict[str, list[Entry]] = {}
        self._ending: dict[str, list[Entry]] = {}
        self._below: dict[str, list[_Lazy]] = {}
        self._wild_name = _Wild()
        self._wild_path = _Wild()
        self._everything: list[Entry] = []
        self._negated = {
            (number, place)
            for number, each in enumerate(self.sets)
            for place, rule in enumerate(each.rules)
            if rule.negated
        }
        for number, each in enumerate(self.sets):
            for place, rule in enumerate(each.rules):
                self._add(read_glob(rule.glob.text), (number, place), covers_folder and not rule.negated)

    def _add(self, pattern: Pattern, entry: Entry, covers_folder: bool) -> None:  # noqa: FBT001 - private
        literals = [None if each is None else each.literal for each in pattern.segments]
        plain = [each for each in literals if each is not None]
        floating = pattern.segments[0] is None
        last = pattern.segments[-1]
        if len(pattern.segments) == 1 and floating:
            self._everything.append(entry)
        elif len(plain) == len(literals):
            self._put(self._exact, "/".join(plain), entry)
            if covers_folder:
                self._put(self._inside, "/".join(plain), entry)
        elif last is None and len(plain) == len(literals) - 1:
            self._put(self._inside, "/".join(plain), entry)
        elif floating and last is None and len(plain) == 1 and len(literals) == 3:  # noqa: PLR2004 - **/name/**
            self._put(self._inside_named, plain[0], entry)
        elif floating and len(literals) == 2 and last is not None and last.literal is not None:  # noqa: PLR2004 - **/name
            self._put(self._named, last.literal, entry)
            if covers_folder:
                self._put(self._inside_named, last.literal, entry)
        elif floating and len(literals) == 2 and last is not None and _is_ending(last):  # noqa: PLR2004 - **/*.end
            self._put(self._ending, last.ends[1] if last.ends else "", entry)
        else:
            self._add_general(pattern, literals, entry, covers_folder)

    def _add_general(
        self,
        pattern: Pattern,
        literals: Sequence[str | None],
        entry: Entry,
        covers_folder: bool,  # noqa: FBT001 - private
    ) -> None:
        segments = pattern.segments
        longest = max((each.longest for each in segments if each is not None), key=len, default="")
        last = segments[-1]
        if len(segments) == 2 and segments[0] is None and last is not None:  # noqa: PLR2004 - **/name with wildcards
            self._wild_name.add(_Lazy(last.regex, longest, entry, last.ends))
            return
        lazy = _Lazy(translate(pattern, covers_folder=covers_folder), longest, entry)
        prefix = []
        for each in literals[:-1]:
            if each is None:
                break
            prefix.append(each)
        if prefix:
            self._below.setdefault("/".join(prefix), []).append(lazy)
        else:
            self._wild_path.add(lazy)

    @staticmethod
    def _put(table: dict[str, list[Entry]], key: str, entry: Entry) -> None:
        table.setdefault(key, []).append(entry)

    def deciding(self, path: str) -> dict[int, int]:
        """Return, for each set with a rule that matches, the number of its last such rule, which decides."""
        found: dict[int, int] = {}
        for number, place in self._hits(path):
            if found.get(number, -1) < place:
                found[number] = place
        return found

    def matching(self, path: str) -> Iterator[int]:
        """Yield the number of every set that the path belongs to."""
        for number, place in self.deciding(path).items():
            if (number, place) not in self._negated:
                yield number

    def split(self, paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """Return, for each set in order, the paths that belong to it, in the order given."""
        found: list[list[str]] = [[] for _ in self.sets]
        for path in paths:
            for number in self.matching(path):
                found[number].append(path)
        return tuple(tuple(each) for each in found)

    def _hits(self, path: str) -> Iterator[Entry]:
        yield from self._everything
        yield from self._exact.get(path, ())
        folders = path.split("/")
        name = folders.pop()
        yield from self._named.get(name, ())
        yield from self._hits_by_ending(name)
        prefix = ""
        for folder in folders:
            prefix = f"{prefix}/{folder}" if prefix else folder
            yield from self._inside.get(prefix, ())
            yield from self._inside_named.get(folder, ())
            for lazy in self._below.get(prefix, ()):
                if lazy.matches(path):
                    yield lazy.entry
        yield from self._wild_name.hits(name)
        yield from self._wild_path.hits(path)

    def _hits_by_ending(self, name: str) -> Iterator[Entry]:
        if not self._ending:
            return
        start = name.find(".")
        while start >= 0:
            yield from self._ending.get(name[start:], ())
            start = name.find(".", start + 1)


class PathMatcher:
    """One path set, ready to be asked."""

    def __init__(self, paths: PathSet, *, covers_folder: bool = True) -> None:
        """Raises InputError for a malformed pattern."""
        self._index = PathIndex((paths,), covers_folder=covers_folder)

    def matches(self, path: str) -> bool:
        """Tell whether the path belongs to the set: the last rule that matches it puts it in."""
        return any(True for _ in self._index.matching(path))

    def deciding(self, path: str) -> int | None:
        """Return the number of the last rule that matches the path, negated or not, or None."""
        return self._index.deciding(path).get(0)


@lru_cache(maxsize=4096)
def compile_globs(paths: PathSet, *, covers_folder: bool = True) -> PathMatcher:
    """Make a path set ready to be asked; remembered, so that asking again costs nothing."""
    return PathMatcher(paths, covers_folder=covers_folder)


@lru_cache(maxsize=256)
def index_paths(sets: tuple[PathSet, ...], *, covers_folder: bool = True) -> PathIndex:
    """Make many path sets ready to be asked at once; remembered."""
    return PathIndex(sets, covers_folder=covers_folder)
