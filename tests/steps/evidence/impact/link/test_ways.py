"""How ways are walked: receivers, later work, registries, families, and what is dropped with its count."""

import pytest

from release_harness.steps.evidence.impact.entries.contract import Discovery, HookEdge
from release_harness.steps.evidence.impact.graph import Node, Reached, ReferenceGraph
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence

HIGH, LOW = Confidence.HIGH, Confidence.LOW


def graph_of(**files: str) -> ReferenceGraph:
    """Link files named `a` for `a.py`, `pkg__mod` for `pkg/mod.py`."""
    return link_sources({f"{name.replace('__', '/')}.py": source for name, source in files.items()}).graph()


def reach(graph: ReferenceGraph, target: str, seed: str, receiver: str = "") -> Reached | None:
    """Return the best way from a target to a seed."""
    node = Node(target, receiver)
    return graph.reaching([seed], [node]).get((node, seed))


MUTATIONS = """
class Base:
    @classmethod
    def mutate(cls):
        return cls.perform()
    @classmethod
    def perform(cls): ...
class One(Base):
    @classmethod
    def perform(cls):
        first()
class Two(Base):
    @classmethod
    def perform(cls):
        second()
def first(): ...
def second(): ...
"""


def test_a_template_method_does_not_join_its_subclasses() -> None:
    """Without receivers, every change under one mutation would touch all of them."""
    graph = graph_of(a=MUTATIONS)
    assert reach(graph, "a.py:Base.mutate", "a.py:first", "a.py:One") is not None
    assert reach(graph, "a.py:Base.mutate", "a.py:first", "a.py:Two") is None
    found = reach(graph, "a.py:Base.mutate", "a.py:second", "a.py:Two")
    assert found is not None
    assert found.confidence is HIGH


def test_a_task_that_is_enqueued_is_an_asynchronous_hop() -> None:
    """The work continues later, in another process: a test of the request alone does not run it."""
    graph = graph_of(
        a="from celery import shared_task\n@shared_task\ndef work():\n    g()\ndef g(): ...\ndef f():\n    work.delay()\n"
    )
    found = reach(graph, "a.py:f", "a.py:g")
    assert found is not None
    assert found.asynchronous
    assert found.way[0].reason == "enqueues"


def test_a_function_given_to_a_queue_is_an_asynchronous_hop() -> None:
    """`queue.enqueue(work)` runs it later, like `work.delay()`."""
    graph = graph_of(a="def work(): ...\ndef f(queue):\n    queue.enqueue(work, 1)\n")
    found = reach(graph, "a.py:f", "a.py:work")
    assert found is not None
    assert found.asynchronous


def test_a_registry_leads_to_its_handlers_only_as_a_guess_from_functions() -> None:
    """A function that mentions the application object does not run all of its handlers."""
    graph = graph_of(
        a="from flask import Flask\napp = Flask('a')\n@app.route('/')\ndef page(): ...\ndef f():\n    return app.url_map\n"
    )
    found = reach(graph, "a.py:f", "a.py:page")
    assert found is not None
    assert found.confidence is LOW


def test_a_class_that_handles_reaches_through_all_its_members() -> None:
    """Class-based handlers are often registered as a class; which method runs is the framework's choice."""
    graph = graph_of(a="class View:\n    def get(self):\n        g()\ndef g(): ...\n")
    found = reach(graph, "a.py:View", "a.py:g")
    assert found is not None
    assert found.confidence is HIGH


def test_edges_of_frameworks_are_walked_too() -> None:
    """A signal leads to its receivers, which no name in the sender tells."""
    linked = link_sources({"a.py": "def send(): ...\ndef receive(): ...\n"})
    edge = HookEdge("a.py:send", "a.py:receive", HIGH, "sends the signal", 1, asynchronous=True)
    graph = linked.graph([Discovery(framework="x", edges=(edge,))])
    found = reach(graph, "a.py:send", "a.py:receive")
    assert found is not None
    assert found.asynchronous


def test_the_surest_way_is_told_before_a_shorter_guess() -> None:
    """A long certain way says more than a short guess."""
    source = (
        "class C:\n    def rebuild(self): ...\ndef g(c: C):\n    c.rebuild()\ndef f(x):\n    x.rebuild()\n    g(C())\n"
    )
    found = reach(graph_of(a=source), "a.py:f", "a.py:C.rebuild")
    assert found is not None
    assert found.confidence is HIGH
    assert found.length == 2


def test_calls_that_lead_nowhere_are_counted() -> None:
    """Silent zero is impossible only when what could not be followed is told."""
    graph = graph_of(a="def f(x):\n    x.save()\n    x.rebuild()\n    print(1)\n")
    assert graph.calls_count == 3
    assert graph.unresolved_calls_count == 2
    assert graph.dropped == {"names of the stop list": 1}


