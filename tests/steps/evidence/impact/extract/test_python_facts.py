"""Facts of Python files, by either reader."""

from collections.abc import Callable

import pytest

from release_harness.steps.evidence.impact.extract import extract, language_of
from release_harness.steps.evidence.impact.extract.python import by_recovery, by_syntax_tree
from release_harness.steps.evidence.impact.facts import FileFacts, Symbol, facts_from_bytes, facts_to_bytes

Read = Callable[[str], FileFacts]


@pytest.fixture(params=["ast", "tree-sitter"])
def read(request: pytest.FixtureRequest) -> Read:
    """One of the two readers; every test holds for both."""
    return by_syntax_tree if request.param == "ast" else lambda text: by_recovery(text, "refused")


def symbol(facts: FileFacts, qualname: str) -> Symbol:
    """Return the only symbol of a name."""
    found = [each for each in facts.symbols if each.qualname == qualname]
    assert len(found) == 1, [each.qualname for each in facts.symbols]
    return found[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a if b else c", ["b", [["n", "a"], ["n", "b"], ["n", "c"]], "?bto"]),
        ("[a] if b else []", ["b", [["l", [["n", "a"]]], ["n", "b"], ["l", []]], "?bto"]),
        ("a if b else None", ["b", [["n", "a"], ["n", "b"]], "?bt"]),
        ("1 if b else 2", ["b", [["n", "b"]], "?t"]),
        ("1 if 2 else 3", ["o"]),
        ("a | b | c", ["b", [["n", "a"], ["n", "b"], ["n", "c"]], "|"]),
        ("a & (b | c)", ["b", [["n", "a"], ["b", [["n", "b"], ["n", "c"]], "|"]], "&"]),
        ("~a", ["b", [["n", "a"]], "~"]),
        ("a or b", ["b", [["n", "a"], ["n", "b"]]]),
    ],
)
def test_a_conditional_says_which_part_is_which(read: Read, source: str, expected: object) -> None:
    """A guard that stands in one branch alone is none in the other, and `a | b` lets in whom `a & b` does not."""
    assert values(read(f"x = {source}\n")) == [expected]


def values(facts: FileFacts, qualname: str = "") -> list[object]:
    """Return what the statements of a symbol hold."""
    return [each.value for each in symbol(facts, qualname).body]


def test_names_are_those_of_the_running_program(read: Read) -> None:
    """Traces and coverage report qualified names of the runtime; another spelling would join with nothing."""
    facts = read(
        "def outer():\n    class Inner:\n        async def run(self):\n            def deep(): pass\n\n"
        "class A:\n    class B:\n        def m(self): pass\n"
    )
    assert [(each.qualname, each.kind) for each in facts.symbols] == [
        ("", "module"),
        ("outer", "function"),
        ("outer.<locals>.Inner", "class"),
        ("outer.<locals>.Inner.run", "async"),
        ("outer.<locals>.Inner.run.<locals>.deep", "function"),
        ("A", "class"),
        ("A.B", "class"),
        ("A.B.m", "function"),
    ]


def test_a_function_that_is_declared_global_is_a_name_of_the_module(read: Read) -> None:
    """Python itself calls it by its bare name."""
    assert read("def f():\n    global g\n    def g(): pass\n").symbols[-1].qualname == "g"


def test_decorators_and_lines_belong_to_the_symbol(read: Read) -> None:
    """A changed decorator is a change of the function; its lines must be known to be inside."""
    facts = read('@app.get("/x")\n@guard\nasync def view(\n    a,\n):\n    return 1\n    # trailing comment\n\nx = 1\n')
    view = symbol(facts, "view")
    assert (view.first_line, view.line, view.end_line) == (1, 3, 6)
    assert view.decorators == [["c", ["a", ["n", "app"], "get"], [["s", "/x"]], {}, 1], ["n", "guard"]]


