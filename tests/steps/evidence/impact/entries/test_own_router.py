"""Routers that a repository wrote itself, and declared patterns."""

from collections.abc import Mapping, Sequence
from typing import Any

from release_harness.steps.evidence.impact.entries.own_router import DeclaredPatterns, OwnRouter
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link, link_sources
from release_harness.steps.evidence.impact.tree import SourceTree
from release_harness.steps.evidence.model.impact import EntryPoint


def declared(patterns: Sequence[Mapping[str, Any]], sources: Mapping[str, str]) -> dict[str, EntryPoint]:
    """Return the entries that declared patterns find, by their keys."""
    frameworks = (DeclaredPatterns(),)
    linked = link(SourceTree(sources), frameworks, declared=patterns)
    return {each.key: each for found in discover(linked, frameworks) for each in found.entries}


def test_a_function_that_keeps_a_handler_beside_its_address_is_a_registrar() -> None:
    """An application with its own router has no framework to ask; its own function is the framework."""
    frameworks = (OwnRouter(),)
    linked = link_sources({
        "app.py": "from views import IndexView, table\ndef routes():\n    found = []\n"
        "    def add_route(view, regex):\n        found.append((regex, view))\n"
        "    add_route(IndexView.as_view(1), r'/index$')\n    add_route(table, '/table')\n    return found\n"
        "def add_label(text, path): print(text, path)\nadd_label(table, '/no')\n",
        "views.py": "class IndexView:\n    @classmethod\n    def as_view(cls, x): ...\ndef table(r): ...\n",
    }, frameworks)  # fmt: skip
    (found,) = discover(linked, frameworks)
    assert {each.name: each.handler for each in found.entries} == {
        "ANY /index": "views.py:IndexView", "ANY /table": "views.py:table",
    }  # fmt: skip


def test_declared_decorators_calls_and_classes_become_entries() -> None:
    """What no adapter knows, the project can say itself; otherwise its own dispatch stays invisible."""
    found = declared(
        [
            {"kind": "event", "decorator": "bus.on", "name_from": "argument 0"},
            {
                "kind": "http",
                "call": "bus.expose",
                "handler": "argument 1",
                "name_from": "argument 0",
                "name": "GET {}",
            },
            {"kind": "consumer", "class": "bus.Consumer", "handler": "method:handle", "name_from": "attribute: topic"},
        ],
        {
            "bus.py": "def on(name): return lambda f: f\ndef expose(path, f): ...\nclass Consumer:\n    def handle(self): ...\n",
            "app.py": "import bus\nfrom bus import on, Consumer\nfrom other import on as not_ours\n"
            "@on('paid')\ndef paid(e): ...\n@not_ours('x')\ndef no(): ...\ndef page(r): ...\nbus.expose('/page', page)\n"
            "class Mail(Consumer):\n    topic = 'mail'\n    def handle(self): ...\n",
            "other.py": "def on(name): return lambda f: f\n",
        },
    )
    assert {key: each.handler for key, each in found.items()} == {
        "event paid": "app.py:paid", "http GET /page": "app.py:page", "consumer mail": "app.py:Mail.handle",
    }  # fmt: skip
