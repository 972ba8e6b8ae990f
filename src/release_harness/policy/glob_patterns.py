r"""Path patterns: what they mean, which of them are refused, and how one pattern becomes a regular expression.

A pattern is matched against the whole path from the root of the repository, also when it has no slash: `*.md` is a file
in the root folder, `**/*.md` one at any depth. Case counts.

| written | meaning |
|---|---|
| `*`, `?` | any run of characters, one character; never a `/` (a leading dot is nothing special) |
| `[a-z]`, `[!a-z]` | one character of a class; never a `/` |
| `**/` | no folder or any number of folders |
| `/**` | everything inside a folder, at any depth |
| `src/auth/` | the same as `src/auth/**` |
| `src/auth` | that file, and everything inside if it is a folder (a rule for a folder must not be lost for want of a slash) |
| `\*`, `\?`, `\[`, `\]`, `\!`, `\#`, `\{`, `\}`, `\\` | the character itself |

Braces, POSIX classes and whatever looks like a regular expression are refused, because such a pattern would match
nothing in silence. Where a pattern takes protection away (a negated rule, `only` of a lower rule) the plain name of a
folder does not stand for what is inside: there it must be written with a slash.
"""

import re
from functools import lru_cache

from release_harness.kernel.errors import InputError
from release_harness.kernel.records import record

MAX_PATTERN_CHARACTERS = 500
MAX_DOUBLE_STARS_COUNT = 4
"""Each `**` may try every folder of a path; more of them only cost time."""

_ESCAPABLE = frozenset("*?[]!#{}\\-^")
_DOUBLE = "**"
_PLAIN = re.compile(r"[^*?\[\]{}\\]+")
"""Most parts are plain names; files of owners have thousands of them."""

Piece = tuple[str, str | None]
"""Regular expression of one character, and the character itself when it is literal."""


@record
class Segment:
    """One part of a pattern between slashes."""

    regex: str
    literal: str | None
    """The text when nothing in it is a wildcard."""
    ends: tuple[str, str] | None
    """(`test_`, `.py`) for `test_*.py`: what a name must begin and end with when there is one star and no other wildcard."""
    longest: str
    """Longest literal run, which a matching name must contain."""


@record
class Pattern:
    """A pattern, read."""

    segments: tuple[Segment | None, ...]
    """None stands for `**`."""


def glob_fault(text: str) -> str:
    """Say what is wrong with a pattern, or nothing when it is well formed."""
    try:
        read_glob(text)
    except InputError as error:
        return error.says
    return ""


@lru_cache(maxsize=20_000)
def read_glob(text: str) -> Pattern:
    """Read a pattern; raises InputError (`GLOB_MALFORMED`) for what could only match by accident or never."""
    _refuse_suspicious(text)
    parts = text.removeprefix("/").split("/")
    if parts[-1] == "" and len(parts) > 1:
        parts[-1] = _DOUBLE
    segments: list[Segment | None] = []
    for part in parts:
        if part in ("", ".", ".."):
            raise _malformed(text, "has an empty, `.` or `..` part, which no path of a repository has")
        if part == _DOUBLE:
            if not segments or segments[-1] is not None:
                segments.append(None)
        else:
            segments.append(_read_segment(part, text))
    if sum(segment is None for segment in segments) > MAX_DOUBLE_STARS_COUNT:
        raise _malformed(text, f"has more than {MAX_DOUBLE_STARS_COUNT} `**`")
    return Pattern(segments=tuple(segments))


def translate(pattern: Pattern, *, covers_folder: bool) -> str:
    """Write a pattern as a regular expression for `fullmatch` on a whole path.

    `covers_folder` lets a pattern that ends in a plain name match everything inside a folder of that name.
    """
    parts: list[str] = []
    last = len(pattern.segments) - 1
    for index, segment in enumerate(pattern.segments):
        if segment is None:
            parts.append(".+" if index == last else "(?:[^/]+/)*")
        else:
            parts.append(segment.regex + ("" if index == last else "/"))
    tail = pattern.segments[-1]
    if covers_folder and tail is not None and tail.literal is not None:
        parts.append("(?:/.+)?")
    return "".join(parts)


def _refuse_suspicious(text: str) -> None:
    if not text or text == "/":
        raise _malformed(text, "is empty")
    if len(text) > MAX_PATTERN_CHARACTERS:
        raise _malformed(text[:40] + "…", f"is longer than {MAX_PATTERN_CHARACTERS} characters")
    if "\0" in text:
        raise _malformed(text, "has a NUL, which no path has")
    if text.startswith("^") or (text.endswith("$") and not text.endswith("\\$")) or "(?" in text:
        raise _malformed(text, "looks like a regular expression, and this is a path pattern")


