"""Which symbols differ between two trees."""

from textwrap import dedent

import pytest

from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff, changed_paths, symbol_diff
from release_harness.steps.evidence.impact.tree import SourceTree
from release_harness.steps.evidence.model.impact import SymbolChange

BEFORE = dedent(
    """
    import os
    from lib import (one, two)

    RATE = 1
    app.register(3)


    class Thing(Base):
        '''Doc.'''

        size: int = 3

        def go(self, x):
            # says why
            return x > 5


    @decorated
    def work(a, b):
        return join(a,
                    b)


    def helper(a, b):
        if a > b:
            return join(a, b) + 3
        return 9 * a
    """
)


def diff(before: str, after: str, path: str = "m.py") -> SymbolDiff:
    """Compare two contents of one file."""
    base, head = SourceTree({path: before}), SourceTree({path: after})
    return symbol_diff(base, head, changed_paths(base, head))


def changes(before: str, after: str) -> set[tuple[str, SymbolChange]]:
    """Return names and kinds of what differs."""
    return {(each.symbol.rpartition(":")[2], each.change) for each in diff(before, after).changed}


@pytest.mark.parametrize(
    ("old", "new", "symbol", "change"),
    [
        ("x > 5", "x >= 5", "Thing.go", SymbolChange.BODY),
        ("x > 5", "x > 6", "Thing.go", SymbolChange.BODY),
        ("return 9 * a", "return 9 - a", "helper", SymbolChange.BODY),
        ("def work(a, b)", "def work(a, b, c=1)", "work", SymbolChange.SIGNATURE),
        ("def work(a, b)", "async def work(a, b)", "work", SymbolChange.SIGNATURE),
        ("@decorated", "@decorated(1)", "work", SymbolChange.DECORATOR),
        ("Thing(Base)", "Thing(Base, Mixin)", "Thing", SymbolChange.BASE_CLASS),
        ("size: int = 3", "size: int = 4", "Thing.size", SymbolChange.FIELD),
        ("size: int = 3", "size: str = 3", "Thing.size", SymbolChange.FIELD),
        ("RATE = 1", "RATE = 2", "RATE", SymbolChange.CONSTANT),
        ("RATE = 1", "RATE = 1\nLIMIT = 2", "LIMIT", SymbolChange.ADDED),
        ("RATE = 1", "", "RATE", SymbolChange.REMOVED),
        ("from lib import", "from other import", "one", SymbolChange.IMPORT),
        ("(one, two)", "(one, two, three)", "three", SymbolChange.IMPORT),
        ("app.register(3)", "app.register(4)", "", SymbolChange.STATEMENT),
        ("# says why", "# says it better", "Thing.go", SymbolChange.FORMAT),
        ("'''Doc.'''", "'''Docs.'''", "Thing", SymbolChange.FORMAT),
        ("join(a,\n                b)", "join(\n        a, b,\n    )", "work", SymbolChange.FORMAT),
    ],
)
def test_each_kind_of_change_is_told_as_what_it_is(old: str, new: str, symbol: str, change: SymbolChange) -> None:
    """A number or an operator is a change of behaviour, a comment is none; reviewers rely on the difference."""
    assert old in BEFORE

    assert (symbol, change) in changes(BEFORE, BEFORE.replace(old, new))


def test_what_is_only_formatted_changes_nothing_else() -> None:
    """A run of a formatter must not light up half of the application."""
    formatted = BEFORE.replace(
        "    return join(a,\n                b)", "    return join(\n        a,\n        b,\n    )"
    )
    formatted = formatted.replace("        return join(a, b) + 3", "            return join(a, b) + 3").replace(
        "'''", '"""'
    )

    assert {change for _name, change in changes(BEFORE, formatted)} == {SymbolChange.FORMAT}