def test_parameters_keep_kind_annotation_and_default(read: Read) -> None:
    """Dependencies are injected through defaults and annotations."""
    facts = read("def f(a, /, b: int = 1, *rest: str, c=Depends(g), d: 'Q', **more): pass\n")
    assert [tuple(each) for each in symbol(facts, "f").parameters] == [
        ("a", "positional", None, None),
        ("b", "positional", ["n", "int"], ["k", 1]),
        ("rest", "args", ["n", "str"], None),
        ("c", "keyword", None, ["c", ["n", "Depends"], [["n", "g"]], {}, 1]),
        ("d", "keyword", ["n", "Q"], None),
        ("more", "kwargs", None, None),
    ]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('"Item"', ["n", "Item"]),
        ('"list[Item]"', ["i", ["n", "list"], ["n", "Item"]]),
        ('Optional["m.Item"]', ["i", ["n", "Optional"], ["a", ["n", "m"], "Item"]]),
        ('Literal["a"]', ["i", ["n", "Literal"], ["s", "a"]]),
        ('Annotated["Item", "words"]', ["i", ["n", "Annotated"], ["l", [["n", "Item"], ["s", "words"]]]]),
        ('"not a type!"', ["s", "not a type!"]),
    ],
)
def test_annotations_in_strings_are_read_as_types(read: Read, written: str, read_as: object) -> None:
    """A forward reference types a receiver just as well; a literal is a value, not a name."""
    assert symbol(read(f"x: {written} = 1\n"), "").body[0].annotation == read_as


def test_class_statements_keep_bases_and_keywords(read: Read) -> None:
    """Metaclasses and generic bases decide what a framework does with a class."""
    found = symbol(read("class A(B[int], *mixins, metaclass=M, **kw):\n    pass\n"), "A")
    assert found.bases == [["i", ["n", "B"], ["n", "int"]], ["*", ["n", "mixins"]]]
    assert found.keywords == {"metaclass": ["n", "M"], "**": ["n", "kw"]}


def test_imports_say_how_sure_they_are(read: Read) -> None:
    """A typing-only import does not run, and an optional one may be missing without being a phantom."""
    facts = read(
        "import os.path, a.b as c\nfrom ..pkg import x as y, z\nfrom m import *\n"
        "if TYPE_CHECKING:\n    from t import T\nelse:\n    from u import U\n"
        "try:\n    import fast\nexcept ImportError:\n    import slow\n"
    )
    rows = [(each.module, each.level, each.name, each.bound) for each in facts.module.imports]
    assert rows[:5] == [
        ("os.path", 0, "", "os"),
        ("a.b", 0, "", "c"),
        ("pkg", 2, "x", "y"),
        ("pkg", 2, "z", "z"),
        ("m", 0, "*", ""),
    ]
    assert [each.bound for each in facts.module.imports if each.typing_only] == ["T"]
    assert [each.bound for each in facts.module.imports if each.optional] == ["fast", "slow"]


def test_statements_know_the_branch_they_stand_under(read: Read) -> None:
    """Code behind a flag that is off is wired dark; that is read from the conditions."""
    facts = read("def f():\n    if a():\n        b()\n    elif c:\n        d()\n    else:\n        e()\n    g()\n")
    found = symbol(facts, "f")
    under = {each.value[1][1]: each.under for each in found.body if each.value and each.value[0] == "c"}
    assert under == {"a": -1, "b": 0, "d": 2, "e": 3, "g": -1}
    assert [
        (each.test[-1] if each.test[0] == "n" else "a()", each.negated, each.outer) for each in found.conditions
    ] == [
        ("a()", False, -1),
        ("a()", True, -1),
        ("c", False, 1),
        ("c", True, 1),
    ]


def test_what_runs_only_as_a_program_is_marked(read: Read) -> None:
    """A function under the main guard is an entry of its own, not part of the import."""
    facts = read('def a(): pass\nif __name__ == "__main__":\n    def b(): pass\n    b()\n')
    assert {each.qualname: "main" in each.flags for each in facts.symbols} == {"": True, "a": False, "b": True}


def test_bindings_of_every_kind_are_kept(read: Read) -> None:
    """A name that is bound anywhere must not be looked up as an import or a builtin."""
    facts = read(
        "def f():\n    a = b = 1\n    c += 1\n    for d, *e in x: pass\n    with o() as g, lock: pass\n"
        "    if (h := y()): pass\n    try: pass\n    except (E, F) as i: pass\n"
        "    match z:\n        case P(q=1) as j: pass\n        case {'k': k, **l}: pass\n        case [m, *n]: pass\n"
    )
    bound = {
        (each.target[1] if each.target[0] == "n" else "d*e", each.how)
        for each in symbol(facts, "f").body
        if each.kind == "set" and each.target
    }
    assert bound == {
        ("a", ""), ("b", ""), ("c", "aug"), ("d*e", "for"), ("g", "with"), ("h", "walrus"), ("i", "except"),
        ("j", "case"), ("k", "case"), ("l", "case"), ("m", "case"), ("n", "case"),
    }  # fmt: skip


def test_names_of_outer_scopes_are_flagged(read: Read) -> None:
    """An assignment to a global belongs to the module, wherever it stands."""
    assert symbol(read("def f():\n    global a, b\n    a = 1\n"), "f").flags == ["global:a", "global:b"]


