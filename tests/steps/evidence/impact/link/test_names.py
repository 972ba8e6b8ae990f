"""What names mean: packages, stars, cycles, two packages of one name, and sources that mean harm."""

import ast

import pytest

from release_harness.steps.evidence.impact.extract import extract
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.link import Linked, link_sources
from release_harness.steps.evidence.impact.values import UNKNOWN, Value


def expr(text: str) -> Expr:
    """Return an expression as facts keep it."""
    ast.parse(text, mode="eval")
    value = extract("python", f"_x = {text}".encode()).module.body[0].value
    assert value is not None
    return value


def meaning(linked: Linked, scope: str, text: str) -> Value:
    """Return what an expression means in a scope."""
    return linked.program.resolve(scope, expr(text))


def test_a_source_layout_is_imported_without_its_folder() -> None:
    """`src/shop/a.py` is `shop.a` for its users."""
    linked = link_sources(
        {"src/shop/__init__.py": "", "src/shop/a.py": "def f(): ...\n", "tests/t.py": "from shop.a import f\n"}
    )
    view = linked.program.view("src/shop/a.py")
    assert view is not None
    assert view.module == "shop.a"
    assert meaning(linked, "tests/t.py:", "f").symbol == "src/shop/a.py:f"


def test_a_namespace_package_needs_no_file_of_its_own() -> None:
    """Folders without `__init__.py` are packages since Python 3.3."""
    linked = link_sources(
        {"top/inner/a.py": "def f(): ...\n", "main.py": "import top.inner.a\nfrom top.inner import a\n"}
    )
    assert meaning(linked, "main.py:", "top.inner.a.f").symbol == "top/inner/a.py:f"
    assert meaning(linked, "main.py:", "a.f").symbol == "top/inner/a.py:f"


def test_two_packages_of_one_name_go_to_the_nearest() -> None:
    """In a repository of several services, each imports its own `app`."""
    files = {}
    for service in ("one", "two"):
        files[f"{service}/app/__init__.py"] = ""
        files[f"{service}/app/a.py"] = "def f(): ...\n"
        files[f"{service}/main.py"] = "from app.a import f\n"
    linked = link_sources(files)
    assert meaning(linked, "one/main.py:", "f").symbol == "one/app/a.py:f"
    assert meaning(linked, "two/main.py:", "f").symbol == "two/app/a.py:f"


def test_a_name_that_only_the_farther_package_has_is_found_there() -> None:
    """Both candidates are tried; nearness only says which is tried first."""
    linked = link_sources(
        {
            "one/app/__init__.py": "",
            "one/main.py": "from app.a import f\n",
            "two/app/__init__.py": "",
            "two/app/a.py": "def f(): ...\n",
        }
    )
    assert meaning(linked, "one/main.py:", "f").symbol == "two/app/a.py:f"


def test_a_module_of_the_standard_library_is_not_taken_for_a_script() -> None:
    """`import json` in a folder with a `json.py` script means the library, almost always."""
    linked = link_sources({"tools/json.py": "def loads(): ...\n", "tools/run.py": "import json\n"})
    assert meaning(linked, "tools/run.py:", "json.loads").external == "json.loads"


def test_names_go_through_re_exports_stars_and_cycles() -> None:
    """Packages hand names on over several files; two that import each other must not hang the reader."""
    linked = link_sources(
        {
            "p/__init__.py": "from .b import *\nfrom .a import *\n",
            "p/a.py": "from p.b import *\nfrom lib import Thing as T\n__all__ = ['f', 'T']\ndef f(): ...\ndef hidden(): ...\n",
            "p/b.py": "from p.a import *\ndef g(): ...\n",
            "main.py": "from p import f, g, T, hidden\n",
        }
    )
    assert meaning(linked, "main.py:", "f").symbol == "p/a.py:f"
    assert meaning(linked, "main.py:", "g").symbol == "p/b.py:g"
    assert meaning(linked, "main.py:", "T").external == "lib.Thing"
    assert meaning(linked, "main.py:", "hidden") == UNKNOWN
    assert ("main.py", "", "p.hidden", 1) in list(linked.missing())


