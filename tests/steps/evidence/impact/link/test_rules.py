"""Every rule of references: found with its confidence and reason, and a near miss that must not be found."""

import pytest

from release_harness.steps.evidence.impact.graph import Node, Reached, ReferenceGraph
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW


def graph_of(**files: str) -> ReferenceGraph:
    """Link files named `a` for `a.py`, `pkg__mod` for `pkg/mod.py`."""
    return link_sources({f"{name.replace('__', '/')}.py": source for name, source in files.items()}).graph()


def reach(graph: ReferenceGraph, target: str, seed: str, receiver: str = "") -> Reached | None:
    """Return the best way from a target to a seed."""
    node = Node(target, receiver)
    return graph.reaching([seed], [node]).get((node, seed))


FOUND = {
    "a call of an imported function": (
        {"a": "from b import g as h\ndef f():\n    return h()\n", "b": "def g(): ...\n"},
        ("a.py:f", "b.py:g", HIGH, "refers to"),
    ),
    "a function that is handed on without being called": (
        {"a": "from b import g\ndef f():\n    return map(g, [])\n", "b": "def g(): ...\n"},
        ("a.py:f", "b.py:g", HIGH, "refers to"),
    ),
    "a method of a typed parameter": (
        {"a": "class C:\n    def m(self): ...\ndef f(x: 'C | None'):\n    x.m()\n"},
        ("a.py:f", "a.py:C.m", HIGH, "uses the member"),
    ),
    "a method of what a factory returns": (
        {"a": "class C:\n    def m(self): ...\ndef make():\n    c = C()\n    return c\ndef f():\n    make().m()\n"},
        ("a.py:f", "a.py:C.m", HIGH, "uses the member"),
    ),
    "a method of an attribute that the constructor sets": (
        {
            "a": "class C:\n    def m(self): ...\nclass D:\n    def __init__(self):\n        self.c = C()\n    def f(self):\n        self.c.m()\n"
        },
        ("a.py:D.f", "a.py:C.m", HIGH, "uses the member"),
    ),
    "a method of what a loop over a typed list gives": (
        {"a": "class C:\n    def m(self): ...\ndef f(x: list[C]):\n    for c in x:\n        c.m()\n"},
        ("a.py:f", "a.py:C.m", HIGH, "uses the member"),
    ),
    "a method of what a context manager gives": (
        {
            "a": "from contextlib import contextmanager\nclass C:\n    def m(self): ...\n@contextmanager\ndef opened():\n    yield C()\n"
            "def f():\n    with opened() as c:\n        c.m()\n"
        },
        ("a.py:f", "a.py:C.m", HIGH, "uses the member"),
    ),
    "the constructor of a class that is used": (
        {"a": "class C:\n    def __init__(self): ...\ndef f():\n    C()\n"},
        ("a.py:f", "a.py:C.__init__", HIGH, "runs as a special method of the class"),
    ),
    "a method of the base through super": (
        {"a": "class B:\n    def m(self): ...\nclass C(B):\n    def m(self):\n        super().m()\n"},
        ("a.py:C.m", "a.py:B.m", HIGH, "uses the member of its base"),
    ),
    "a default of a parameter": (
        {"a": "def g(): ...\ndef f(x=g): ...\n"},
        ("a.py:f", "a.py:g", HIGH, "has as default"),
    ),
    "a dependency inside an annotation's alias": (
        {
            "a": "from typing import Annotated\nfrom fastapi import Depends\ndef g(): ...\nUser = Annotated[int, Depends(g)]\ndef f(u: User): ...\n"
        },
        ("a.py:f", "a.py:g", HIGH, "refers to"),
    ),
    "a decorator that wraps": (
        {"a": "def g(x): ...\n@g\ndef f(): ...\n"},
        ("a.py:f", "a.py:g", HIGH, "is decorated by"),
    ),
    "a nested function": (
        {"a": "def f():\n    def g(): ...\n    return g\n"},
        ("a.py:f", "a.py:f.<locals>.g", HIGH, "defines inside"),
    ),
    "a constant": (
        {"a": "LIMIT = 3\ndef f():\n    return LIMIT\n"},
        ("a.py:f", "a.py:LIMIT", HIGH, "refers to"),
    ),
    "a constant of another module through the module": (
        {"a": "import b\ndef f():\n    return b.LIMIT\n", "b": "LIMIT = 3\n"},
        ("a.py:f", "b.py:LIMIT", HIGH, "refers to"),
    ),
    "a table of functions": (
        {"a": "def g(): ...\nTABLE = {'g': g}\ndef f(name):\n    TABLE[name]()\n"},
        ("a.py:f", "a.py:g", HIGH, "refers to"),
    ),
    "what was assigned to an attribute of a module": (
        {"a": "import b\ndef g(): ...\nb.hook = g\n", "b": "hook = None\ndef f():\n    hook()\n"},
        ("b.py:f", "a.py:g", HIGH, "was assigned"),
    ),
    "getattr with a constant": (
        {"a": "import b\ndef f():\n    getattr(b, 'g')()\n", "b": "def g(): ...\n"},
        ("a.py:f", "b.py:g", HIGH, "refers to"),
    ),
    "import_string with a constant": (
        {
            "pkg____init__": "",
            "pkg__b": "def g(): ...\n",
            "a": "from werkzeug.utils import import_string\ndef f():\n    import_string('pkg.b:g')()\n",
        },
        ("a.py:f", "pkg/b.py:g", HIGH, "refers to"),
    ),
    "a dotted path in a string": (
        {"pkg____init__": "", "pkg__b": "def g(): ...\n", "a": "def f():\n    return ['pkg.b.g']\n"},
        ("a.py:f", "pkg/b.py:g", MEDIUM, "names it in a string"),
    ),
    "functools.partial": (
        {"a": "from functools import partial\ndef g(x): ...\ndef f():\n    partial(g, 1)()\n"},
        ("a.py:f", "a.py:g", HIGH, "refers to"),
    ),
    "an override in a subclass": (
        {"a": "class B:\n    def m(self): ...\nclass C(B):\n    def m(self): ...\ndef f(x: B):\n    x.m()\n"},
        ("a.py:f", "a.py:C.m", MEDIUM, "uses the member of a base that this one overrides"),
    ),
    "a listener decorated with a class": (
        {
            "a": "from sqlalchemy.event import listens_for\nclass C: ...\n@listens_for(C, 'load')\ndef g(): ...\ndef f():\n    C()\n"
        },
        ("a.py:f", "a.py:g", MEDIUM, "is listened to by"),
    ),
    "a method that only the library of the base can call": (
        {"a": "from lib import Base\nclass C(Base):\n    def on_thing(self): ...\ndef f():\n    C()\n"},
        ("a.py:f", "a.py:C.on_thing", MEDIUM, "may be called by the library that the class inherits from"),
    ),
    "a validator of pydantic": (
        {
            "a": "from pydantic import BaseModel, field_validator\nclass C(BaseModel):\n    @field_validator('x')\n    def check(cls, v): ...\ndef f():\n    C()\n"
        },
        ("a.py:f", "a.py:C.check", HIGH, "is called by the library as one of its hooks"),
    ),
    "an untyped parameter named after the only class": (
        {"a": "class DataStore:\n    def m(self): ...\ndef f(data_store):\n    data_store.m()\n"},
        ("a.py:f", "a.py:DataStore.m", HIGH, "uses the member of the only class that its receiver is named after"),
    ),
    "a common name of the only class": (
        {"a": "class DataStore:\n    def get(self): ...\ndef f(data_store):\n    data_store.get()\n"},
        (
            "a.py:f",
            "a.py:DataStore.get",
            MEDIUM,
            "uses a member, of a name that many have, of the only class that its receiver is named after",
        ),
    ),
    "an unknown receiver": (
        {"a": "class C:\n    def rebuild(self): ...\ndef f(x):\n    x.rebuild()\n"},
        ("a.py:f", "a.py:C.rebuild", LOW, "uses a member of this name, of a receiver that reading does not tell"),
    ),
    "a name in a string": (
        {"a": "class C:\n    def do_it(self): ...\ndef f():\n    return 'do_it'\n"},
        ("a.py:f", "a.py:C.do_it", LOW, "mentions its name in a string"),
    ),
    "a fixture of a test": (
        {
            "tests__conftest": "import pytest\n@pytest.fixture\ndef shop(): ...\n",
            "tests__test_a": "def test_x(shop): ...\n",
        },
        ("tests/test_a.py:test_x", "tests/conftest.py:shop", HIGH, "uses the fixture"),
    ),
    "a table that a function fills": (
        {
            "b": "TABLE = {}\ndef register(cls):\n    TABLE[cls.name] = cls\ndef f(name):\n    return TABLE[name]()\n",
            "a": "from b import register\nclass C:\n    def __init__(self): ...\nregister(C)\n",
        },
        ("b.py:f", "a.py:C.__init__", MEDIUM, "holds among others"),
    ),
    "a table that a decorator fills": (
        {
            "b": "TABLE = []\ndef register(name):\n    def inner(f):\n        TABLE.append(f)\n        return f\n    return inner\n"
            "def f():\n    for each in TABLE:\n        each()\n",
            "a": "import b\n@b.register('x')\ndef g(): ...\n",
        },
        ("b.py:f", "a.py:g", HIGH, "was assigned"),
    ),
    "a table whose held value is taken while it is filled": (
        {
            "b": "TABLE = {}\ndef register(name, it):\n    TABLE[name] = it\ndef f(name, it):\n    return TABLE.setdefault(name, it)()\n",
            "a": "from b import register\ndef g(): ...\nregister('g', g)\n",
        },
        ("b.py:f", "a.py:g", HIGH, "was assigned"),
    ),
    "what the library above a class reads of it, by a method that goes on there": (
        {
            "a": "from lib import Base\ndef part(): ...\nclass C(Base):\n    parts = [part]\n"
            "    def list(self):\n        return super().list()\n",
        },
        ("a.py:C.list", "a.py:part", HIGH, "goes on in a library, which uses"),
    ),
    "what the library reads of a subclass, by a method that it inherits": (
        {
            "a": "from lib import Base\ndef part(): ...\nclass C(Base):\n    def list(self):\n        return super().list()\n"
            "class D(C):\n    parts = [part]\ndef f(d: D):\n    d.list()\n",
        },
        ("a.py:f", "a.py:part", HIGH, "goes on in a library, which uses"),
    ),
    "a method by a protocol that a class has all methods of": (
        {
            "a": "from typing import Protocol\nclass P(Protocol):\n    def parse(self): ...\n    def close_it(self): ...\n"
            "def f(x: type[P]):\n    x().parse()\n",
            "b": "class Base:\n    def close_it(self): ...\nclass C(Base):\n    def parse(self): ...\n",
        },
        ("a.py:f", "b.py:C.parse", MEDIUM, "uses the member of a base that this one overrides"),
    ),
    "a property": (
        {"a": "class C:\n    @property\n    def size(self): ...\ndef f():\n    return C().size\n"},
        ("a.py:f", "a.py:C.size", HIGH, "uses the member"),
    ),
    "a call of an instance": (
        {"a": "class C:\n    def __call__(self): ...\ndef f(x: C):\n    x()\n"},
        ("a.py:f", "a.py:C.__call__", HIGH, "uses the member"),
    ),
}


