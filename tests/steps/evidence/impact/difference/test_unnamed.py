"""Functions without a name: which is which, and what of them changed."""

import pytest

from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff, changed_paths, symbol_diff
from release_harness.steps.evidence.impact.tree import SourceTree
from release_harness.steps.evidence.model.impact import SymbolChange


def diff(before: str, after: str, path: str) -> SymbolDiff:
    """Compare two contents of one file."""
    base, head = SourceTree({path: before}), SourceTree({path: after})
    return symbol_diff(base, head, changed_paths(base, head))


MANY = """package a

func Options() []Option {
	return []Option{
		{check: func(raw string) error { return atLeast(raw, 1) }},
		{check: func(raw string) error { return atLeast(raw, 2) }},
		{check: func(raw string) error {
			each(func(one string) { note(one) })
			return atLeast(raw, 3)
		}},
	}
}
"""


def test_an_unnamed_function_that_comes_among_others_changes_none_of_them() -> None:
    """Their numbers move, and a reader who is told of three changed functions looks for three."""
    pytest.importorskip("tree_sitter_go")
    line = "\t\t{check: func(raw string) error { return atLeast(raw, 2) }},\n"
    more = MANY.replace(line, "\t\t{check: func(raw string) error { return some(raw) }},\n" + line)
    added = "Options.<locals>.<function 2>"
    assert names_of(MANY, more) - {("Options", SymbolChange.BODY)} == {(added, SymbolChange.ADDED)}
    assert names_of(more, MANY) - {("Options", SymbolChange.BODY)} == {(added, SymbolChange.REMOVED)}


def test_an_unnamed_function_that_changed_beside_one_that_came_is_still_told() -> None:
    """Only what says the same is the same; the rest is compared by its number, as before."""
    pytest.importorskip("tree_sitter_go")
    line = "\t\t{check: func(raw string) error { return atLeast(raw, 1) }},\n"
    more = MANY.replace(line, "\t\t{check: func(raw string) error { return some(raw) }},\n" + line).replace("3)", "4)")
    told = {(name.rpartition(".")[2], change) for name, change in names_of(MANY, more)}
    assert ("<function 4>", SymbolChange.ADDED) in told
    assert ("<function 3>", SymbolChange.REMOVED) in told


def names_of(before: str, after: str) -> set[tuple[str, SymbolChange]]:
    """Return names and kinds of what differs in a file of Go."""
    return {(each.symbol.rpartition(":")[2], each.change) for each in diff(before, after, "a.go").changed}


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("a.ts", "export function f(all) {\n  return all.map(({ one }) => {\n    return one + 1;\n  });\n}\n"),
        ("a.ts", "export function f(all) {\n  return all.map(function (one) {\n    return one + 1;\n  });\n}\n"),
        ("a.go", "package a\n\nfunc F() {\n\teach(func(one int) int {\n\t\treturn one + 1\n\t})\n}\n"),
    ],
)
def test_the_body_of_a_function_that_is_handed_on_is_no_signature(path: str, before: str) -> None:
    """The bracket of the call that it is handed to hid where its body begins."""
    pytest.importorskip("tree_sitter_typescript")
    pytest.importorskip("tree_sitter_go")

    def kinds(old: str, new: str) -> set[SymbolChange]:
        found = diff(before, before.replace(old, new), path).changed
        return {each.change for each in found if each.symbol.endswith(">")}

    assert kinds("+ 1", "+ 2") == {SymbolChange.BODY}
    assert SymbolChange.SIGNATURE in kinds("one", "two") or path.endswith("ts")