def test_an_instance_of_a_library_class_has_its_variable_and_its_type() -> None:
    """Adapters find routers by the variable they are bound to and the class they are of."""
    linked = link_sources(
        {"a.py": "from fastapi import APIRouter as R\nrouter = R()\ndef make():\n    app = R()\n    return app\n"}
    )
    assert meaning(linked, "a.py:", "router") == Value(symbol="a.py:router", type="fastapi.APIRouter")
    assert meaning(linked, "a.py:make", "app") == Value(symbol="a.py:make.<locals>.app", type="fastapi.APIRouter")
    assert meaning(linked, "a.py:", "router.get").external == "fastapi.APIRouter.get"


@pytest.mark.parametrize("imported", ["import fastapi", "from fastapi import Depends", "import fastapi as Depends_of"])
def test_library_names_are_told_as_their_users_write_them(imported: str) -> None:
    """An adapter looks for `fastapi.Depends`, however it was imported."""
    name = {"import fastapi": "fastapi.Depends", "from fastapi import Depends": "Depends"}.get(
        imported, "Depends_of.Depends"
    )
    assert meaning(link_sources({"a.py": imported + "\n"}), "a.py:", name).external == "fastapi.Depends"


def test_optional_imports_give_the_first_that_is_there() -> None:
    """`try: import fast except ImportError: import slow` means either; both are kept, the first is told."""
    source = "try:\n    from lib import f\nexcept ImportError:\n    from own import f\n"
    linked = link_sources({"a.py": source, "own.py": "def f(): ...\n"})
    assert meaning(linked, "a.py:", "f").external == "lib.f"


def test_constants_are_read_as_texts() -> None:
    """Names of tasks and routes are often constants of another module."""
    linked = link_sources({"a.py": "NAME = 'x.y'\n", "b.py": "import a\nclass C:\n    key = a.NAME\n"})
    assert meaning(linked, "b.py:", "a.NAME") == Value(symbol="a.py:NAME", text="x.y")
    assert meaning(linked, "b.py:", "C.key").text == "x.y"


def test_the_resolution_order_of_diamonds_is_that_of_python() -> None:
    """The wrong base would run in a report, the right one in production."""
    source = "class A:\n    def m(self): ...\nclass B(A):\n    pass\nclass C(A):\n    def m(self): ...\nclass D(B, C):\n    pass\n"
    linked = link_sources({"a.py": source})
    assert linked.program.method("a.py:D", "m") == ("a.py:C.m", "a.py:C")
    assert linked.program.is_a("a.py:D", "a.py:A")
    assert linked.program.subclasses("a.py:A") == ["a.py:B", "a.py:C", "a.py:D"]


def test_inheritance_from_library_classes_is_kept_by_name() -> None:
    """Adapters ask whether a class is a view of a library, through the repository's own bases."""
    linked = link_sources(
        {"a.py": "from rest_framework.views import APIView\nclass Base(APIView): ...\nclass V(Base): ...\n"}
    )
    assert linked.program.is_a("a.py:V", "rest_framework.views.APIView")


def test_classes_that_inherit_from_each_other_do_not_hang() -> None:
    """Broken code is read all the time; it must not stop the reader."""
    linked = link_sources({"a.py": "class A(B): ...\nclass B(A):\n    def m(self): ...\ndef f(x: A):\n    x.m()\n"})
    assert linked.program.class_of("a.py:A") is not None
    assert linked.graph().calls_count == 1


def test_functions_that_return_each_other_do_not_hang() -> None:
    """Mutual recursion without annotations has no answer, but an end."""
    linked = link_sources({"a.py": "def f():\n    return g()\ndef g():\n    return f()\nx = f().y.z()\n"})
    assert meaning(linked, "a.py:", "f()") == UNKNOWN


@pytest.mark.slow
def test_deep_and_hostile_sources_are_survived() -> None:
    """Generated code nests thousands deep; what cannot be read is counted, and the rest is read."""
    chain = {f"m{number}.py": f"from m{number + 1} import f\n" for number in range(400)}
    chain["m400.py"] = "def f(): ...\n"
    linked = link_sources(
        chain
        | {
            "deep.py": "x = " + "(" * 60 + "1" + ")" * 60 + "\ny = a" + ".b" * 3000 + "\n",
            "calls.py": "q = a" + ".f()" * 300 + "\ndef g(): ...\n",
            "broken.py": "def (:\n",
            "none.py": "\x00\x01",
            "old.py": "print 'x'\n",
        }
    )
    assert linked.program.symbol("calls.py:g") is not None
    assert meaning(linked, "m395.py:", "f").symbol == "m400.py:f"
