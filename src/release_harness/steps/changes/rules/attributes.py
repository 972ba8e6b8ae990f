"""Reads `.gitattributes`, as far as it says what a person gets to see of a file."""

import re
from collections.abc import Iterable, Mapping

from release_harness.kernel.errors import InputError
from release_harness.policy.globs import PathMatcher, compile_globs
from release_harness.policy.model import Glob, PathRule, PathSet

NAME = ".gitattributes"
LIMIT_BYTES = 1 << 20
_ASKED = frozenset({"diff", "linguist-generated", "linguist-vendored", "filter"})
_LINE = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"|(\S+))[ \t]+(\S.*)')
_LIMIT_LINES = 5_000

States = dict[str, str]
"""State of an attribute: `set`, `unset` or the value that it was given."""


class Attributes:
    """The attributes that the files of one tree give to paths."""

    def __init__(self, rules: Iterable[tuple[str, PathMatcher, States]]) -> None:
        """Rules from the upper folder to the deepest, in the order of their lines; the last one that matches decides."""
        self._by_folder: dict[str, list[tuple[PathMatcher, States]]] = {}
        for folder, matcher, states in rules:
            self._by_folder.setdefault(folder, []).append((matcher, states))

    def of(self, path: str) -> States:
        """Return what is said of one path."""
        found: States = {}
        for folder in _folders_above(path):
            inner = path[len(folder) + 1 :] if folder else path
            for matcher, states in self._by_folder.get(folder, ()):
                if matcher.matches(inner):
                    found.update(states)
        return found


def attribute_places(paths: Iterable[str]) -> tuple[str, ...]:
    """Return every place where a `.gitattributes` could speak of one of the paths."""
    folders = {folder for path in paths for folder in _folders_above(path)}
    return tuple(f"{folder}/{NAME}" if folder else NAME for folder in sorted(folders))


def read_attributes(files: Mapping[str, bytes]) -> Attributes:
    """Read the files by their path; lines that nobody can read say nothing."""
    rules = []
    for path in sorted(files, key=lambda each: (each.count("/"), each)):
        folder = path.removesuffix(NAME).removesuffix("/")
        for line in files[path].decode("utf-8", "surrogateescape").split("\n")[:_LIMIT_LINES]:
            read = _read_line(line.removesuffix("\r"))
            if read is not None:
                rules.append((folder, *read))
    return Attributes(rules)


def _read_line(line: str) -> tuple[PathMatcher, States] | None:
    match = _LINE.match(line)
    if match is None or line.lstrip().startswith(("#", "[attr]")):
        return None
    pattern = match.group(2) if match.group(1) is None else re.sub(r"\\(.)", r"\1", match.group(1))
    states: States = {}
    for word in match.group(3).split():
        if word == "binary":
            states["diff"] = "unset"
        name, _, value = word.lstrip("-!").partition("=")
        if name in _ASKED:
            states[name] = "unset" if word.startswith(("-", "!")) or value == "false" else value or "set"
    if not states or pattern.startswith("!") or pattern.endswith("/"):
        return None
    anchored = pattern if "/" in pattern else "**/" + pattern
    try:
        rule = PathRule(glob=Glob(text=anchored))
        return compile_globs(PathSet(rules=(rule,)), covers_folder=False), states
    except InputError:
        return None


def _folders_above(path: str) -> list[str]:
    """Return the folders that hold a path, from the root to the deepest."""
    parts = path.split("/")[:-1]
    return ["", *("/".join(parts[: count + 1]) for count in range(len(parts)))]
