"""Addresses as people read them: `/<id>/edit` for what a router matches by `/(?P<id>[^/]+)/edit`."""

_CLASSES = frozenset("dDwWsSbB")
"""Letters that stand for many characters after a backslash; after any other it is the character itself."""


def readable_address(address: str) -> str:
    """Return an address with the named groups of its regular expression as `<name>` and what may be missing in brackets.

    An address without a named group is returned as it is: what looks like a pattern in it may be meant.
    """
    if "(?P<" not in address:
        return address
    return _read(address, 0)[0]


def _read(text: str, at: int) -> tuple[str, int]:
    """Return what stands before the closing bracket of the group that begins at a place, and the place after it."""
    found: list[str] = []
    while at < len(text) and text[at] != ")":
        said, at = _piece(text, at)
        found.append(said)
    return "".join(found), at + 1


def _piece(text: str, at: int) -> tuple[str, int]:
    letter = text[at]
    if letter == "\\" and at + 1 < len(text):
        following = text[at + 1]
        return (letter + following if following in _CLASSES else following), at + 2
    if letter == "[":
        return _set(text, at)
    if letter == "(":
        return _group(text, at)
    return letter, at + 1


def _set(text: str, at: int) -> tuple[str, int]:
    """Return `[^/]` as it is written; a closing bracket at its start is one of its members."""
    end = at + 2 if text[at + 1 : at + 2] == "^" else at + 1
    end += 1
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    return text[at : end + 1], end + 1


def _group(text: str, at: int) -> tuple[str, int]:
    name = ""
    inner = at + 1
    if text.startswith("(?P<", at):
        name, _, _ = text[at + 4 :].partition(">")
        inner = at + 5 + len(name)
    elif text.startswith("(?:", at):
        inner = at + 3
    said, end = _read(text, inner)
    said = f"<{name}>" if name else said
    if text[end : end + 1] == "?":
        return f"[{said}]", end + 1
    return (said if name else f"({said})"), end
