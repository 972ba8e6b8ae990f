"""Facts as the cache keeps them: one byte that says how the file was read, then compressed canonical JSON."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

from release_harness.steps.evidence.impact.extract import extract, too_large
from release_harness.steps.evidence.impact.facts import FileFacts, facts_from_bytes, facts_to_bytes

WHOLE = b"w"
"""Read without any problem by a parser that gives the same answer on every machine."""
RECOVERED = b"r"
"""Read without any problem by a parser whose version counts."""
PARTIAL = b"p"
"""Read with errors inside."""
UNREAD = b"u"
"""Not read; the facts say why."""
UNINSTALLED = b"i"
"""Not read because a parser is not installed; never kept."""


def pack(facts: FileFacts) -> bytes:
    """Return facts as they are kept."""
    return _state(facts) + zlib.compress(facts_to_bytes(facts), 1)


def unpack(packed: bytes) -> FileFacts:
    """Return the facts that `pack` took; raises ValueError, TypeError or zlib.error when these are no such bytes."""
    return facts_from_bytes(zlib.decompress(packed[1:]))


def state_of(packed: bytes) -> bytes:
    """Return how the file was read, without unpacking anything."""
    return packed[:1]


def _state(facts: FileFacts) -> bytes:
    if not facts.parser:
        return UNINSTALLED if facts.problem.endswith("[languages]") else UNREAD
    if facts.partial:
        return PARTIAL
    return WHOLE if facts.parser == "ast" else RECOVERED


class Unread(NamedTuple):
    """The content of one blob that has to be read as one language."""

    blob: str
    language: str
    content: bytes
    size_bytes: int
    """More than the length of the content when that was too long to be read."""


def read_batch(batch: Sequence[Unread]) -> list[tuple[str, str, bytes]]:
    """Read several contents and return the packed facts of each blob and language; this is what a worker process runs."""
    return [(each.blob, each.language, pack(_facts(each))) for each in batch]


def _facts(each: Unread) -> FileFacts:
    if each.size_bytes > len(each.content):
        return too_large(each.language, each.size_bytes)
    return extract(each.language, each.content)