def test_strings_are_put_together_as_python_does(read: Read) -> None:
    """Routes are written as joined, formatted and escaped strings."""
    facts = read(
        'a = "x" r"\\d" "\\x41\\n"\nb = f"/i/{n:>{w}}/{{z}}" "t"\nc = "/p" + q + "/r"\nd = "%s/x" % (y,)\ne = b"x"\n'
        "f = f'{g(1)!r}{h = }'\n"
    )
    assert values(facts) == [
        ["s", "x\\dA\n"],
        ["f", [["s", "/i/"], ["n", "n"], ["n", "w"], ["s", "/{z}t"]]],
        ["f", [["s", "/p"], ["n", "q"], ["s", "/r"]]],
        ["f", [["s", "%s/x"], ["n", "y"]]],
        ["k", None],
        ["f", [["c", ["n", "g"], [["k", 1]], {}, 6], ["s", "h = "], ["n", "h"]]],
    ]


def test_comprehensions_keep_their_own_names_apart(read: Read) -> None:
    """The name of a loop inside brackets is no reference to a function of that name."""
    assert values(read("x = {k: f(v) for k, v in d.items() if v}\n")) == [
        [
            "g",
            [["d", [[["n", "k"], ["c", ["n", "f"], [["n", "v"]], {}, 1]]]]],
            [[["l", [["n", "k"], ["n", "v"]]], ["c", ["a", ["n", "d"], "items"], [], {}, 1]]],
            [["n", "v"]],
        ]
    ]


def test_what_a_function_gives_is_kept_and_generators_are_marked(read: Read) -> None:
    """Fixtures and dependencies give by yielding."""
    found = symbol(read("def f():\n    x = yield a()\n    yield from b\n    return c\n    return None\n"), "f")
    assert [(each.kind, each.how) for each in found.body] == [
        ("return", "yield"),
        ("set", ""),
        ("return", "yield from"),
        ("return", ""),
    ]
    assert found.flags == ["generator"]


@pytest.mark.parametrize(
    ("source", "exports"),
    [
        ('__all__ = ["a"]\n__all__ += ("b",)\n__all__.extend(["c"])\n', ["a", "b", "c"]),
        ("__all__ = []\n", []),
        ("__all__ = other.__all__ + ['x']\n", None),
        ("x = 1\n", None),
    ],
)
def test_exports_are_said_only_when_they_are_plain(read: Read, source: str, exports: list[str] | None) -> None:
    """A computed list of exports is unknown, not empty."""
    assert read(source).exports == exports


def test_numbers_that_json_cannot_say_are_null(read: Read) -> None:
    """The cache writes JSON; it must be the same text on every machine."""
    facts = read("a = 1e999\nb = -3\nc = 1j\nd = 0x10\ne = 99999999999999999999\nf = 1_0.5\n")
    assert [each[1] for each in values(facts)] == [None, -3, None, 16, None, 10.5]  # type: ignore[index]


def test_facts_survive_the_way_to_the_cache_and_back(read: Read) -> None:
    """Warm answers must equal cold ones, also in the order of keywords."""
    facts = read('def f(a: "T" = g(z=1, b=2)):\n    if a: return "\\ud800 \\u20ac"\n')
    content = facts_to_bytes(facts)
    assert facts_from_bytes(content) == facts
    assert facts_to_bytes(facts_from_bytes(content)) == content
    call = symbol(facts_from_bytes(content), "f").parameters[0].default
    assert call is not None
    assert list(call[3]) == ["z", "b"]


def test_languages_are_known_by_the_ending() -> None:
    """Stubs and notebooks count as read; a file without ending is nobody's."""
    paths = ["a/b.py", "a.pyi", "a.IPYNB", "x.ts", "x.tsx", "m.go", "Makefile", ".py", "a.txt"]
    assert [language_of(each) for each in paths] == [
        "python", "python", "notebook", "typescript", "tsx", "go", "", "", "",
    ]  # fmt: skip


def test_notebooks_are_read_by_their_python_cells() -> None:
    """Analysis code imports first-party functions too; magics are no syntax errors."""
    content = (
        b'{"cells": [{"cell_type": "markdown", "source": "# hi"}, {"cell_type": "code", "source": ["%pip install x\\n", '
        b'"import app\\n", "!ls"]}, {"cell_type": "code", "source": "app.run()"}], "metadata": {}}'
    )
    facts = extract("notebook", content)
    assert (facts.parser, facts.partial, [each.module for each in facts.module.imports]) == ("ast", False, ["app"])
    assert extract("notebook", b"[]").problem == "no readable notebook: it has no list of cells"
