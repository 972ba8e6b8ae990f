"""Linking again only what changed must give, byte for byte, what linking everything gives."""

from collections.abc import Mapping, Sequence

import pytest

from release_harness.steps.evidence.impact.facts import FileFacts
from release_harness.steps.evidence.impact.link.layers import Newest
from release_harness.steps.evidence.impact.link.linked import Linked, link
from release_harness.steps.evidence.impact.tree import SourceTree

BASE = {
    "app/__init__.py": "",
    "app/models.py": "class User:\n    def save(self): ...\n    name = ''\n\ndef find():\n    return User()\n",
    "app/views.py": "from app.models import find\ndef page():\n    find().save()\n",
    "app/other.py": "from app import models\ndef f():\n    return models.LIMIT\n",
    "app/alone.py": "def g(): ...\n",
    "app/held.py": "class A: ...\nclass B:\n    made = A()\n",
    "app/holds.py": "from app.held import B\ndef h():\n    B.made.run()\n",
    "app/table.py": "HOOKS = []\ndef register(it):\n    HOOKS.append(it)\n",
    "app/fills.py": "from app.table import register\ndef hook(): ...\nregister(hook)\n",
    "app/star.py": "from app.models import *\nx = User()\n",
    "app/templates/page.html": "{{ user.save() }}{% macro m(x) %}{{ x|f }}{% endmacro %}",
}


class Kept:
    """A cache in memory."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], bytes] = {}

    def get_many(self, kind: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is kept under these names."""
        return {name: self.rows[kind, name] for name in names if (kind, name) in self.rows}

    def put_many(self, kind: str, contents: Mapping[str, bytes]) -> None:
        """Keep these contents."""
        self.rows.update({(kind, name): content for name, content in contents.items()})


class Remembering(SourceTree):
    """A tree that still knows the facts of an earlier one."""

    def __init__(self, sources: Mapping[str, str], earlier: SourceTree) -> None:
        super().__init__(sources)
        self._earlier = earlier

    def earlier_facts(self, path: str, blob: str) -> FileFacts | None:
        """Return what the earlier tree knew of a file with these bytes."""
        return self._earlier.facts(path) if self._earlier.blobs.get(path) == blob else None


def warm(cache: Kept, changed: Mapping[str, str | None], *, remembers: bool = True) -> tuple[Linked, Linked]:
    """Return the change linked from what is kept, and linked anew."""
    first = SourceTree(BASE)
    link(first, cache=cache)
    sources = {path: text for path, text in {**BASE, **changed}.items() if text is not None}
    tree = Remembering(sources, first) if remembers else SourceTree(sources)
    return link(tree, cache=cache), link(SourceTree(sources))