def test_a_name_with_too_many_definers_is_dropped_and_counted() -> None:
    """Thirteen unrelated classes with one method name say nothing about a call of it."""
    many = "".join(f"class C{number}:\n    def rebuild(self): ...\n" for number in range(13))
    graph = graph_of(a=many + "def f(x):\n    x.rebuild()\n")
    assert reach(graph, "a.py:f", "a.py:C3.rebuild") is None
    assert any("more than 12 definers" in cause for cause in graph.dropped)


def test_one_virtual_family_is_followed_however_large() -> None:
    """All definers override one method, so a call of it means one of them."""
    many = "".join(f"class C{number}(Base):\n    def rebuild(self): ...\n" for number in range(13))
    graph = graph_of(a="class Base:\n    def rebuild(self): ...\n" + many + "def f(x):\n    x.rebuild()\n")
    found = reach(graph, "a.py:f", "a.py:C3.rebuild")
    assert found is not None
    assert found.confidence is LOW


def test_methods_of_tests_do_not_make_a_name_common() -> None:
    """One helper of a test hid from every plug-in of a family who calls it."""
    many = "".join(f"class C{number}(Base):\n    def notify(self): ...\n" for number in range(13))
    linked = link_sources(
        {
            "a.py": "class Base:\n    def notify(self): ...\n" + many + "def f(x):\n    x.notify()\n",
            "b.py": "class One:\n    def notify(self): ...\nclass Two:\n    def notify(self): ...\n",
            "tests/test_a.py": "class TestA:\n    def notify(self): ...\n",
        }
    )
    assert reach(linked.graph(), "a.py:f", "a.py:C3.notify") is not None


def test_a_search_that_was_cut_short_says_why() -> None:
    """Nothing was found and nothing is there are two answers."""
    many = "".join(f"class C{number}:\n    def rebuild(self): ...\n    def save(self): ...\n" for number in range(13))
    graph = graph_of(a=many + "def alone(): ...\ndef f(x):\n    x.rebuild()\n    x.save()\n")
    assert graph.cut_short("a.py:C3.rebuild") == "13 classes have a method `rebuild`"
    assert graph.cut_short("a.py:C3.save") == "`save` is a method of many things"
    assert graph.cut_short("a.py:alone") == ""


def test_the_edges_around_a_symbol_can_be_listed() -> None:
    """Whoever doubts a way must be able to look one edge further."""
    graph = graph_of(a="def g(): ...\ndef f():\n    g()\n")
    assert [each.source.symbol for each in graph.referrers("a.py:g")] == ["a.py:f"]
    assert [each.target.symbol for each in graph.references("a.py:f")] == ["a.py:g"]


def test_bare_names_of_another_language_mean_something_else() -> None:
    """A method of the frontend is not called by Python code that happens to use its name."""
    pytest.importorskip("tree_sitter_javascript")
    graph = link_sources(
        {"a.py": "def f(x):\n    x.rebuild()\n", "b.js": "export class C {\n  rebuild() { return 1 }\n}\n"}
    ).graph()
    assert reach(graph, "a.py:f", "b.js:C.rebuild") is None


def test_bare_names_of_a_program_beside_mean_something_else() -> None:
    """A front end and a server of one repository share libraries; none runs the methods of the other."""
    pytest.importorskip("tree_sitter_typescript")
    named = "export class C {\n  rebuild() { return 1 }\n}\n"
    graph = link_sources(
        {
            "apps/api/src/a.ts": "export function f(x) {\n  x.rebuild()\n}\n",
            "apps/client/src/b.ts": named,
            "libs/common/src/c.ts": named,
        }
    ).graph()
    assert reach(graph, "apps/api/src/a.ts:f", "apps/client/src/b.ts:C.rebuild") is None
    assert reach(graph, "apps/api/src/a.ts:f", "libs/common/src/c.ts:C.rebuild") is not None


def test_nobody_asks_an_object_for_its_constructor() -> None:
    """Every class has one, so that its name told nothing, and the answer was not known."""
    pytest.importorskip("tree_sitter_typescript")
    many = "".join(f"export class C{number} {{\n  constructor() {{ go({number}) }}\n}}\n" for number in range(13))
    graph = link_sources({"a.ts": many + "export function f(x) {\n  return x.constructor()\n}\n"}).graph()
    assert reach(graph, "a.ts:f", "a.ts:C3.constructor") is None
    assert graph.cut_short("a.ts:C3.constructor") == ""