def test_a_statement_that_moves_out_of_an_if_is_a_change() -> None:
    """The same words at another depth are another program; a diff that ignores blanks would not see it."""
    dedented = BEFORE.replace(
        "    if a > b:\n        return join(a, b) + 3", "    if a > b:\n        pass\n    return join(a, b) + 3"
    )

    assert dedented != BEFORE
    assert ("helper", SymbolChange.BODY) in changes(BEFORE, dedented)


def test_a_tuple_of_one_keeps_its_comma() -> None:
    """`(a,)` and `(a)` are two values, although formatters add and drop other commas."""
    assert ("f", SymbolChange.BODY) in changes("def f(a):\n    return (a,)\n", "def f(a):\n    return (a)\n")


def test_a_renamed_function_is_moved_and_not_new() -> None:
    """Renamed code was reviewed before; what matters is who still uses the old name."""
    found = diff(BEFORE, BEFORE.replace("def helper", "def joined_or_nine")).changed

    assert [(each.symbol, each.was) for each in found if each.change is SymbolChange.MOVED] == [
        ("m.py:joined_or_nine", "m.py:helper")
    ]
    assert not [each for each in found if each.change in {SymbolChange.ADDED, SymbolChange.REMOVED}]


def test_a_class_that_moves_takes_its_methods_with_it() -> None:
    """Otherwise each method of a moved class would look like new code that nothing reaches."""
    source = "class Cart:\n    def total(self, lines):\n        return sum(each.price * each.count for each in lines)\n"
    base, head = SourceTree({"a.py": source}), SourceTree({"b/c.py": source})

    assert symbol_diff(base, head, changed_paths(base, head)).moved == {
        "a.py:Cart": "b/c.py:Cart",
        "a.py:Cart.total": "b/c.py:Cart.total",
    }


def test_two_functions_with_one_body_are_not_guessed_apart() -> None:
    """A wrong guess would hide that one of them is gone."""
    body = "(a, b):\n    first = a + b * 2\n    second = first - a\n    return first * second\n"
    before, after = f"def one{body}", f"def two{body}\ndef three{body}"

    assert {change for _name, change in changes(before, after)} == {SymbolChange.ADDED, SymbolChange.REMOVED}


def test_short_bodies_are_no_proof_of_a_rename() -> None:
    """Many functions are `return None`."""
    found = changes("def gone():\n    return None\n", "def new():\n    return None\n")

    assert found == {("gone", SymbolChange.REMOVED), ("new", SymbolChange.ADDED)}


def test_a_changed_file_that_nobody_can_read_is_named() -> None:
    """What cannot be read must never look like what does not differ."""
    found = diff("x = 1\n", "def f(:\n  \0\n" * 3)

    assert found.unread or found.partial


def test_other_languages_are_compared_alike() -> None:
    """A Go handler whose comment changes is as unchanged as one in Python."""
    before = "package a\n\nfunc Get() int {\n\t// old\n\treturn 1\n}\n"

    commented = diff(before, before.replace("old", "new"), "a.go").changed
    changed = diff(before, before.replace("return 1", "return 2"), "a.go").changed

    assert [each.change for each in commented if each.kind == "function"] == [SymbolChange.FORMAT]
    assert [each.change for each in changed if each.kind == "function"] == [SymbolChange.BODY]


@pytest.mark.parametrize(
    ("path", "before", "after", "name"),
    [
        ("a.ts", "interface A {\n  one: string\n}\n", "interface A {\n  one: string\n  two: string\n}\n", "A.two"),
        ("a.ts", "class A {\n  one = 1\n}\n", "class A {\n  one = 1\n  two = 2\n}\n", "A.two"),
        ("a.ts", "enum A {\n  One = 'x'\n}\n", "enum A {\n  One = 'x',\n  Two = 'y'\n}\n", "A.Two"),
        ("a.go", "package a\n\nvar one = 1\n", "package a\n\nvar one = 1\n\nconst (\n\ttwo = f()\n)\n", "two"),
        ("a.go", "package a\n\nvar (\n\tone = f()\n)\n", "package a\n\nvar (\n\tone = f()\n\ttwo = g()\n)\n", "two"),
    ],
)
def test_what_is_added_below_does_not_change_what_stands_above_it(
    path: str, before: str, after: str, name: str
) -> None:
    """The bracket that closes a body, or a comma, belongs to no one of the statements inside it."""
    assert [each.symbol for each in diff(before, after, path).changed] == [f"{path}:{name}"]