CHANGES: dict[str, tuple[dict[str, str | None], set[str]]] = {
    "nothing": ({}, set()),
    "a page": ({"app/templates/page.html": "{% extends 'b.html' %}{{ other }}"}, {"app/templates/page.html"}),
    "a page that went": ({"app/templates/page.html": None}, {"app/templates/page.html"}),
    "a body": ({"app/alone.py": "def g():\n    print(1)\n"}, {"app/alone.py"}),
    "lines only": ({"app/models.py": "# new\n" + BASE["app/models.py"]}, {"app/models.py"}),
    "what a function returns": (
        {"app/models.py": BASE["app/models.py"].replace("return User()", "return None")},
        {"app/models.py", "app/views.py"},
    ),
    "a name that was missing": (
        {"app/models.py": BASE["app/models.py"] + "LIMIT = 3\n"},
        {"app/models.py", "app/other.py"},
    ),
    "a method that was renamed": (
        {"app/models.py": BASE["app/models.py"].replace("save", "store")},
        {"app/models.py", "app/views.py"},
    ),
    "a module that went": ({"app/models.py": None}, {"app/models.py", "app/views.py", "app/other.py", "app/star.py"}),
    "a module that came": ({"app/models/__init__.py": "class User: ...\n", "app/models.py": None}, {"app/views.py"}),
    "a new source root": ({"src/lib/__init__.py": "", "src/lib/a.py": "x = 1\n"}, {"src/lib/a.py"}),
    "a field that nobody reads": (
        {"app/models.py": BASE["app/models.py"].replace("name = ''", "name = 'no'")},
        {"app/models.py"},
    ),
    "a local that is returned": (
        {
            "app/models.py": BASE["app/models.py"].replace(
                "    return User()", "    found = User() if LIMIT else None\n    return found"
            )
        },
        {"app/models.py", "app/views.py"},
    ),
    "a name of a class body that hid a module's": (
        {"app/held.py": "class A: ...\nclass B:\n    A = int\n    made = A()\n"},
        {"app/held.py", "app/holds.py"},
    ),
    "a table that a function fills": (
        {"app/table.py": BASE["app/table.py"].replace("HOOKS.append(it)", "print(it)")},
        {"app/table.py", "app/fills.py"},
    ),
    "an export list": ({"app/models.py": "__all__ = ['find']\n" + BASE["app/models.py"]}, {"app/star.py"}),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_warm_run_says_what_a_cold_run_says(name: str) -> None:
    """Otherwise the answer would depend on what somebody looked at before."""
    changed, at_least = CHANGES[name]
    found, expected = warm(Kept(), changed)
    assert found.to_bytes() == expected.to_bytes()
    assert at_least <= found.relinked


@pytest.mark.parametrize(
    "text",
    [
        BASE["app/models.py"] + "# a word\n\n\ndef unused(): ...\n",
        BASE["app/models.py"].replace("name = ''", "name = 'no'"),
        BASE["app/models.py"].replace("return User()", "print('found')\n    return User()"),
    ],
    ids=["a new function", "a field", "a statement beside what is returned"],
)
def test_files_that_read_nothing_that_changed_are_left_alone(text: str) -> None:
    """A typical commit has to be linked in a fraction of a second, however large the repository is."""
    found, _ = warm(Kept(), {"app/models.py": text})
    assert found.relinked == {"app/models.py"}


def test_without_the_earlier_facts_everybody_who_read_the_file_is_linked_again() -> None:
    """What cannot be compared counts as changed."""
    found, expected = warm(Kept(), {"app/models.py": BASE["app/models.py"] + "\n"}, remembers=False)
    assert found.relinked == {"app/models.py", "app/views.py", "app/other.py", "app/star.py"}
    assert found.to_bytes() == expected.to_bytes()


@pytest.mark.parametrize("harm", [b"", b"rh-link\n", b"rh-link\n" + bytes(60), b"\xff" * 300])
def test_a_damaged_snapshot_is_made_anew(harm: bytes) -> None:
    """What is kept is never trusted further than it can be read."""
    cache = Kept()
    link(SourceTree(BASE), cache=cache)
    cache.rows = dict.fromkeys(cache.rows, harm)
    found = link(SourceTree(BASE), cache=cache)
    assert found.relinked == set(BASE)
    assert found.to_bytes() == link(SourceTree(BASE)).to_bytes()


def test_a_snapshot_that_was_cut_is_made_anew() -> None:
    """A disk can be full in the middle of a write."""
    cache = Kept()
    link(SourceTree(BASE), cache=cache)
    for size in (40, 200, 900):
        kept = {name: content[:-size] for name, content in cache.rows.items()}
        cache.rows = kept
        assert link(SourceTree(BASE), cache=cache).to_bytes() == link(SourceTree(BASE)).to_bytes()


WEB = {
    "web/a.js": "import { f } from './b'\nexport function page() { return f() }\n",
    "web/b.js": "export { f } from './c'\n",
    "web/c.js": "export function f() { return 1 }\n",
    "web/alone.js": "export function other() { return 2 }\n",
    "web/aliased.ts": "import { f } from '@shop/c'\nexport const g = () => f()\n",
    "web/top.js": "import { g } from './aliased'\ng()\n",
    "README.md": "words",
}


@pytest.mark.parametrize(
    ("changed", "relinked"),
    [
        ({"web/c.js": "export function g() { return 1 }\n"}, {"web/a.js", "web/b.js", "web/c.js"}),
        ({"web/alone.js": "export const other = 3\n"}, {"web/alone.js"}),
        ({"README.md": "other words"}, set()),
        ({"web/new.js": "export const x = 3\n"}, {"web/new.js"}),
        ({"web/b.ts": "export { f } from './c'\n"}, {"web/b.ts", "web/a.js"}),
        ({"web/package.json": "{}"}, set()),
        ({"tsconfig.json": '{"compilerOptions": {"paths": {"@shop/*": ["web/*"]}}}'}, {"web/aliased.ts", "web/top.js"}),
    ],
)
def test_a_change_of_the_frontend_links_again_who_imports_it(changed: dict[str, str], relinked: set[str]) -> None:
    """What a module of JavaScript means depends on what it imports, however many steps away."""
    pytest.importorskip("tree_sitter_javascript")
    cache = Kept()
    link(SourceTree(WEB), cache=cache)
    found = link(SourceTree({**WEB, **changed}), cache=cache)
    assert found.relinked == relinked
    assert found.to_bytes() == link(SourceTree({**WEB, **changed})).to_bytes()


GO = {
    "go.mod": "module example.com/shop\n\ngo 1.22\n",
    "store/store.go": "package store\ntype Store struct{}\nfunc New() *Store { return &Store{} }\nfunc (s *Store) Save(name string) bool {\n\treturn true\n}\n",
    "web/web.go": 'package web\nimport "example.com/shop/store"\nfunc Page() {\n\ts := store.New()\n\ts.Save("x")\n}\n',
    "web/other.go": "package web\nfunc other() { Page() }\n",
}


@pytest.mark.parametrize(
    ("old", "new", "relinked"),
    [
        ("\treturn true\n", "\tlocal := 3\n\treturn local > 2\n", {"store/store.go"}),
        ("Save(name string)", "Save(name string, twice int)", {"store/store.go", "web/web.go", "web/other.go"}),
        ("Save(", "Store(", {"store/store.go", "web/web.go", "web/other.go"}),
        ("*Store { return", "*Other { return", {"store/store.go", "web/web.go", "web/other.go"}),
    ],
)
def test_what_a_function_does_links_nobody_else_again(old: str, new: str, relinked: set[str]) -> None:
    """Most changes stay within functions; what nobody else can read must not cost a whole linking of its language."""
    pytest.importorskip("tree_sitter_go")
    cache, first = Kept(), SourceTree(GO)
    link(first, cache=cache)
    sources = {**GO, "store/store.go": GO["store/store.go"].replace(old, new)}
    found = link(Remembering(sources, first), cache=cache)
    assert found.relinked == relinked
    assert found.to_bytes() == link(SourceTree(sources)).to_bytes()


def test_trees_that_are_looked_at_together_begin_with_the_one_before() -> None:
    """The two sides of a change differ by the change alone, however far both are from what was kept."""
    cache, newest, first = Kept(), Newest(), SourceTree(BASE)
    link(first, cache=cache)
    base = {**BASE, "app/models.py": BASE["app/models.py"].replace("save", "store")}
    head = {**base, "app/alone.py": "def g(): print(1)\n", "app/new.py": "from app.models import find\nfind()\n"}
    head.pop("app/other.py")
    trees = [Remembering(base, first)]
    assert link(trees[0], cache=cache, newest=newest).relinked >= {"app/models.py", "app/views.py"}
    trees.append(Remembering(head, trees[0]))
    found = link(trees[1], cache=cache, newest=newest)
    assert found.relinked == {"app/alone.py", "app/new.py", "app/other.py"}
    assert found.to_bytes() == link(SourceTree(head)).to_bytes()
    again = link(Remembering(base, trees[1]), cache=cache, newest=newest)
    assert again.relinked == found.relinked
    assert again.to_bytes() == link(SourceTree(base)).to_bytes()


def test_a_tree_far_from_what_was_kept_is_kept_itself() -> None:
    """Otherwise every later question would link the same files again."""
    pages = {
        f"app/page{number}.py": f"from app.models import find\ndef page{number}(): find()\n" for number in range(80)
    }
    cache, first = Kept(), SourceTree({**BASE, **pages})
    link(first, cache=cache)
    moved = {**BASE, **pages, "app/models.py": BASE["app/models.py"].replace("return User()", "return None")}
    tree = Remembering(moved, first)
    assert len(link(tree, cache=cache).relinked) > len(pages)
    assert link(Remembering(moved, tree), cache=cache).relinked == frozenset()
    assert link(Remembering(moved, tree), cache=cache).to_bytes() == link(SourceTree(moved)).to_bytes()


def test_what_lies_over_a_snapshot_is_kept_too() -> None:
    """A branch that moves on would otherwise link all its earlier changes again with every question."""
    cache, first = Kept(), SourceTree(BASE)
    link(first, cache=cache)
    moved = {**BASE, "app/alone.py": "def g(): print(1)\n", "app/new.py": "from app.other import f\n"}
    moved.pop("app/star.py")
    tree = Remembering(moved, first)
    assert link(tree, cache=cache).relinked == {"app/alone.py", "app/new.py", "app/star.py"}
    found = link(Remembering(moved, tree), cache=cache)
    assert found.relinked == frozenset()
    assert found.to_bytes() == link(SourceTree(moved)).to_bytes()


@pytest.mark.parametrize("harm", [b"", b"[]", b'["", {}, [], [], {}]', b'["", 1, 2, 3, 4]', b"\xff", b"[" * 90_000])
def test_a_damaged_layer_leaves_the_snapshot(harm: bytes) -> None:
    """What is kept is never trusted further than it can be read."""
    cache, first = Kept(), SourceTree(BASE)
    link(first, cache=cache)
    moved = {**BASE, "app/alone.py": "def g(): print(1)\n"}
    link(Remembering(moved, first), cache=cache)
    cache.rows.update({key: harm for key in cache.rows if key[1].startswith("over:")})
    found = link(Remembering(moved, first), cache=cache)
    assert found.relinked == {"app/alone.py"}
    assert found.to_bytes() == link(SourceTree(moved)).to_bytes()
