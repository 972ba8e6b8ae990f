"""Regular expressions that are compiled when they are first asked, so that a command pays only for what it uses."""

import re
from collections.abc import Callable


class LazyPattern:
    """A regular expression with the methods of `re.Pattern` that the house uses.

    Compiling the patterns of every step took 80 ms before `rh check` had read one object.
    """

    __slots__ = ("_compiled", "_flags", "_text")

    def __init__(self, text: str, flags: int = 0) -> None:
        """Keep the text; a malformed one is found by the first use, so every pattern has a test."""
        self._text = text
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern, made once."""
        if self._compiled is None:
            self._compiled = re.compile(self._text, self._flags)
        return self._compiled

    def search(self, text: str) -> re.Match[str] | None:
        """Find the first place where it matches."""
        return self.compiled.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Match at the start."""
        return self.compiled.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match the whole text."""
        return self.compiled.fullmatch(text)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Replace every match."""
        return self.compiled.sub(replacement, text)
