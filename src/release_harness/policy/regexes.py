"""Regular expressions of a policy: they match a whole value, and none of them can make a decision hang.

Python's matcher backs up, so a pattern can be built that takes longer than the universe lasts. Refused are therefore:
patterns of more than 200 characters, quantifiers inside a repeated group, alternatives inside a repeated group, more than three
unbounded quantifiers, more than eight quantifiers that can give way, back references and looking around. Values of more than
500 characters are not matched: the answer is unknown.
"""

import re
from functools import lru_cache

from release_harness.kernel.errors import InputError
from release_harness.policy.model import Regex

MAX_PATTERN_CHARACTERS = 200
MAX_VALUE_CHARACTERS = 500
MAX_UNBOUNDED_COUNT = 3
MAX_VARIABLE_COUNT = 8
_LONG_REPEAT_COUNT = 20
"""A bounded quantifier with a longer reach counts as unbounded."""

_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")


def regex_fault(text: str) -> str:
    """Say what is wrong with a regular expression, or nothing when it may be used."""
    try:
        compile_regex(Regex(text=text))
    except InputError as error:
        return error.says
    return ""


def full_match(regex: Regex, value: str) -> bool | None:
    """Tell whether the whole value matches; None when the value is too long to be matched safely."""
    if len(value) > MAX_VALUE_CHARACTERS:
        return None
    return compile_regex(regex).fullmatch(value) is not None


@lru_cache(maxsize=2048)
def compile_regex(regex: Regex) -> re.Pattern[str]:
    """Compile a regular expression; raises InputError (`REGEX_REFUSED`) when it is malformed or could hang."""
    text = regex.text
    if not text:
        raise _refused(text, "is empty")
    if len(text) > MAX_PATTERN_CHARACTERS:
        raise _refused(text[:40] + "…", f"is longer than {MAX_PATTERN_CHARACTERS} characters")
    fault = _Scan(text).fault()
    if fault:
        raise _refused(text, fault)
    try:
        return re.compile(text)
    except re.error as error:
        raise _refused(text, f"cannot be read: {error}") from None


class _Group:
    """What a group holds that must not be repeated."""

    __slots__ = ("gives_way",)

    def __init__(self) -> None:
        self.gives_way = False


class _Scan:
    """One walk over a pattern; it may refuse what is harmless, never let through what can hang."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._index = 0
        self._stack = [_Group()]
        self._closed: _Group | None = None
        self._unbounded_count = 0
        self._variable_count = 0

    def fault(self) -> str:
        """Return the first reason to refuse the pattern, or nothing."""
        if self._text.startswith("(?i)"):
            self._index = 4
        while self._index < len(self._text):
            fault = self._step()
            if fault:
                return fault
        if self._unbounded_count > MAX_UNBOUNDED_COUNT:
            return f"has more than {MAX_UNBOUNDED_COUNT} unbounded quantifiers"
        if self._variable_count > MAX_VARIABLE_COUNT:
            return f"has more than {MAX_VARIABLE_COUNT} quantifiers"
        return ""

    def _step(self) -> str:
        char = self._text[self._index]
        quantifier = _QUANTIFIER.match(self._text, self._index)
        if quantifier is not None:
            return self._quantify(quantifier)
        self._closed = None
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._skip_class()
        if char == "(":
            return self._open()
        if char == ")":
            self._close()
        elif char == "|":
            self._stack[-1].gives_way = True
        self._index += 1
        return ""

    def _quantify(self, found: "re.Match[str]") -> str:
        low, comma, high = found.groups()
        fixed = low is not None and not comma
        if found.group() == "{}" or (low is not None and not low and not high):
            return "has braces that are no quantifier (write `\\{` for the character)"
        if self._closed is not None and self._closed.gives_way and found.group() != "?":
            return "repeats a group that holds a quantifier or alternatives, which can take for ever"
        self._index = found.end()
        if self._index < len(self._text) and self._text[self._index] in "?+":
            self._index += 1
        if not fixed:
            self._variable_count += 1
            unbounded = found.group() in "*+" or (bool(comma) and (not high or int(high) > _LONG_REPEAT_COUNT))
            self._unbounded_count += unbounded
            self._stack[-1].gives_way = True
        self._closed = None
        return ""

    def _escape(self) -> str:
        following = self._text[self._index + 1 : self._index + 2]
        if following.isdigit() and following != "0":
            return "refers back to a group, which is not allowed"
        self._index += 2
        return ""

    def _skip_class(self) -> str:
        index = self._index + 1
        index += self._text.startswith("^", index)
        index += self._text.startswith("]", index)
        while index < len(self._text) and self._text[index] != "]":
            index += 2 if self._text[index] == "\\" else 1
        self._index = index + 1
        return ""

    def _open(self) -> str:
        self._stack.append(_Group())
        if self._text.startswith("(?:", self._index):
            self._index += 3
        elif self._text.startswith("(?", self._index):
            return "uses `(?…`, of which only `(?:…)` and a leading `(?i)` are allowed"
        else:
            self._index += 1
        return ""

    def _close(self) -> None:
        if len(self._stack) > 1:
            self._closed = self._stack.pop()
            self._stack[-1].gives_way |= self._closed.gives_way


def _refused(text: str, says: str) -> InputError:
    return InputError(
        code="REGEX_REFUSED",
        says=f"The regular expression {text!r} {says}.",
        hint="It must match the whole value; keep it short, and repeat single characters or classes only.",
        subject=text,
    )
