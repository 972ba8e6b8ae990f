"""aiohttp, Litestar and Pyramid."""

from release_harness.steps.evidence.impact.entries.aiohttp import AiohttpFramework
from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.entries.litestar import LitestarFramework
from release_harness.steps.evidence.impact.entries.pyramid import PyramidFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint


def entries(framework: Framework, sources: dict[str, str]) -> dict[str, EntryPoint]:
    """Return the entries by their names."""
    return {
        each.name: each
        for found in discover(link_sources(sources, (framework,)), (framework,))
        for each in found.entries
    }


def guards(entry: EntryPoint) -> list[str]:
    """Return the names of the guards, from outside to inside."""
    return [each.name for each in entry.guards]


def test_aiohttp_tables_lists_views_and_sub_applications() -> None:
    """aiohttp has five ways to add a route, and servers use all of them."""
    found = entries(AiohttpFramework(), {
        "app.py": "from aiohttp import web\nfrom shop import routes, lost\nasync def home(r): ...\n"
        "class Users(web.View):\n    async def get(self): ...\n    async def post(self): ...\n"
        "def setup(app):\n    app.router.add_view('/users', Users)\n    app.router.add_route('*', '/any', home)\n"
        "@web.middleware\nasync def require_login(r, h): ...\n"
        "def make():\n    app = web.Application(middlewares=[require_login])\n    setup(app)\n    app.add_routes(routes)\n"
        "    app.add_routes([web.get('/', home)])\n    sub = web.Application()\n    sub.router.add_post('/x', home)\n"
        "    app.add_subapp('/sub', sub)\n    return app\n",
        "shop.py": "from aiohttp import web\nroutes = web.RouteTableDef()\nlost = web.RouteTableDef()\n"
        "@routes.get('/shop')\nasync def shop(r): ...\n@lost.get('/lost')\nasync def gone(r): ...\n",
    })  # fmt: skip
    assert set(found) == {"GET /users", "POST /users", "ANY /any", "GET /", "GET /shop", "POST /sub/x", "GET /lost"}
    assert found["POST /users"].handler == "app.py:Users.post"
    assert found["GET /lost"].mounted is False
    assert guards(found["GET /shop"]) == ["require_login"]
    assert guards(found["POST /sub/x"]) == ["require_login"]


def test_aiohttp_routes_that_a_method_of_the_project_adds_for_each_part_have_their_paths() -> None:
    """Each part calls the same method with its own prefix; the text of the route alone names no address."""
    source = (
        "from functools import partial\nfrom aiohttp import web\nclass Logs:\n    async def read(self, request): ...\nclass Api:\n"
        "    def __init__(self):\n        self.webapp = web.Application()\n        self.logs = Logs()\n"
        "    def load(self):\n        self._add_logs('/audio', 'a')\n        self._add_logs('/dns', 'd')\n"
        "    def _add_logs(self, path, name):\n"
        "        self.webapp.add_routes([web.get(f'{path}/logs', partial(self.logs.read, name=name)), web.get('/all', self.logs.read)])\n"
        "        own = Logs()\n        self.webapp.router.add_get(f'{path}/own', own.read)\n"
    )
    found = entries(AiohttpFramework(), {"app.py": source})
    assert set(found) == {"GET /audio/logs", "GET /dns/logs", "GET /all", "GET /audio/own", "GET /dns/own"}
    assert {each.handler for each in found.values()} == {"app.py:Logs.read"}
    computed = "    def more(self, path):\n        self._add_logs(path, 'x')\n"
    found = entries(AiohttpFramework(), {"app.py": source + computed})
    assert "GET /{path}/logs" in found, "a call that cannot be read may add a route anywhere"


def test_litestar_layers_add_their_paths_and_guards() -> None:
    """A guard of the application, router or controller stands before every handler below it."""
    found = entries(LitestarFramework(), {
        "app.py": "from litestar import Litestar, Router, Controller, get, post\nfrom own import is_user, is_admin, is_owner\n"
        "class Items(Controller):\n    path = '/items'\n    guards = [is_admin]\n"
        "    @get('/{id:int}', guards=[is_owner])\n    async def one(self): ...\n    @post()\n    async def add(self): ...\n"
        "@get(['/a', '/b'])\nasync def both(): ...\n@get('/lost')\nasync def lost(): ...\n"
        "api = Router(path='/api', route_handlers=[Items])\napp = Litestar([api, both], guards=[is_user])\n",
        "own.py": "def is_user(c, h): ...\ndef is_admin(c, h): ...\ndef is_owner(c, h): ...\n",
    })  # fmt: skip
    assert guards(found["GET /api/items/{id:int}"]) == ["is_user", "is_admin", "is_owner"]
    assert found["POST /api/items"].handler == "app.py:Items.add"
    assert {"GET /a", "GET /b"} <= set(found)
    assert found["GET /lost"].mounted is False


