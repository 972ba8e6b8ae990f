"""Our own trace map (`rh.trace/1`), read with the suspicion that any file deserves: every number must point somewhere."""

import base64
import binascii
from collections.abc import Sequence

from release_harness.adapters.reports.hardened import as_list, as_object, refuse
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain
from release_harness.steps.evidence.model.trace import (
    FunctionSet,
    Hit,
    Replacement,
    TracedEntry,
    TracedFunction,
    TracedTest,
    TraceMap,
)

SCHEMA = "rh.trace/1"
_ROWS_LIMIT_COUNT = 1_000_000
_HITS_LIMIT_COUNT = 5_000_000
_TEXT_LIMIT_CHARS = 4_000
_TEST_ID_LIMIT_CHARS = 20_000
_SETS_LIMIT_BYTES = 512 * 1024 * 1024
_OUTCOMES = frozenset({"", "passed", "failed", "skipped", "xfailed"})
_BLOB_LENGTHS = (0, 40, 64)


def parse_trace_map(name: str, document: dict[str, Plain]) -> TraceMap:
    """Read one map; raises InputError with the place of the first fault."""
    if document.get("schema") != SCHEMA:
        raise refuse(name, f"schema: expected {SCHEMA!r}, found {show_text(repr(document.get('schema'))[:40])}")
    return _Reading(name, document).read()


