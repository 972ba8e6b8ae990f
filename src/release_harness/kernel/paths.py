"""File names are bytes to git: how they become text, and how they are shown without harm."""


def decode_path(name: bytes) -> str:
    """Turn the bytes of a file name into text that keeps every byte (surrogateescape)."""
    return name.decode("utf-8", "surrogateescape")


def encode_path(path: str) -> bytes:
    """Give the bytes back that `decode_path` read."""
    return path.encode("utf-8", "surrogateescape")


def show_text(text: str) -> str:
    """Make hostile text safe for a terminal: control characters, escapes and odd bytes become visible escapes."""
    plain = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in plain)