PLUGIN = """
from typing import TYPE_CHECKING
from litestar.plugins import InitPluginProtocol

class Core(InitPluginProtocol):
    def on_app_init(self, app_config):
        from users import Users, Lost
        self._routes(app_config, handlers=[Users])
        return app_config

    def _routes(self, app_config, *, handlers):
        app_config.route_handlers.extend(handlers)
"""
USERS = """
from litestar import Controller, get

class Users(Controller):
    path = '/users'

    @get()
    async def all(self) -> None: ...

class Lost(Controller):
    @get('/lost')
    async def read(self) -> None: ...
"""


def test_litestar_plugins_add_handlers_to_the_application_that_they_are_given_to() -> None:
    """The application names the plugin alone; its guards and path stand before what the plugin adds."""
    app = "from litestar import Litestar\nfrom core import Core\nfrom own import is_user\n"
    app += "def create():\n    return Litestar(plugins=[Core()], path='/api', guards=[is_user])\n"
    own = "def is_user(c, h): ...\n"
    found = entries(LitestarFramework(), {"app.py": app, "core.py": PLUGIN, "users.py": USERS, "own.py": own})
    assert (found["GET /api/users"].mounted, guards(found["GET /api/users"])) == (True, ["is_user"])
    assert found["GET /lost"].mounted is False, "what the plugin forgets is told"

    inline = PLUGIN.replace("self._routes(app_config, handlers=[Users])", "app_config.route_handlers.append(Users)")
    found = entries(LitestarFramework(), {"app.py": app, "core.py": inline, "users.py": USERS, "own.py": own})
    assert found["GET /api/users"].mounted is True


def test_a_litestar_plugin_that_no_application_is_seen_to_hold_leaves_the_question_open() -> None:
    """Something else may run it: a list of plugins that is computed, or an application of somebody else."""
    app = "from litestar import Litestar\nfrom other import plugins\napp = Litestar(plugins=plugins())\n"
    found = entries(LitestarFramework(), {"app.py": app, "core.py": PLUGIN, "users.py": USERS})
    assert found["GET /users"].mounted is None
    assert "core.py:12 adds it to an application that reading cannot follow" in found["GET /users"].why_not_mounted


def test_pyramid_views_are_joined_with_their_routes_and_permissions() -> None:
    """The address stands in one file and the view in another; only the route's name joins them."""
    found = entries(PyramidFramework(), {
        "routes.py": "def add_action(config, name, **kw):\n    config.add_route(name, '/act', **kw)\n"
        "def includeme(config):\n    config.add_directive('add_action', add_action)\n"
        "    config.add_route('users', '/users/{name}')\n    config.add_action('act')\n",
        "views.py": "from pyramid.view import view_config, view_defaults\n"
        "@view_defaults(route_name='users', permission='see')\nclass Users:\n    def __init__(self, r): ...\n"
        "    @view_config(request_method='GET')\n    def show(self): ...\n"
        "    @view_config(request_method=('POST', 'PUT'), permission='edit', require_csrf=False)\n    def change(self): ...\n"
        "@view_config(route_name='act')\ndef act(r): ...\n@view_config(route_name='typo')\ndef lost(r): ...\n",
    })  # fmt: skip
    assert guards(found["GET /users/{name}"]) == ['permission="see"']
    assert guards(found["PUT /users/{name}"]) == ['permission="edit"', "require_csrf=False"]
    assert [each.weak for each in found["PUT /users/{name}"].guards] == [False, True]
    assert found["ANY /act"].handler == "views.py:act"
    assert found["ANY /{typo}"].mounted is False


def test_a_pyramid_view_that_is_a_template_alone_leaves_nothing_unknown() -> None:
    """A directive that serves pages without code must not make every answer of the application unknown; a computed view must."""
    source = {
        "config.py": "def add_page(config, name, template, more=None):\n"
        "    config.add_view(renderer=template, route_name=name, **more)\n"
        "def includeme(config):\n    config.add_route('home', '/')\n    config.add_directive('add_page', add_page)\n"
        "    config.add_page('home', 'home.html', more={'cache': 3})\n    for view in computed():\n        config.add_view(view, route_name='home')\n",
    }
    (found,) = discover(link_sources(source, (PyramidFramework(),)), (PyramidFramework(),))
    assert [each.partition(" ")[0] for each in found.unknown] == ["config.py:8:"]
