"""FastAPI and Starlette: what is registered, where it hangs, who may pass."""

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.fastapi import FastAPIFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint


def read(sources: dict[str, str]) -> Discovery:
    """Return what the adapter finds."""
    frameworks = (FastAPIFramework(),)
    (found,) = discover(link_sources(sources, frameworks), frameworks) or (Discovery(framework="FastAPI"),)
    return found


def entries(sources: dict[str, str]) -> dict[str, EntryPoint]:
    """Return the entries by their names."""
    return {each.name: each for each in read(sources).entries}


def guards(entry: EntryPoint) -> list[str]:
    """Return the names of the guards, from outside to inside."""
    return [each.name for each in entry.guards]


def test_prefixes_of_nested_routers_are_put_together() -> None:
    """An address that lacks a prefix matches no test and no trace."""
    found = entries(
        {
            "app/main.py": "import fastapi\nfrom app import api\napp = fastapi.FastAPI()\napp.include_router(api.router, prefix='/api')\n",
            "app/api.py": "from fastapi import APIRouter\nfrom app.items import items as things\n"
            "router = APIRouter(prefix='/v1')\nrouter.include_router(things, prefix='/shop')\n",
            "app/items.py": "from fastapi import APIRouter\nitems = APIRouter(prefix='/items')\n"
            "@items.get('/{id}')\ndef read(id): ...\n@items.websocket('/live')\nasync def live(ws): ...\n",
        }
    )
    assert found["GET /api/v1/shop/items/{id}"].handler == "app/items.py:read"
    assert found["/api/v1/shop/items/live"].kind == "websocket"
    assert all(each.mounted for each in found.values())


def test_guards_stand_in_order_from_the_application_to_the_parameter() -> None:
    """A guard that is lost in the list can be removed without anybody being told."""
    found = entries(
        {
            "main.py": "from typing import Annotated\nfrom fastapi import FastAPI, APIRouter, Depends, HTTPException, Security\n"
            "def in_app(): ...\ndef in_router(): ...\ndef in_include(): ...\ndef in_route(): ...\n"
            "def session(): ...\ndef me(): raise HTTPException(status_code=401)\ndef scoped(): ...\n"
            "Me = Annotated[str, Depends(me)]\n"
            "app = FastAPI(dependencies=[Depends(in_app)])\nrouter = APIRouter(dependencies=[Depends(in_router)])\n"
            "@router.get('/x', dependencies=[Depends(in_route)])\n"
            "def x(user: Me, s=Depends(session), t=Security(scoped, scopes=['a'])): ...\n"
            "app.include_router(router, dependencies=[Depends(in_include)])\n",
        }
    )
    assert guards(found["GET /x"]) == [
        "Depends(in_app)", "Depends(in_include)", "Depends(in_router)", "Depends(in_route)", "Depends(me)",
        'Security(scoped, scopes=["a"])',
    ]  # fmt: skip
    assert found["GET /x"].guards[4].symbol == "main.py:me"


def test_a_router_that_no_application_includes_is_not_mounted() -> None:
    """This is the half-plugged-in feature: everything is there but the one line that makes it reachable."""
    found = entries(
        {
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef home(): ...\n",
            "new.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.post('/new')\ndef create(): ...\n",
        }
    )
    assert found["GET /"].mounted is True
    assert found["POST /new"].mounted is False
    assert found["POST /new"].why_not_mounted == "no application includes `router`"


def test_a_loop_over_a_literal_list_of_routers_is_understood() -> None:
    """Many applications include their routers in a loop; calling them unmounted would be a false alarm."""
    found = entries(
        {
            "main.py": "from fastapi import FastAPI\nimport a, b\napp = FastAPI()\n"
            "for each in (a.router, b.router):\n    app.include_router(each, prefix='/p')\n",
            "a.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef one(): ...\n",
            "b.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/b')\ndef two(): ...\n",
        }
    )
    assert {name: each.mounted for name, each in found.items()} == {"GET /p/a": True, "GET /p/b": True}


def test_a_computed_include_makes_mounting_unknown_and_is_named() -> None:
    """What reading cannot tell is neither mounted nor unmounted."""
    found = read(
        {
            "main.py": "import importlib\nfrom fastapi import FastAPI\napp = FastAPI()\n"
            "for name in NAMES:\n    app.include_router(importlib.import_module(name).router)\n",
            "a.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef one(): ...\n",
        }
    )
    (entry,) = found.entries
    assert entry.mounted is None
    assert "main.py:5" in entry.why_not_mounted
    assert len(found.unknown) == 1


def test_a_router_that_a_class_holds_is_included_through_whoever_has_the_class() -> None:
    """Plugins bring their routes in a field; without it their addresses lack the prefix, and every answer says that it is not whole."""
    found = read(
        {
            "main.py": "from fastapi import APIRouter, FastAPI\nfrom plugins import found\napp = FastAPI()\n"
            "api_router = APIRouter(prefix='/v1')\n"
            "def install(api):\n    for plugin in found():\n        if plugin.events:\n"
            "            api.include_router(plugin.events, prefix='/events')\n"
            "install(api_router)\napp.include_router(api_router)\n",
            "chat/plugin.py": "from chat.views import router as chat_router\n\nclass Chat:\n    events = chat_router\n",
            "chat/views.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.post('/command')\ndef run(): ...\n",
        }
    )

    assert [(each.name, each.mounted) for each in found.entries] == [("POST /v1/events/command", True)]
    assert found.unknown == ()


