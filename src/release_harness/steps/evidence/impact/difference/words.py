"""Where words stand in a tree; asked of git for a real tree, of the texts for one in memory."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from release_harness.steps.evidence.impact.tree import SourceTree


class WordPlace(NamedTuple):
    """One line that holds a word."""

    path: str
    line: int
    text: str


class WordSearch(Protocol):
    """Finds words in all files of one tree, whatever their language."""

    def find(self, words: Sequence[str]) -> Mapping[str, Sequence[WordPlace]] | None:
        """Return the places of each word as a whole word; None when they could not be looked for or are too many."""
        ...


class SourceWords:
    """Finds words in a tree held in memory."""

    def __init__(self, tree: SourceTree) -> None:
        """Take the tree."""
        self._tree = tree

    def find(self, words: Sequence[str]) -> Mapping[str, Sequence[WordPlace]]:
        """Return the places of each word."""
        found: dict[str, list[WordPlace]] = {each: [] for each in words}
        for path in self._tree.paths:
            for number, line in enumerate((self._tree.read_text(path) or "").splitlines(), 1):
                for word in words:
                    if holds_word(line, word):
                        found[word].append(WordPlace(path, number, line))
        return found


def holds_word(line: str, word: str) -> bool:
    """Tell whether a line holds a word that is not part of a longer one."""
    return word in line and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line) is not None
