"""The links of a whole tree as bytes: arrays that are taken as they are, and one row of plain data for each file."""

import json
import struct
import sys
from array import array
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from release_harness.steps.evidence.impact.link.record import LINK_VERSION, FileLink
from release_harness.steps.evidence.impact.link.table import EdgeTable

_MAGIC = b"rh-link\n"
_CODES = "IIIBIIIIIIII"
"""Columns of the edges (file, source, target, reason, line), keys that the files consumed, where each file's keys begin, and the
arrays by which edges are found."""
_SIZES = struct.Struct("<Q")


class Snapshot(NamedTuple):
    """The links of one tree."""

    paths: Mapping[str, str]
    """Path -> blob id of every file of the tree."""
    table: EdgeTable
    links: Mapping[str, FileLink]
    """Links of each file, without the edges and the keys, which are in the table."""
    keys: list[str]
    consumed: "array[int]"
    starts: "array[int]"

    @property
    def name(self) -> str:
        """A name that only a snapshot of the same contents has."""
        return sha256(json.dumps(dict(self.paths), sort_keys=True).encode()).hexdigest()


def take(paths: Mapping[str, str], links: Mapping[str, FileLink]) -> Snapshot:
    """Return the snapshot of freshly linked files."""
    ids: dict[str, int] = {}
    consumed = array("I")
    starts = array("I", [0])
    for link in links.values():
        consumed.extend([ids.setdefault(key, len(ids)) for key in link.consumed])
        starts.append(len(consumed))
    return Snapshot(dict(paths), EdgeTable.build(links), links, list(ids), consumed, starts)


def to_bytes(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    table = snapshot.table
    rows = [list(link._replace(edges=[], consumed=[])) for link in snapshot.links.values()]
    text = json.dumps(
        [LINK_VERSION, sys.byteorder, dict(snapshot.paths), list(table.paths), table.names, snapshot.keys, rows],
        ensure_ascii=True,
        separators=(",", ":"),
    ).encode("ascii")
    parts = [text, *(each.tobytes() for each in (*table.columns, snapshot.consumed, snapshot.starts, *table.indexes))]
    return b"".join([_MAGIC, *(_SIZES.pack(len(each)) for each in parts), *parts])


def from_bytes(content: bytes) -> Snapshot | None:
    """Return what `to_bytes` wrote; None when it is anything else."""
    try:
        return _read(content)
    except (ValueError, TypeError, KeyError, IndexError, struct.error, RecursionError):
        return None


def _read(content: bytes) -> Snapshot | None:
    if not content.startswith(_MAGIC):
        return None
    at = len(_MAGIC)
    sizes = []
    for _ in range(len(_CODES) + 1):
        sizes.append(_SIZES.unpack_from(content, at)[0])
        at += _SIZES.size
    view = memoryview(content)
    text = bytes(view[at : at + sizes[0]])
    at += sizes[0]
    columns: list[array[int]] = []
    for code, size in zip(_CODES, sizes[1:], strict=True):
        column: array[int] = array(code)
        column.frombytes(view[at : at + size])
        columns.append(column)
        at += size
    version, order, paths, files, names, keys, rows = json.loads(text)
    if version != LINK_VERSION or order != sys.byteorder or at != len(content):
        return None
    links = {path: FileLink._make(row) for path, row in zip(files, rows, strict=True)}
    edges, (consumed, starts), indexes = columns[:5], columns[5:7], columns[7:]
    counts = [len(names) + 1, len(edges[0]), len(names) + 1, len(edges[0]), len(files) + 1]
    if len({len(each) for each in edges}) != 1 or len(starts) != len(files) + 1:
        return None
    if [len(each) for each in indexes] != counts:
        return None
    table = EdgeTable(files, names, edges, indexes)
    return Snapshot(paths, table, links, keys, consumed, starts)