def test_without_any_application_nothing_is_said_about_mounting() -> None:
    """A library of routers is mounted by somebody else."""
    found = entries(
        {"a.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef one(): ...\n"}
    )
    assert found["GET /a"].mounted is None


def test_an_application_that_only_tests_make_mounts_nothing() -> None:
    """A test that includes the router itself is exactly how an unmounted feature looks green."""
    found = entries(
        {
            "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "a.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef one(): ...\n",
            "tests/test_a.py": "from fastapi import FastAPI\nfrom a import router\napp = FastAPI()\napp.include_router(router)\n"
            "@app.get('/only-here')\ndef helper(): ...\n",
        }
    )
    assert found["GET /a"].mounted is False
    assert list(found) == ["GET /a"]


def test_factories_and_functions_that_take_the_application_are_followed() -> None:
    """An application is seldom a plain variable of a module."""
    found = entries(
        {
            "main.py": "from fastapi import FastAPI\nfrom wiring import wire\n"
            "def create_app():\n    app = FastAPI()\n    wire(app)\n    return app\napp = create_app()\n"
            "@app.get('/late')\ndef late(): ...\n",
            "wiring.py": "from items import router\ndef wire(application):\n    application.include_router(router)\n",
            "items.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/items')\ndef items(): ...\n",
        }
    )
    assert found["GET /items"].mounted is True
    assert found["GET /late"].mounted is True


def test_starlette_lists_mounts_and_endpoint_classes_are_read() -> None:
    """Starlette applications name their routes in one list and answer with classes."""
    found = entries(
        {
            "main.py": "from starlette.applications import Starlette\nfrom starlette.routing import Route, Mount, WebSocketRoute\n"
            "from starlette.endpoints import HTTPEndpoint\n"
            "class Users(HTTPEndpoint):\n    async def get(self, r): ...\n    async def delete(self, r): ...\n"
            "async def home(r): ...\nasync def feed(ws): ...\n"
            "inner = [Route('/users', Users)]\n"
            "routes = [Route('/', home), Mount('/api', routes=inner), WebSocketRoute('/feed', feed)]\n"
            "app = Starlette(routes=routes)\n",
        }
    )
    assert found["GET /api/users"].handler == "main.py:Users.get"
    assert set(found) == {"GET /", "GET /api/users", "DELETE /api/users", "/feed"}


def test_a_mounted_application_keeps_its_own_guards_only() -> None:
    """Dependencies of the outer application do not run for a mounted one; claiming so would hide an open door."""
    found = entries(
        {
            "main.py": "from fastapi import FastAPI, Depends\ndef check(): ...\n"
            "app = FastAPI(dependencies=[Depends(check)])\nsub = FastAPI()\n@sub.get('/x')\ndef x(): ...\napp.mount('/sub', sub)\n",
        }
    )
    assert guards(found["GET /sub/x"]) == []


def test_what_stands_around_all_requests_is_told_once() -> None:
    """Middleware belongs to every entry point; a list of all of them is read by nobody."""
    found = read(
        {
            "main.py": "from fastapi import FastAPI\nfrom starlette.middleware.base import BaseHTTPMiddleware\n"
            "class Timing(BaseHTTPMiddleware):\n    async def dispatch(self, r, n): ...\n"
            "async def life(app): ...\napp = FastAPI(lifespan=life)\napp.add_middleware(Timing)\n"
            "@app.exception_handler(ValueError)\ndef broken(r, e): ...\n@app.get('/')\ndef home(): ...\n",
        }
    )
    assert {(each.symbol, each.reason) for each in found.around} == {
        ("main.py:life", "start or stop of the application"), ("main.py:Timing.dispatch", "middleware"),
        ("main.py:broken", "exception handler"),
    }  # fmt: skip


def test_decorators_of_other_things_are_no_routes() -> None:
    """Anything can be called `route` or `get`; a rule that believes the name floods the list."""
    found = read(
        {
            "main.py": "import fastapi\nfrom unittest import mock\nfrom bus import Bus, cache\nbus = Bus()\napp = fastapi.FastAPI()\n"
            "@bus.route('/orders')\ndef a(): ...\n@cache.get('/k')\ndef b(): ...\n@mock.patch('/x')\ndef c(): ...\n",
            "bus.py": "class Bus:\n    def route(self, path): return lambda f: f\ncache = Bus()\n",
        }
    )
    assert found.entries == ()
    assert found.unknown == ()


def test_a_route_on_something_unreadable_is_named_as_unknown() -> None:
    """A registration that is dropped in silence looks like one that does not exist."""
    found = read(
        {
            "main.py": "from fastapi import FastAPI\nROUTERS = load()\n@ROUTERS['a'].get('/orders')\ndef a(): ...\n",
        }
    )
    assert found.unknown == ('main.py:3: what `ROUTERS["a"].get` hangs on cannot be read',)


def test_a_prefix_that_is_computed_lowers_the_confidence() -> None:
    """The address is then a guess, and has to say so."""
    found = entries(
        {
            "main.py": "from fastapi import FastAPI\nfrom conf import settings\napp = FastAPI()\n"
            "@app.get(f'{settings.known}/a')\ndef a(): ...\n@app.get(f'{compute()}/b')\ndef b(): ...\n",
            "conf.py": "class Settings:\n    known: str = '/v1'\nsettings = Settings()\n",
        }
    )
    assert found["GET /v1/a"].confidence is Confidence.HIGH
    (other,) = [each for name, each in found.items() if name != "GET /v1/a"]
    assert other.confidence is Confidence.MEDIUM