def test_a_call_that_gained_its_brackets_is_a_change() -> None:
    """Only a bracket that the statement did not open is somebody else's."""
    assert [each.symbol for each in diff("const a = f\n", "const a = f()\n", "a.js").changed] == ["a.js:a"]


def test_the_body_of_a_ruby_method_is_no_part_of_its_signature() -> None:
    """Ruby has no sign where the header ends; a body that counts as signature makes two edits of it a clash."""
    before = "class A < B\n  def go(a,\n         b)\n    a.run\n  end\nend\n"
    found = diff(before, before.replace("a.run", "a.walk"), "a.rb")
    assert [(each.symbol, each.change) for each in found.changed] == [("a.rb:A.go", SymbolChange.BODY)]
    found = diff(before, before.replace("b)", "c)"), "a.rb")
    assert [(each.symbol, each.change) for each in found.changed] == [("a.rb:A.go", SymbolChange.SIGNATURE)]


def test_a_line_of_a_ruby_class_that_changes_is_no_change_of_the_class() -> None:
    """`after_action` of one action is not told of all; other lines and the class stay as they are."""
    before = "class A < B\n  before_action :x\n  after_action :y, only: [:z]\n  def z\n    1\n  end\nend\n"
    found = diff(before, before.replace("[:z]", "[:z, :w]"), "a.rb")
    assert [(each.symbol, each.change) for each in found.changed] == [("a.rb:A.<after_action y>", SymbolChange.BODY)]


def test_the_text_of_a_template_is_part_of_it() -> None:
    """Users see the text; an address in it is no comment."""
    before = "<p><a href=https://example.org/#a>x</a></p>\n<%# a note %>\n"
    changed = diff(before, before.replace("#a", "#b"), "app/views/a/b.html.erb").changed
    assert [(each.symbol, each.change) for each in changed] == [("app/views/a/b.html.erb:<view>", SymbolChange.BODY)]
    noted = diff(before, before.replace("note", "remark"), "app/views/a/b.html.erb").changed
    assert [each.change for each in noted] == [SymbolChange.FORMAT]


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("a.ts", "import {\n  a,\n  b as c\n} from 'x';\n", "import {\n  a,\n  b as c,\n  d\n} from 'x';\n", {"d"}),
        ("a.ts", "import { a, b as c } from 'x';\n", "import { a, d as c } from 'x';\n", {"c"}),
        ("a.ts", "import D, { a } from 'x';\n", "import { D, a } from 'x';\n", {"D"}),
        ("a.ts", "import { a, b } from 'x';\n", "import { a, b } from 'y';\n", {"a", "b"}),
        ("a.ts", "const { a } = require('x');\n", "const { a, b } = require('x');\n", {"b"}),
        (
            "a.py",
            "from lib import (\n    one,\n    two,\n)\n",
            "from lib import (\n    one,\n    two,\n    six,\n)\n",
            {"six"},
        ),
        (
            "a.py",
            "from lib import (\n    one,\n    two,\n)\n",
            "from new import (\n    one,\n    two,\n)\n",
            {"one", "two"},
        ),
        ("a.py", "from lib import one as two\n", "from lib import six as two\n", {"two"}),
    ],
)
def test_an_import_changes_the_names_that_come_from_elsewhere(
    path: str, before: str, after: str, expected: set[str]
) -> None:
    """One more name in a list of twenty told all that use the other nineteen as changed; a list that moved told nobody."""
    if path.endswith("ts"):
        pytest.importorskip("tree_sitter_typescript")
    found = {
        each.symbol.rpartition(":")[2]
        for each in diff(before, after, path).changed
        if each.change is SymbolChange.IMPORT
    }

    assert found == expected
