"""Finds words in a tree with `git grep`, which reads packed objects faster than anything that asks for them one by one."""

from collections.abc import Callable, Mapping, Sequence
from re import escape

from release_harness.adapters.git import GitProgram
from release_harness.kernel.paths import decode_path
from release_harness.kernel.patterns import LazyPattern

_LIMIT_BYTES = 24 << 20
_LINE_CHARS = 400
_WORD = LazyPattern(r"\w+")


class GitWords:
    """Implements the TreeWords port."""

    def __init__(self, git: GitProgram) -> None:
        """`git` is the repository that the trees are in."""
        self._git = git

    def find_words(self, treeish: str, words: Sequence[str]) -> Mapping[str, Sequence[tuple[str, int, str]]] | None:
        """Return path, line and text of every place of each word; None when they are too many to be read."""
        wanted = [each for each in dict.fromkeys(words) if each and "\n" not in each and "\0" not in each]
        found: dict[str, list[tuple[str, int, str]]] = {each: [] for each in words}
        if not wanted:
            return found
        output = self._git.grep(treeish, wanted, limit_bytes=_LIMIT_BYTES)
        if not output.complete:
            return None
        held_in = _finder(wanted)
        for row in output.text.split(b"\n"):
            parts = row.split(b"\0", 2)
            if len(parts) < 3 or not parts[1].isdigit():  # noqa: PLR2004 - path, line and text
                continue
            path = decode_path(parts[0].partition(b":")[2])
            text = parts[2].decode("utf-8", "replace")[:_LINE_CHARS]
            place = (path, int(parts[1]), text)
            for word in held_in(text):
                found[word].append(place)
        return found


def _finder(words: Sequence[str]) -> Callable[[str], set[str]]:
    """Return what finds the words of a line; a pattern of all plain words would try each of them at each letter."""
    plain = {each for each in words if _WORD.compiled.fullmatch(each)}
    others = [(each, LazyPattern(rf"(?<!\w){escape(each)}(?!\w)")) for each in words if each not in plain]

    def held_in(line: str) -> set[str]:
        held = plain.intersection(_WORD.compiled.findall(line))
        held.update(each for each, pattern in others if each in line and pattern.search(line))
        return held

    return held_in