@pytest.mark.parametrize("name", list(FOUND))
def test_a_reference_is_found_with_its_confidence_and_reason(name: str) -> None:
    """A way is only worth what its edges are worth, and people must be able to see why each is believed."""
    files, (target, seed, confidence, reason) = FOUND[name]
    found = reach(graph_of(**files), target, seed)
    assert found is not None
    assert found.confidence is confidence
    assert reason in {each.reason for each in found.way}


MISSED = {
    "a local name that hides the imported one": (
        {"a": "from b import g\ndef f(g):\n    return g()\n", "b": "def g(): ...\n"},
        ("a.py:f", "b.py:g"),
    ),
    "a name of a comprehension that hides a function": (
        {"a": "def g(): ...\ndef f(x):\n    return [g for g in x]\n"},
        ("a.py:f", "a.py:g"),
    ),
    "a name of a class body is not seen by its methods": (
        {"a": "class C:\n    def g(self): ...\n    def f(self):\n        return g\n"},
        ("a.py:C.f", "a.py:C.g"),
    ),
    "the same method name on a known other class": (
        {"a": "class C:\n    def m(self): ...\nclass D:\n    def m(self): ...\ndef f(x: D):\n    x.m()\n"},
        ("a.py:f", "a.py:C.m"),
    ),
    "a method of a library's class": (
        {"a": "import lib\nclass C:\n    def rebuild(self): ...\ndef f():\n    lib.Thing().rebuild()\n"},
        ("a.py:f", "a.py:C.rebuild"),
    ),
    "a name of the stop list on an unknown receiver": (
        {"a": "class C:\n    def save(self): ...\ndef f(x):\n    x.save()\n"},
        ("a.py:f", "a.py:C.save"),
    ),
    "an attribute that is only read is no method": (
        {"a": "class C:\n    def rebuild(self): ...\ndef f(x):\n    return x.rebuild + 1\n"},
        ("a.py:f", "a.py:C.rebuild"),
    ),
    "importing a module uses nothing of it": (
        {"a": "import b\ndef f(): ...\n", "b": "def g(): ...\ng()\n"},
        ("a.py:f", "b.py:g"),
    ),
    "a registered handler does not lead to its router": (
        {"a": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/')\ndef f(): ...\n"},
        ("a.py:f", "a.py:router"),
    ),
    "a decorator that appends to a list runs nothing of what the list holds": (
        {
            "b": "TABLE = []\ndef keep(f):\n    TABLE.append(f)\n    return f\n",
            "a": "from b import keep\n@keep\ndef f(): ...\n@keep\ndef g(): ...\n",
        },
        ("a.py:f", "a.py:g"),
    ),
    "a function that puts a value under a key runs nothing of what is there": (
        {
            "b": "TABLE = {}\ndef keep(name, f):\n    TABLE[name] = f\n",
            "a": "from b import keep\ndef f():\n    keep('x', len)\ndef g(): ...\nkeep('g', g)\n",
        },
        ("a.py:f", "a.py:g"),
    ),
    "a method that goes on in a class of the repository leaves what its class holds alone": (
        {
            "a": "def part(): ...\nclass Base:\n    def list(self): ...\nclass C(Base):\n    parts = [part]\n"
            "    def list(self):\n        return super().list()\n",
        },
        ("a.py:C.list", "a.py:part"),
    ),
    "a constructor that goes on in the library leaves what its class holds alone": (
        {
            "a": "from lib import Base\ndef part(): ...\nclass C(Base):\n    parts = [part]\n"
            "    def __init__(self):\n        super().__init__()\n",
        },
        ("a.py:C.__init__", "a.py:part"),
    ),
    "a method of a class that lacks another method of the protocol": (
        {
            "a": "from typing import Protocol\nclass P(Protocol):\n    def parse(self): ...\n    def close_it(self): ...\n"
            "def f(x: P):\n    x.parse()\n",
            "b": "class C:\n    def parse(self): ...\n",
        },
        ("a.py:f", "b.py:C.parse"),
    ),
    "a method that somebody calls is no library callback": (
        {
            "a": "from lib import Base\nclass C(Base):\n    def m(self): ...\ndef f():\n    C()\ndef g(c: C):\n    c.m()\n"
        },
        ("a.py:f", "a.py:C.m"),
    ),
}


@pytest.mark.parametrize("name", list(MISSED))
def test_a_near_miss_is_not_found(name: str) -> None:
    """An edge that is not there makes people stop reading the edges that are."""
    files, (target, seed) = MISSED[name]
    assert reach(graph_of(**files), target, seed) is None
