"""The parsers of git's output meet hostile bytes: they never raise, and never call a part the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.paths import decode_path
from release_harness.steps.changes.rules.diff import change_digest, parse_diff, parse_patch

ONE, TWO, NONE = b"1" * 40, b"2" * 40, b"0" * 40
NAMES = st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name)
LINES = st.binary(max_size=20).filter(lambda line: b"\n" not in line)


def raw_record(name: bytes, status: bytes = b"A") -> bytes:
    """Write one raw record as git does."""
    return b":000000 100644 " + NONE + b" " + ONE + b" " + status + b"\0" + name + b"\0"


def quoted(name: bytes) -> bytes:
    """Quote a name as git does in a patch, written independently of the parser: byte by byte."""
    named = {0x07: "a", 0x08: "b", 0x09: "t", 0x0A: "n", 0x0B: "v", 0x0C: "f", 0x0D: "r", 0x22: '"', 0x5C: "\\"}
    out, odd = b"", False
    for byte in name:
        if byte in named:
            out, odd = out + b"\\" + named[byte].encode(), True
        elif byte < 32 or byte == 127:
            out, odd = out + b"\\" + f"{byte:03o}".encode(), True
        else:
            out += bytes([byte])
    return b'"' + out + b'"' if odd else out


def new_file(name: bytes, lines: list[bytes]) -> bytes:
    """Write the patch of a new file."""
    header = (
        b"diff --git " + quoted(b"a/" + name) + b" " + quoted(b"b/" + name) + b"\nnew file mode 100644\nindex 0..1\n"
    )
    if not lines:
        return header
    body = b"".join(b"+" + line + b"\n" for line in lines)
    count = b"" if len(lines) == 1 else b",%d" % len(lines)
    return header + b"--- /dev/null\n+++ " + quoted(b"b/" + name) + b"\n@@ -0,0 +1" + count + b" @@\n" + body


@pytest.mark.slow
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_exception(output: bytes) -> None:
    """A crash on hostile input is a way to stop a gate."""
    parsed = parse_diff(output)
    parse_patch(output, parsed.changes)
    parse_patch(parsed.patch, parsed.changes)


@pytest.mark.slow
@given(st.dictionaries(NAMES, st.lists(LINES, max_size=4), min_size=1, max_size=5))
def test_what_git_prints_is_read_back_exactly(files: dict[bytes, list[bytes]]) -> None:
    """Names and lines that look like headers, hunks or records stay names and lines."""
    output = b"".join(map(raw_record, files))
    output += b"".join(b"%d\t0\t" % len(lines) + name + b"\0" for name, lines in files.items())
    output += b"\0" + b"".join(new_file(name, lines) for name, lines in files.items())
    parsed = parse_diff(output)
    assert parsed.complete
    assert [each.path for each in parsed.changes] == [decode_path(name) for name in files]
    assert parsed.numbers == {decode_path(name): (len(lines), 0) for name, lines in files.items()}
    found = parse_patch(parsed.patch, parsed.changes)
    assert found is not None
    expected = [
        tuple(
            (number, line.removesuffix(b"\r").decode("utf-8", "surrogateescape"))
            for number, line in enumerate(lines, 1)
        )
        for lines in files.values()
    ]
    assert [each.added for each in found] == expected


@pytest.mark.slow
@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), st.data())
def test_a_listing_that_is_cut_inside_a_record_is_never_complete(names: list[bytes], data: st.DataObject) -> None:
    """A part of a listing that passes for the whole hides files from every rule."""
    output = b"".join(map(raw_record, names)) + b"".join(b"1\t0\t" + name + b"\0" for name in names)
    ends, position = {0}, 0
    for name in names:
        position += len(raw_record(name))
        ends.add(position)
    for name in names:
        position += len(name) + 5
        ends.add(position)
    cut = data.draw(st.integers(1, len(output) - 1).filter(lambda each: each not in ends))
    assert not parse_diff(output[:cut]).complete


def test_a_patch_that_leaves_a_file_out_is_refused_whole() -> None:
    """Lines of the wrong file are worse than no lines."""
    parsed = parse_diff(raw_record(b"a") + raw_record(b"b"))
    assert parse_patch(new_file(b"a", [b"x"]), parsed.changes) is None
    assert parse_patch(new_file(b"b", [b"x"]) + new_file(b"a", [b"x"]), parsed.changes) is None
    whole = new_file(b"a", [b"x"]) + new_file(b"b", [b"y"])
    assert parse_patch(whole, parsed.changes) is not None
    assert parse_patch(whole[:-3], parsed.changes) is None
    assert parse_patch(whole + b"diff --git a/c b/c\n", parsed.changes) is None


def test_a_rename_record_is_not_understood_rather_than_guessed() -> None:
    """rh never asks for rename detection; two names in one record would shift all that follow."""
    output = b":100644 100644 " + ONE + b" " + TWO + b" R100\0old\0new\0"
    assert not parse_diff(output).complete


def test_the_digest_names_modes_blobs_status_and_path() -> None:
    """Two changes that differ in any of them are two changes."""
    seen = {
        change_digest(raw_record(b"a")),
        change_digest(raw_record(b"b")),
        change_digest(raw_record(b"a").replace(ONE, TWO)),
        change_digest(raw_record(b"a").replace(b"100644", b"100755")),
        change_digest(raw_record(b"a", b"M")),
        change_digest(b""),
    }
    assert len(seen) == 6
