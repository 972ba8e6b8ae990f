"""Landings as bytes for the cache, and back; what cannot be read back whole is nothing."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from release_harness.steps.risk.model.landings import Claim, FileRow, Landing

WALK_VERSION = 2
"""Part of the name of every packed piece: raise it when landings, claims or what is read from messages change."""
TIERS_VERSION = 1
"""Likewise for tiers: raise it when the same policy would judge the same landing in another way."""
_MAGIC = b"rh-walk "
_LEVEL = 3


def pack(landings: Sequence[Landing]) -> bytes:
    """Write landings as bytes that say themselves whether they are whole."""
    places: dict[str, int] = {}
    rows = []
    for each in landings:
        files: list[Any] = []
        for path, status, added, removed in each.files:
            files += (places.setdefault(path, len(places)), status, added, removed)
        head = [each.id, each.parents_count, each.committed_seconds, each.author, each.title, each.counted]
        rows.append([*head, files, [_short(claim) for claim in each.claims]])
    text = json.dumps({"paths": list(places), "landings": rows}, separators=(",", ":")).encode("ascii")
    packed = zlib.compress(text, _LEVEL)
    return _MAGIC + hashlib.sha256(packed).hexdigest().encode() + b"\n" + packed


def unpack(content: bytes) -> tuple[Landing, ...] | None:
    """Read landings back; None when the bytes are damaged, or those of another format."""
    head, _, packed = content.partition(b"\n")
    if head != _MAGIC + hashlib.sha256(packed).hexdigest().encode():
        return None
    try:
        plain = json.loads(zlib.decompress(packed))
        return tuple(_landing(row, plain["paths"]) for row in plain["landings"])
    except (ValueError, TypeError, KeyError, IndexError, zlib.error):
        return None


def pack_tiers(tiers: Mapping[str, str]) -> bytes:
    """Write what one policy gave each commit."""
    packed = zlib.compress(json.dumps(dict(tiers), separators=(",", ":")).encode("ascii"), _LEVEL)
    return _MAGIC + hashlib.sha256(packed).hexdigest().encode() + b"\n" + packed


def unpack_tiers(content: bytes) -> dict[str, str]:
    """Read tiers by commit back; nothing when the bytes are damaged."""
    head, _, packed = content.partition(b"\n")
    if head != _MAGIC + hashlib.sha256(packed).hexdigest().encode():
        return {}
    try:
        plain = json.loads(zlib.decompress(packed))
    except (ValueError, zlib.error):
        return {}
    return plain if isinstance(plain, dict) else {}


def _landing(row: list[Any], paths: list[str]) -> Landing:
    commit, parents, seconds, author, title, counted, files, claims = row
    rows = tuple(
        FileRow(paths[place], status, added, removed)
        for place, status, added, removed in zip(files[::4], files[1::4], files[2::4], files[3::4], strict=True)
    )
    return Landing(commit, parents, seconds, author, title, counted, rows, tuple(map(_claim, claims)))


def _short(claim: Claim) -> list[Any]:
    """Leave out what nearly every claim leaves empty."""
    plain = [claim.id, claim.author, claim.subject, int(claim.is_merge)]
    rest = list(claim[4:])
    while rest and not rest[-1]:
        rest.pop()
    return [*plain, *rest]


def _claim(row: list[Any]) -> Claim:
    commit, author, subject, is_merge, *rest = row
    if not rest:
        return Claim(commit, author, subject, bool(is_merge))
    empty: list[Any] = [False, False, (), (), "", (), ()]
    takes_back, lands_again, reverts, numbers, title, fixes, own = [*rest, *empty[len(rest) :]]
    return Claim(
        commit,
        author,
        subject,
        bool(is_merge),
        bool(takes_back),
        bool(lands_again),
        tuple(reverts),
        tuple(numbers),
        title,
        tuple((name, quoted) for name, quoted in fixes),
        tuple(own),
    )