def _read_segment(part: str, whole: str) -> Segment:
    """Read one part; runs of literal text between stars are atomic, so that no name makes the match back up."""
    if _PLAIN.fullmatch(part):
        return _plain_segment(part)
    pieces: list[list[Piece]] = [[]]
    index = 0
    while index < len(part):
        char = part[index]
        if char == "*":
            if part.startswith(_DOUBLE, index):
                raise _malformed(
                    whole, "has `**` inside a name; it stands alone between slashes, as in `src/**/test_*`"
                )
            pieces.append([])
            index += 1
            continue
        if char == "[":
            regex, index = _read_class(part, index, whole)
            pieces[-1].append((regex, None))
            continue
        if char == "\\":
            char = _escaped(part, index + 1, whole)
            index += 1
            pieces[-1].append((re.escape(char), char))
        else:
            pieces[-1].append(_read_character(char, whole))
        index += 1
    return _segment_of(pieces)


@lru_cache(maxsize=20_000)
def _plain_segment(part: str) -> Segment:
    return Segment(regex=re.escape(part), literal=part, ends=None, longest=part)


def _read_character(char: str, whole: str) -> Piece:
    if char == "?":
        return ("[^/]", None)
    if char in "{}":
        raise _malformed(whole, f"has {char!r}: braces are not understood, write one pattern for each (or `\\{char}`)")
    if char == "]":
        raise _malformed(whole, "has a `]` without a `[` (write `\\]` for the character)")
    return (re.escape(char), char)


def _escaped(part: str, index: int, whole: str) -> str:
    if index >= len(part):
        raise _malformed(whole, "ends in a backslash")
    if part[index] not in _ESCAPABLE:
        raise _malformed(
            whole, f"has a backslash before {part[index]!r}, which needs none; is it a regular expression?"
        )
    return part[index]


def _segment_of(pieces: list[list[Piece]]) -> Segment:
    texts = ["".join(regex for regex, _ in piece) for piece in pieces]
    runs = [literal for piece in pieces for literal in _runs(piece)]
    if len(pieces) == 1:
        plain = all(char is not None for _, char in pieces[0])
        literal = runs[0] if plain and runs else None
        return Segment(regex=texts[0], literal=literal, ends=None, longest=max(runs, key=len, default=""))
    middle = "".join(f"(?>[^/]*?{text})" for text in texts[1:-1] if text)
    star = "[^/]*" if any(texts) else "[^/]+"
    return Segment(
        regex=f"{texts[0]}{middle}{star}{texts[-1]}",
        literal=None,
        ends=_ends(pieces),
        longest=max(runs, key=len, default=""),
    )


def _ends(pieces: list[list[Piece]]) -> tuple[str, str] | None:
    if len(pieces) != 2 or any(char is None for piece in pieces for _, char in piece):  # noqa: PLR2004 - before and after the star
        return None
    head, tail = ("".join(char or "" for _, char in piece) for piece in pieces)
    return head, tail


def _runs(piece: list[Piece]) -> list[str]:
    runs = [""]
    for _, char in piece:
        if char is None:
            runs.append("")
        else:
            runs[-1] += char
    return [run for run in runs if run]


def _read_class(part: str, start: int, whole: str) -> tuple[str, int]:
    """Read `[…]` and return its regular expression and the place behind it."""
    index = start + 1
    negated = part[index : index + 1] in ("!", "^")
    index += negated
    members: list[tuple[str, str]] = []
    while index < len(part) and (part[index] != "]" or not members):
        if part.startswith(("[:", "[.", "[="), index):
            raise _malformed(whole, "has a POSIX class, which is not understood; write the characters out")
        first, index = _class_member(part, index, whole)
        last = first
        if part[index : index + 1] == "-" and part[index + 1 : index + 2] not in ("", "]"):
            last, index = _class_member(part, index + 1, whole)
        if last < first:
            raise _malformed(whole, f"has the range {first}-{last}, which is the wrong way round")
        members.append((first, last))
    if index >= len(part):
        raise _malformed(whole, "has a `[` without a `]` (write `\\[` for the character)")
    inside = "".join(f"{re.escape(a)}-{re.escape(b)}" if a != b else re.escape(a) for a, b in members)
    # A class never matches a slash, also when its range would span one.
    return (f"[^/{inside}]" if negated else f"(?!/)[{inside}]"), index + 1


def _class_member(part: str, index: int, whole: str) -> tuple[str, int]:
    if part[index] == "\\":
        return _escaped(part, index + 1, whole), index + 2
    return part[index], index + 1


def _malformed(text: str, says: str) -> InputError:
    return InputError(
        code="GLOB_MALFORMED",
        says=f"The path pattern {text!r} {says}.",
        hint="Patterns are anchored at the root of the repository: `src/auth/**`, `**/*.sql`, `docs/`.",
        subject=text,
    )
