"""What is called unmounted blocks a change, so whatever is handed to something unknown is an open question instead."""

import pytest

from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import EntryPoint, Wiring
from release_harness.testing.shop import touched_by

USERS = "import click\n\n@click.group()\ndef users(): ...\n\n@users.command()\ndef add(): ...\n"
ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n@router.get('/x')\ndef x(): ...\n"
APPLICATION = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def look(sources: dict[str, str], name: str) -> EntryPoint:
    """Return the entry point of a name."""
    (entry,) = (each for each in view_sources(sources).entries if each.name == name)
    return entry


def test_a_group_that_nothing_mentions_stays_unmounted() -> None:
    """Its own decorators and the tests do not count."""
    test = "from users import users\n\ndef test_users():\n    users()\n    run(users)\n"
    assert look({"users.py": USERS, "tests/test_users.py": test}, "users add").mounted is False


def test_a_group_that_is_handed_to_something_unknown_is_an_open_question() -> None:
    """A registrar of the repository's own may run it."""
    main = "from users import users\nimport plugins\n\nplugins.install(users)\n"
    found = look({"users.py": USERS, "main.py": main}, "users add")
    assert found.mounted is None
    assert found.why_not_mounted.endswith("users is handed on at main.py:4, which cannot be followed")


@pytest.mark.parametrize(
    "text",
    [
        "def plug(thing):\n    thing.include_router(router)\n",
        "def plug(thing):\n    thing.inner.include_router(router)\n",
        "class Plug:\n    def __init__(self, thing):\n        self.thing = thing\n    def go(self):\n        self.thing.use(router)\n",
        "def plug(thing):\n    thing.routers.extend([router])\n",
        "import outside\n\noutside.install({'x': router})\n",
        "import outside\n\nALL = [router]\noutside.install(ALL)\n",
        "import outside\n\ndef routers():\n    return [router]\n\noutside.install(*routers())\n",
        "def plug(thing):\n    for each in [router]:\n        thing.use(each)\n",
        "from fastapi import APIRouter\n\nouter = APIRouter()\nouter.include_router(router)\n\ndef plug(thing):\n    thing.use(outer)\n",
    ],
)
def test_a_router_that_reading_cannot_follow_is_held_by_something_unknown(text: str) -> None:
    """A parameter, a field, a library or a list may bring it to an application."""
    found = look({"api.py": ROUTER, "app.py": APPLICATION, "plug.py": f"from api import router\n{text}"}, "GET /x")
    assert found.mounted is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "print(router)\n",
        "ALL = [router]\n",
        "def plug():\n    return router.routes\n",
        "def routers():\n    return [router]\n",
        "from fastapi import APIRouter\n\nouter = APIRouter()\nouter.include_router(router)\n",
    ],
)
def test_a_router_that_is_only_looked_at_or_hangs_on_one_that_hangs_nowhere_stays_unmounted(text: str) -> None:
    """The half plugged-in feature must still be caught: a list that nobody reads mounts nothing."""
    found = look({"api.py": ROUTER, "app.py": APPLICATION, "plug.py": f"from api import router\n{text}"}, "GET /x")
    assert found.mounted is False


def test_what_only_an_open_question_leads_to_is_possible_and_not_wired() -> None:
    """Nobody can tell whether the route is plugged in, so nobody says that it is; the reason is told."""
    base = {"api.py": "", "app.py": APPLICATION, "plug.py": "def plug(thing): ...\n"}
    plug = "from api import router\n\ndef plug(thing):\n    thing.include_router(router)\n"
    (found,) = (
        each
        for each in touched_by({**base, "api.py": ROUTER, "plug.py": plug}, base).wired
        if each.symbol == "api.py:x"
    )
    assert found.state is Wiring.POSSIBLE
    assert "cannot be followed" in found.because
