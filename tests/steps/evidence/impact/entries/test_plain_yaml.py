"""Block YAML is read line by line: the keys that adapters need are found and nothing can blow up."""

import time

from release_harness.steps.evidence.impact.entries.plain_yaml import Leaf, below, leaves


def read(text: str) -> dict[tuple[str, ...], str]:
    """Return every value of a text under its keys."""
    return {each.keys: each.value for each in leaves(text)}


def test_keys_lists_and_flow_values_are_found_with_their_lines() -> None:
    """These are the shapes of serverless.yml, workflows and manifests."""
    text = "a:\n  b: 'x' # c\n  list:\n  - one\n  - k: v\n    w: [p, \"q,r\"]\n  map: {x: 1, y: two}\n"
    assert read(text) == {
        ("a", "b"): "x",
        ("a", "list", "0"): "one",
        ("a", "list", "1", "k"): "v",
        ("a", "list", "1", "w", "0"): "p",
        ("a", "list", "1", "w", "1"): "q,r",
        ("a", "map", "x"): "1",
        ("a", "map", "y"): "two",
    }
    assert [each.line for each in leaves(text)][:2] == [2, 4]


def test_block_texts_keep_what_looks_like_keys() -> None:
    """A script inside a workflow holds colons and dashes that are none of YAML's."""
    text = "run: |\n  echo a: b\n  - x\n\n  end\nnext: 1\n"
    assert read(text) == {("run",): "echo a: b\n- x\n\nend", ("next",): "1"}


def test_documents_of_one_file_are_kept_apart() -> None:
    """Manifests put many objects into one file; a schedule of one must not be given to another."""
    assert read("---\na: 1\n---\na: 2\n") == {("a",): "1", ("document 2", "a"): "2"}


def test_below_cuts_the_keys_that_lead_there() -> None:
    """Adapters ask for one part of a file."""
    found = [Leaf(("f", "one", "handler"), "x", 1), Leaf(("g",), "y", 2)]
    assert list(below(found, "f", "*")) == [Leaf(("handler",), "x", 1)]


def test_a_bomb_of_aliases_is_not_unfolded() -> None:
    """The classic billion laughs: aliases are left out, so the answer stays as small as the text."""
    rows = ["a0: &a0 [x, x]"] + [f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]" for at in range(1, 60)]
    assert sum(len(each.value) for each in leaves("\n".join(rows))) < 2000


def test_depth_and_odd_lines_cost_little_and_fail_nothing() -> None:
    """Hostile files are long, deep and broken."""
    started = time.process_time()
    for text in (
        "- " * 5000,
        "\n".join(" " * at + "k:" for at in range(3000)),
        "a: " + "[" * 9000,
        ":" * 9000,
        "\t\x00\n? x\n",
        "k" * 9000 + ":",
    ):
        list(leaves(text))
    assert time.process_time() - started < 2


def test_a_text_that_is_too_large_gives_nothing() -> None:
    """Generated manifests of many megabytes are no configuration that a person wrote."""
    assert list(leaves("a: b\n" * 300_000)) == []
    assert list(leaves(None)) == []
