"""A rule file is hostile until it was read: size, depth, aliases, tags and encoding are bounded before anything else."""

import time

import pytest
from inline_snapshot import snapshot

from release_harness.adapters.policy_file.yaml_tree import (
    DEPTH_LIMIT_COUNT,
    SIZE_LIMIT_BYTES,
    VALUES_LIMIT_COUNT,
    name_places,
    read_yaml,
    write_trail,
)
from release_harness.kernel.errors import InputError


def _faults(text: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_yaml(text, "p.yaml")
    return [fault.sentence() for fault in caught.value.faults]


def test_plain_values_are_read_as_yaml_1_2_says() -> None:
    """`yes`, `on`, dates and `24h` are text: a policy that turns them into something else would mean something else."""
    tree = read_yaml(b"a: [yes, on, 24h, 1:30, 2026-11-22, 012, 0x10, 1.5, -3, true, ~, '1', 1e999, .inf]", "p")
    assert tree.value == {
        "a": ["yes", "on", "24h", "1:30", "2026-11-22", 12, 16, 1.5, -3, True, None, "1", "1e999", ".inf"]
    }


def test_every_value_and_key_has_its_place() -> None:
    """People mend a file by line and column, so a place that is off by one is a wrong place."""
    tree = read_yaml(b"a:\n  - b: 1\n    c: two\n", "p")
    place = tree.place(("a", 0, "c"))
    key = tree.place(("a", 0, "c"), key=True)
    assert place is not None
    assert key is not None
    assert (place.line, place.column, key.line, key.column) == (3, 8, 3, 5)


def test_a_rule_of_a_list_is_found_by_its_id() -> None:
    """The linter names rules by their ids and knows nothing of lines."""
    places = name_places(read_yaml(b"raise:\n  - {id: a, tier: x}\n  - {id: b, tier: y}\n", "p"))
    assert places["raise.b"] == (3, 5)
    assert places["raise.b.tier"] == places["raise[1].tier"] == (3, 19)


BAD_FORMS = {
    "empty": (b"", snapshot(["p.yaml:1:1: The file is empty. Expected a mapping that starts with `version: 1`."])),
    "only comments": (
        b"# nothing\n",
        snapshot(["p.yaml:1:1: The file is empty. Expected a mapping that starts with `version: 1`."]),
    ),
    "alias": (
        b"a: &x [1]\nb: *x\n",
        snapshot(
            [
                "p.yaml:1:4: An anchor (`&x`) may not be used here. Expected the value written out where it is used.",
                "p.yaml:2:4: An alias (`*x`) may not be used here. Expected the value written out where it is used.",
            ]
        ),
    ),
    "alias as key": (
        b"a: &x b\n*x : 1\n",
        snapshot(
            [
                "p.yaml:1:4: An anchor (`&x`) may not be used here. Expected the value written out where it is used.",
                "p.yaml:2:1: An alias (`*x`) may not be used here. Expected the value written out where it is used.",
                "p.yaml:2:1: An alias stands as a key. Expected a word as key.",
            ]
        ),
    ),
    "merge key": (
        b"<<: {a: 1}\nb: 2\n",
        snapshot(["p.yaml:1:1: A merge key (`<<`) may not be used here. Expected the keys written out."]),
    ),
    "tag": (
        b"a: !!python/object/apply:os.system ['true']\n",
        snapshot(
            [
                "p.yaml:1:4: A tag (`tag:yaml.org,2002:python/object/apply:os.system`) may not be used here. Expected a plain value; put text in quotes."
            ]
        ),
    ),
    "harmless tag": (
        b"a: !!str 3\n",
        snapshot(
            [
                "p.yaml:1:4: A tag (`tag:yaml.org,2002:str`) may not be used here. Expected a plain value; put text in quotes."
            ]
        ),
    ),
    "key twice": (
        b"a: 1\nb: 2\na: 3\n",
        snapshot(["p.yaml:3:1: The key 'a' stands twice; the first is on line 1. Expected every key once."]),
    ),
    "list as key": (b"? [a]\n: 1\n", snapshot(["p.yaml:1:3: A key is a list or a mapping. Expected a word as key."])),
    "two documents": (
        b"a: 1\n---\nb: 2\n",
        snapshot(["p.yaml:2:1: The file holds a second YAML document. Expected one document, without `---` lines."]),
    ),
    "not UTF-8": (
        b"a: 1\nb: \xff\n",
        snapshot(["p.yaml:2:4: Byte 9 (0xff) is no UTF-8. Expected a file saved as UTF-8."]),
    ),
    "UTF-16": (
        "version: 1".encode("utf-16"),
        snapshot(["p.yaml:1:1: Byte 1 (0xff) is no UTF-8. Expected a file saved as UTF-8."]),
    ),
    "torn off": (
        b"a: [1, 2\n",
        snapshot(
            [
                "p.yaml:2:1: The file is not well-formed YAML: while parsing a flow sequence did not find expected ',' or ']'."
            ]
        ),
    ),
    "tab as indent": (
        b"a:\n\tb: 1\n",
        snapshot(
            [
                "p.yaml:2:1: The file is not well-formed YAML: while scanning for the next token found character that cannot start any token."
            ]
        ),
    ),
    "too deep": (
        b"a: " + b"[" * 60 + b"]" * 60,
        snapshot(["p.yaml:1:43: The file is nested too deeply. Expected at most 40 levels."]),
    ),
}


@pytest.mark.parametrize("name", BAD_FORMS)
def test_a_bad_form_is_refused_with_its_place(name: str) -> None:
    """Each of these is either a slip that people make or an attack; both deserve a sentence and none a traceback."""
    text, expected = BAD_FORMS[name]
    assert _faults(text) == expected


def test_control_characters_are_refused() -> None:
    """What cannot be seen in an editor must not decide what may pass."""
    assert "may not stand in YAML" in _faults(b"a: 1\nb: \x07\n")[0] or "control characters" in _faults(b"a: \x07")[0]


def test_a_billion_laughs_cost_nothing() -> None:
    """The classic bomb is refused at its anchors, before anything is multiplied."""
    lines = [b"a0: &a0 [lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]".encode() for n in range(1, 30)]
    before = time.process_time()
    faults = _faults(b"\n".join(lines))
    assert time.process_time() - before < 0.5
    assert faults[0].startswith("p.yaml:1:5: An anchor (`&a0`)")


def test_ten_megabytes_are_refused_at_once() -> None:
    """A file of 10 MB is refused by its length, without being parsed."""
    before = time.process_time()
    faults = _faults(b"a: 1\n" * 2_000_000)
    assert time.process_time() - before < 0.1
    assert faults == snapshot(["p.yaml: The file is 10,000,000 bytes long. Expected at most 1,000,000 bytes."])


def test_depth_beyond_any_stack_is_refused() -> None:
    """Half a megabyte of brackets would break a recursive reader; here it stops at the limit."""
    assert "nested too deeply" in _faults(b"[" * (SIZE_LIMIT_BYTES // 2))[0]


@pytest.mark.slow
def test_very_many_small_values_are_refused() -> None:
    """Takes a second: 250,000 values fit into the size limit and would still keep a gate busy."""
    faults = _faults(b"- a\n" * (VALUES_LIMIT_COUNT + 10))
    assert "too many values" in faults[-1]


def test_the_deepest_allowed_file_is_read() -> None:
    """The limit refuses what is beyond it and nothing else."""
    depth = DEPTH_LIMIT_COUNT - 1
    assert read_yaml(b"a: " + b"[" * depth + b"]" * depth, "p").value is not None


def test_many_faults_are_cut_off_with_a_count() -> None:
    """A page of faults helps nobody; the reader is told that there are more."""
    text = "\n".join(f"k{n}: &a{n} 1" for n in range(200)).encode()
    with pytest.raises(InputError) as caught:
        read_yaml(text, "p.yaml")
    assert len(caught.value.faults) == 50


def test_a_trail_is_written_as_people_write_it() -> None:
    """The path in a fault is read by people and by editors."""
    assert write_trail(("raise", 0, "when", "any", 1, "fact")) == "raise[0].when.any[1].fact"
