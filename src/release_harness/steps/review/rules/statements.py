"""What people sign, as canonical JSON, and what is read back from it: a text that differs by one byte is not seen."""

import json
from typing import TypeVar

from release_harness.kernel.digests import canonical_json, is_sha256
from release_harness.kernel.errors import InputError
from release_harness.kernel.records import from_plain, to_plain
from release_harness.steps.review.model import BreakGlassStatement, Statement

APPROVAL_SCHEMA = "rh.approval/1"
BREAK_GLASS_SCHEMA = "rh.break-glass/1"
_LARGEST_CHARACTERS = 256 * 1024

T = TypeVar("T", Statement, BreakGlassStatement)


def write_statement(statement: Statement | BreakGlassStatement) -> str:
    """Return the text that is signed and stored."""
    return canonical_json(to_plain(statement)).decode("utf-8")


def read_approval(text: str) -> Statement | None:
    """Read an approval or rejection; None when it is anything but exactly what rh writes."""
    return _read(Statement, text, APPROVAL_SCHEMA)


def read_break_glass(text: str) -> BreakGlassStatement | None:
    """Read a break-glass statement; None when it is anything but exactly what rh writes."""
    return _read(BreakGlassStatement, text, BREAK_GLASS_SCHEMA)


def _read(shape: type[T], text: str, schema: str) -> T | None:
    if len(text) > _LARGEST_CHARACTERS:
        return None
    try:
        statement = from_plain(shape, json.loads(text))
    except (InputError, ValueError, RecursionError):
        return None
    if statement.schema != schema or not is_sha256(statement.change) or not statement.nonce:
        return None
    # Two texts that mean the same would let one signature stand for a text that nobody was shown.
    return statement if write_statement(statement) == text else None
