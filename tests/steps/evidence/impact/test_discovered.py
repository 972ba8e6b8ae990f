"""Entry points that are taken over from an earlier tree must be those that looking anew finds."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import pytest

from release_harness.steps.evidence.impact.discovered import Discovered
from release_harness.steps.evidence.impact.discovery_rows import from_row, to_row
from release_harness.steps.evidence.impact.entries.contract import Around, Discovery, HookEdge, TextName, TextUse
from release_harness.steps.evidence.impact.entries.registry import FRAMEWORKS, discover
from release_harness.steps.evidence.impact.link.layers import Newest
from release_harness.steps.evidence.impact.link.linked import link
from release_harness.steps.evidence.impact.tree import SourceTree
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint, Guard

BASE = {
    "pyproject.toml": '[project.scripts]\ntool = "shop.cli:main"\n',
    "shop/__init__.py": "",
    "shop/cli.py": "import click\n@click.command()\ndef main(): ...\n",
    "shop/guards.py": "from functools import wraps\ndef login_required(f):\n    @wraps(f)\n    def inner():\n        abort(401)\n"
    "    return inner\nPREFIX = '/shop'\n",
    "shop/views.py": "from flask import Blueprint\nfrom shop.guards import login_required, PREFIX\n"
    "bp = Blueprint('shop', __name__, url_prefix=PREFIX)\n@bp.route('/cart')\n@login_required\ndef cart():\n    helper()\n"
    "def helper():\n    return 1\n",
    "shop/app.py": "from flask import Flask\nfrom shop.views import bp\napp = Flask(__name__)\napp.register_blueprint(bp)\n",
    "shop/pages.py": "from flask.views import MethodView\nfrom shop.app import app\nclass Own(MethodView): ...\n"
    "class Page(Own):\n    def get(self): ...\napp.add_url_rule('/page', view_func=Page.as_view('page'))\n",
    "shop/far.py": "def unrelated(): ...\n",
    "web/app.js": "import axios from 'axios';\nexport function load() { return axios.get('/shop/cart'); }\n",
}


class Kept:
    """A cache in memory, which counts what is written."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], bytes] = {}
        self.written: list[str] = []

    def get_many(self, kind: str, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is kept under these names."""
        return {name: self.rows[kind, name] for name in names if (kind, name) in self.rows}

    def put_many(self, kind: str, contents: Mapping[str, bytes]) -> None:
        """Keep these contents."""
        self.rows.update({(kind, name): content for name, content in contents.items()})
        self.written += [name for name in contents if kind == "entries"]


class Remembering(SourceTree):
    """A tree that still knows the facts of an earlier one."""

    def __init__(self, sources: Mapping[str, str], earlier: SourceTree) -> None:
        super().__init__(sources)
        self._earlier = earlier

    def earlier_facts(self, path: str, blob: str) -> object:
        """Return what the earlier tree knew of a file with these bytes."""
        return self._earlier.facts(path) if self._earlier.blobs.get(path) == blob else None


CHANGES: Mapping[str, Mapping[str, str | None]] = {
    "nothing that is looked at": {"shop/far.py": "def unrelated():\n    return 2\n"},
    "a body below a route": {"shop/views.py": BASE["shop/views.py"].replace("return 1", "return 2")},
    "lines that move": {"shop/views.py": "# a line\n" + BASE["shop/views.py"]},
    "the code of a guard": {"shop/guards.py": BASE["shop/guards.py"].replace("abort(401)", "pass")},
    "a prefix in another file": {"shop/guards.py": BASE["shop/guards.py"].replace("/shop", "/store")},
    "a guard that goes": {"shop/views.py": BASE["shop/views.py"].replace("@login_required\n", "")},
    "a router that is mounted no more": {"shop/app.py": "from flask import Flask\napp = Flask(__name__)\n"},
    "a method of a base": {
        "shop/pages.py": BASE["shop/pages.py"].replace(
            "Own(MethodView): ...", "Own(MethodView):\n    def post(self): ..."
        )
    },
    "a base that is another": {
        "shop/pages.py": BASE["shop/pages.py"].replace("class Page(Own)", "class Page(MethodView)")
    },
    "a script": {"pyproject.toml": '[project.scripts]\nother = "shop.cli:main"\n'},
    "a file that goes": {"shop/guards.py": None},
    "a file that comes": {"shop/more.py": "from shop.app import app\n@app.route('/more')\ndef more(): ...\n"},
    "the first of a framework": {"shop/tasks.py": "from celery import shared_task\n@shared_task\ndef work(): ...\n"},
    "a client that asks": {"web/app.js": BASE["web/app.js"].replace("/shop/cart", "/page")},
    "a module that hides another": {"shop/guards/__init__.py": "PREFIX = '/other'\ndef login_required(f): return f\n"},
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("between_commands", [False, True])
def test_what_is_taken_over_is_what_looking_anew_finds(name: str, *, between_commands: bool) -> None:
    """A route that the base had and the head has not would be the worst answer of all."""
    sources = {path: text for path, text in {**BASE, **CHANGES[name]}.items() if text is not None}
    cache, newest = Kept(), Newest()
    first = SourceTree(BASE)
    discovered = Discovered(cache)
    discovered.discover(link(first, FRAMEWORKS, cache, newest=newest), FRAMEWORKS)
    if between_commands:
        discovered, newest = Discovered(cache), Newest()
    linked = link(Remembering(sources, first), FRAMEWORKS, cache, newest=newest)
    assert linked.since is not None
    anew = discover(link(SourceTree(sources), FRAMEWORKS), FRAMEWORKS)
    assert discovered.discover(linked, FRAMEWORKS) == anew
    assert Discovered(cache).discover(linked, FRAMEWORKS) == anew


def test_nothing_is_looked_for_again_where_nothing_moved() -> None:
    """The work for a commit is that of what the commit changes: the tree alone is written, which names what it has."""
    cache = Kept()
    first = SourceTree(BASE)
    Discovered(cache).discover(link(first, FRAMEWORKS, cache), FRAMEWORKS)
    cache.written.clear()
    changed = Remembering(
        {**BASE, **{path: text for path, text in CHANGES["nothing that is looked at"].items() if text}}, first
    )
    Discovered(cache).discover(link(changed, FRAMEWORKS, cache), FRAMEWORKS)
    assert len(cache.written) == 1


def test_what_is_damaged_is_looked_for_again() -> None:
    """The cache is no part of the answer."""
    cache = Kept()
    linked = link(SourceTree(BASE), FRAMEWORKS, cache)
    whole = Discovered(cache).discover(linked, FRAMEWORKS)
    for content in (b"", b"[]", b"{}", b"[[1], [2]]", b'{"found": {"Flask": "gone"}}', b'["x"]'):
        for key in [each for each in cache.rows if each[0] == "entries"]:
            cache.rows[key] = content
        assert Discovered(cache).discover(linked, FRAMEWORKS) == whole


def test_every_field_of_a_discovery_comes_back() -> None:
    """A field that was forgotten would be empty in the second answer and not in the first."""
    guard = Guard(name="g", source="decorator", symbol="a.py:g", path="a.py", line=1, weak=True, when="X", read=False)
    entry = EntryPoint(
        kind="http", name="GET /", framework="F", handler="a.py:f", path="a.py", line=2, receiver="a.py:C", guards=(guard,),
        guards_known=False, flags=("x",), tables=("t",), hosts=("h",), mounted=None, registered_on="a.py:r",
        why_not_mounted="because", confidence=Confidence.LOW, owners=("@o",),
    )  # fmt: skip
    found = Discovery(
        framework="F",
        entries=(entry,),
        edges=(HookEdge("a.py:f", "a.py:g", Confidence.MEDIUM, "why", 3, asynchronous=True, receiver="a.py:C"),),
        around=(
            Around("a.py:m", "stands around", frozenset({"http GET /"}), frozenset({("a.py", 4)})),
            Around("a.py:n", "too"),
        ),
        names=(TextName("a.py:f", "text\ud800", TextUse.IN_TEMPLATE),),
        unknown=("what",),
        handed=(("a.py:f", "a.py", 5),),
    )
    assert from_row(to_row(found)) == found
    row = to_row(found)
    assert len(row) == len(fields(Discovery))
    assert len(row[1][0]) == len(fields(EntryPoint))
    assert len(row[1][0][7][0]) == len(fields(Guard))
