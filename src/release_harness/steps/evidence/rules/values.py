"""Values of facts that a policy declares: read from text, and held against their type."""

from release_harness.kernel.facts import FactValue


def has_type(value: FactValue, kind: str) -> bool:
    """Tell whether a value is of a declared type; a whole number is a float, too, but true is no number."""
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "strings":
            return isinstance(value, tuple)
        case _:
            return isinstance(value, str)


def parse_value(text: str, kind: str) -> FactValue | None:
    """Read a fact from the command line as its declared type; None when it is not of that type."""
    match kind:
        case "bool":
            return {"true": True, "false": False}.get(text.lower())
        case "int":
            return int(text) if text.lstrip("-").isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - fits 64 bits
        case "float":
            return _finite(text)
        case "strings":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            return text


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
