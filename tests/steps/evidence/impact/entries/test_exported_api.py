"""A library's interface is its set of entry points; an application has none of this kind."""

from collections.abc import Mapping

import pytest

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.exported_api import NAMES_LIMIT, ExportedApi
from release_harness.steps.evidence.impact.link import link
from release_harness.steps.evidence.impact.tree import SourceTree

PROJECT = '[build-system]\nrequires = []\n[project]\nname = "lib"\n'
LIBRARY = {
    "pyproject.toml": PROJECT,
    "lib/__init__.py": "from lib.core import Client, helper as public\nfrom lib._inner import deep\n__all__ = ['Client', 'public', 'deep']\n",
    "lib/core.py": "class Client:\n    def get(self): ...\n    def _own(self): ...\n\ndef helper(): ...\n\ndef other(): ...\n\ndef _private(): ...\n",
    "lib/_inner.py": "def deep(): ...\n\ndef hidden(): ...\n",
    "tests/test_x.py": "def test_it(): ...\n",
    "docs/conf.py": "def setup(app): ...\n",
}


def discover(sources: Mapping[str, str], declared: list[dict[str, list[str]]] | None = None) -> Discovery:
    """Return what the adapter finds in these files."""
    adapter = ExportedApi()
    linked = link(SourceTree(sources), [adapter], declared=declared or [])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def test_a_library_offers_what_its_public_modules_define_and_its_root_exports() -> None:
    """Each of these names is called by programs that are not in the tree."""
    found = {each.name: each.handler for each in discover(LIBRARY).entries}
    assert found == {
        "lib.Client": "lib/core.py:Client",
        "lib.Client.get": "lib/core.py:Client.get",
        "lib.public": "lib/core.py:helper",
        "lib.deep": "lib/_inner.py:deep",
        "lib.core.other": "lib/core.py:other",
    }


def test_an_application_exports_nothing() -> None:
    """Thousands of entries that nobody calls from outside would drown the routes."""
    web = {"lib/web.py": "from flask import Flask\napp = Flask('x')\n"}
    assert discover({**LIBRARY, **web}).entries == ()
    own = {"lib/web.py": "from flask import Flask\nclass Shop(Flask): ...\n"}
    assert discover({**LIBRARY, **own}).entries == ()


def test_a_program_with_scripts_exports_what_its_root_says() -> None:
    """A command-line program is imported by few, and then by its root."""
    scripts = {"pyproject.toml": PROJECT + "[project.scripts]\ntool = 'lib.core:helper'\n"}
    assert {each.name for each in discover({**LIBRARY, **scripts}).entries} == {
        "lib.Client",
        "lib.Client.get",
        "lib.public",
        "lib.deep",
    }


def test_a_tree_that_cannot_be_installed_exports_nothing() -> None:
    """Scripts without packaging are imported by nobody."""
    assert discover({**LIBRARY, "pyproject.toml": "[tool.ruff]\n"}).entries == ()


def test_a_project_may_say_that_an_application_exports_a_package() -> None:
    """Some applications are imported by plugins."""
    web = {"lib/web.py": "from flask import Flask\napp = Flask('x')\n"}
    names = {each.name for each in discover({**LIBRARY, **web}, [{"exported_api": ["lib._inner"]}]).entries}
    assert names == set()
    names = {each.name for each in discover({**LIBRARY, **web}, [{"exported_api": ["lib"]}]).entries}
    assert "lib.Client" in names


@pytest.mark.slow
def test_a_library_with_too_many_names_keeps_those_of_its_root_and_says_so() -> None:
    """The rule that keeps the list readable is told with its count."""
    many = "\n".join(f"def f{at}(): ..." for at in range(NAMES_LIMIT + 1))
    found = discover({**LIBRARY, "lib/many.py": many})
    assert {each.name for each in found.entries} == {"lib.Client", "lib.Client.get", "lib.public", "lib.deep"}
    assert found.unknown == (f"of {NAMES_LIMIT + 1 + 6} exported names only those of lib itself are entries",)