class _Reading:
    def __init__(self, name: str, document: dict[str, Plain]) -> None:
        self._name = name
        self._document = document
        self._hits_count = 0
        self._sets_bytes = 0
        self._functions = self._read_functions()
        self._entries = tuple(self._entry(row, f"entries[{at}]") for at, row in self._rows("entries"))
        self._replaced = tuple(self._replacement(row, f"replaced[{at}]") for at, row in self._rows("replaced"))
        self._sets = tuple(self._set(packed, f"sets[{at}]") for at, packed in self._rows("sets"))

    def read(self) -> TraceMap:
        document = self._document
        tests = as_object(document.get("tests"), self._name, "tests")
        if len(tests) > _ROWS_LIMIT_COUNT:
            raise refuse(self._name, f"tests: more than {_ROWS_LIMIT_COUNT}")
        faults = as_object(document.get("faults", {}), self._name, "faults")
        return TraceMap(
            functions=self._functions,
            tests=tuple(self._test(each, tests[each], f"tests[{show_text(each)[:80]}]") for each in sorted(tests)),
            between=self._test("", document.get("between"), "between"),
            methods=(self._text(document.get("method", ""), "method"),),
            commits=tuple(filter(None, (self._text(document.get("commit", ""), "commit"),))),
            dropped_count=self._count(document.get("dropped", 0), "dropped"),
            faults=tuple(sorted(self._text(each, "faults") for each in faults)),
        )

    def _rows(self, key: str) -> list[tuple[int, Plain]]:
        rows = as_list(self._document.get(key), self._name, key)
        if len(rows) > _ROWS_LIMIT_COUNT:
            raise refuse(self._name, f"{key}: more than {_ROWS_LIMIT_COUNT}")
        return list(enumerate(rows))

    def _read_functions(self) -> tuple[TracedFunction, ...]:
        files: list[tuple[str, str]] = []
        for at, row in self._rows("files"):
            path, blob = self._list_of(row, 2, f"files[{at}]")
            text = self._text(path, f"files[{at}]")
            if not text or text.startswith("/") or ".." in text.split("/"):
                raise refuse(self._name, f"files[{at}]: {show_text(text)!r} is no path inside the repository")
            files.append((text, self._blob(blob, f"files[{at}]")))
        functions = []
        for at, row in self._rows("functions"):
            file, qualname = self._list_of(row, 2, f"functions[{at}]")
            path, blob = files[self._index(file, len(files), f"functions[{at}]")]
            symbol = f"{path}:{self._text(qualname, f'functions[{at}]')}"
            functions.append(TracedFunction(symbol=symbol, path=path, blob=blob))
        return tuple(functions)

    def _blob(self, value: Plain, place: str) -> str:
        text = self._text(value, place)
        if len(text) not in _BLOB_LENGTHS or not set(text) <= set("0123456789abcdef"):
            raise refuse(self._name, f"{place}: {show_text(text)[:80]!r} is no git blob id")
        return text

    def _entry(self, row: Plain, place: str) -> TracedEntry:
        kind, name, handler, raw = self._list_of(row, 4, place)
        symbol = ""
        if handler != -1:
            symbol = self._functions[self._index(handler, len(self._functions), place)].symbol
        return TracedEntry(
            kind=self._text(kind, place), name=self._text(name, place), handler=symbol, raw=self._flag(raw, place)
        )

    def _replacement(self, row: Plain, place: str) -> Replacement:
        name, how, first_party = self._list_of(row, 3, place)
        return Replacement(
            name=self._text(name, place), how=self._text(how, place), first_party=self._flag(first_party, place)
        )

    def _set(self, packed: Plain, place: str) -> FunctionSet:
        """Read the gaps; the last number is checked as they grow, so that no short text gives a huge number."""
        try:
            content = base64.b64decode(self._text(packed, place, limit=2 * _ROWS_LIMIT_COUNT), validate=True)
        except binascii.Error as error:
            raise refuse(self._name, f"{place}: it is no base64") from error
        bits = bytearray((len(self._functions) + 7) // 8)
        last, gap, shift = -1, 0, 0
        for byte in content:
            gap |= (byte & 127) << shift
            shift += 7
            if byte & 128:
                if shift > 28:  # noqa: PLR2004 - four bytes name more than any map may have
                    raise refuse(self._name, f"{place}: a number is too large")
                continue
            last += gap + 1
            if last >= len(self._functions):
                raise refuse(self._name, f"{place}: function {last} does not exist")
            bits[last >> 3] |= 1 << (last & 7)
            gap = shift = 0
        if shift:
            raise refuse(self._name, f"{place}: it ends early")
        self._sets_bytes += last // 8 + 1
        if self._sets_bytes > _SETS_LIMIT_BYTES:
            raise refuse(self._name, f"{place}: the sets are larger than {_SETS_LIMIT_BYTES} bytes together")
        return int.from_bytes(bits, "little")

    def _test(self, test_id: str, value: Plain, place: str) -> TracedTest:
        row = as_object(value, self._name, place)
        outcome = self._text(row.get("outcome", ""), f"{place}.outcome")
        if outcome not in _OUTCOMES:
            raise refuse(self._name, f"{place}.outcome: {show_text(outcome)[:40]!r} is none of {sorted(_OUTCOMES)}")
        hits = as_list(row.get("hits"), self._name, f"{place}.hits")
        self._hits_count += len(hits)
        if self._hits_count > _HITS_LIMIT_COUNT:
            raise refuse(self._name, f"{place}.hits: more than {_HITS_LIMIT_COUNT} altogether")
        return TracedTest(
            id=self._text(test_id, place, limit=_TEST_ID_LIMIT_CHARS),
            outcome=outcome,
            functions=self._sets[self._index(row.get("ran"), len(self._sets), f"{place}.ran")],
            hits=tuple(self._hit(each, f"{place}.hits[{at}]") for at, each in enumerate(hits)),
            why=self._text(row.get("why", ""), f"{place}.why"),
            replaced=self._replaced_of(row.get("replaced", []), f"{place}.replaced"),
            stubs=self._texts(row.get("stubs", []), f"{place}.stubs"),
            sockets=self._texts(row.get("sockets", []), f"{place}.sockets"),
            dropped_count=self._count(row.get("dropped", 0), f"{place}.dropped"),
        )

    def _hit(self, row: Plain, place: str) -> Hit:
        entry, ran, used, idle, count = self._list_of(row, 5, place)
        return Hit(
            entry=self._entries[self._index(entry, len(self._entries), place)],
            functions=self._sets[self._index(ran, len(self._sets), place)],
            used=self._replaced_of(used, place),
            idle=self._replaced_of(idle, place),
            count=self._count(count, place),
        )

    def _replaced_of(self, value: Plain, place: str) -> tuple[Replacement, ...]:
        rows = as_list(value, self._name, place)
        return tuple(self._replaced[self._index(each, len(self._replaced), place)] for each in rows)

    def _list_of(self, value: Plain, length: int, place: str) -> Sequence[Plain]:
        row = as_list(value, self._name, place)
        if len(row) != length:
            raise refuse(self._name, f"{place}: expected {length} values, found {len(row)}")
        return row

    def _index(self, value: Plain, length: int, place: str) -> int:
        if type(value) is not int or not 0 <= value < length:
            raise refuse(self._name, f"{place}: {show_text(repr(value)[:40])} points nowhere")
        return value

    def _count(self, value: Plain, place: str) -> int:
        if type(value) is not int or value < 0:
            raise refuse(self._name, f"{place}: expected a count, found {show_text(repr(value)[:40])}")
        return value

    def _flag(self, value: Plain, place: str) -> bool:
        if not isinstance(value, bool):
            raise refuse(self._name, f"{place}: expected true or false, found {show_text(repr(value)[:40])}")
        return value

    def _texts(self, value: Plain, place: str) -> tuple[str, ...]:
        return tuple(self._text(each, place) for each in as_list(value, self._name, place))

    def _text(self, value: Plain, place: str, *, limit: int = _TEXT_LIMIT_CHARS) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise refuse(self._name, f"{place}: expected a text of at most {limit} characters")
        return value
