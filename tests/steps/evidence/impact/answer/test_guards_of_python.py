"""Guards of Flask, Pyramid, aiohttp and Litestar: one that goes, stands under a condition or is switched off by a mark is seen."""

from collections.abc import Mapping, Sequence

import pytest

from release_harness.testing.shop import guard_moves, touched_by, with_comments, with_edits

Edit = tuple[str, str, str]
"""Path, what stands there, and what stands there instead."""

# fmt: off
BASES: Mapping[str, Mapping[str, str]] = {
    "flask": {
        "app.py": """\
from flask import Flask, Blueprint
from flask.views import MethodView
from flask_login import login_required, current_user
from flask_wtf.csrf import CSRFProtect
from config import X
app = Flask(__name__)
csrf = CSRFProtect(app)
bp = Blueprint('bp', __name__)

@bp.before_request
def check_all():
    if not current_user.is_authenticated:
        abort(401)

@app.route('/a', methods=['POST'])
@login_required
def a(): return 1

@bp.route('/b', methods=['POST'])
def b(): return 1

class C(MethodView):
    decorators = [login_required]
    def post(self): return 1

app.add_url_rule('/c', view_func=C.as_view('c'))
app.register_blueprint(bp)
""",
    },
    "pyramid": {
        "app.py": """\
from pyramid.config import Configurator
from pyramid.view import view_config
from pyramid.security import NO_PERMISSION_REQUIRED

@view_config(route_name='a', permission='edit')
def a(request): return {}

@view_config(route_name='b')
def b(request): return {}

def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.set_default_permission('view')
    config.set_default_csrf_options(require_csrf=True)
    config.add_route('a', '/a')
    config.add_route('b', '/b')
    config.scan()
    return config.make_wsgi_app()
""",
    },
    "aiohttp": {
        "app.py": """\
from aiohttp import web
from aiohttp_security import check_authorized, login_required, has_permission
from conf import X
routes = web.RouteTableDef()

@web.middleware
async def auth_middleware(request, handler):
    if not request.get('user'):
        raise web.HTTPUnauthorized()
    return await handler(request)

@routes.post('/a')
@login_required
async def a(request): return web.Response()

app = web.Application(middlewares=[auth_middleware])
app.add_routes(routes)
""",
    },
    "litestar": {
        "app.py": """\
from litestar import Litestar, Controller, get, post
from litestar.middleware import AbstractAuthenticationMiddleware, DefineMiddleware
from guards import admin_guard, user_guard
from conf import X

class JWT(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection):
        raise NotAuthorizedException()

@post('/a', guards=[admin_guard])
async def a() -> None: ...

class C(Controller):
    path = '/c'
    guards = [user_guard]
    @post('/d')
    async def d(self) -> None: ...

app = Litestar(route_handlers=[a, C], middleware=[DefineMiddleware(JWT, exclude='schema')])
""",
        "guards.py": """\
def admin_guard(c, h):
    raise NotAuthorizedException()
def user_guard(c, h):
    raise NotAuthorizedException()
""",
    },
}
CASES: Sequence[tuple[str, str, Sequence[Edit], Mapping[str, str]]] = [
    ("flask", "order: login_required above route", [("app.py", "@app.route('/a', methods=['POST'])\n@login_required", "@login_required\n@app.route('/a', methods=['POST'])")], {"POST /a": "weakened"}),
    ("flask", "csrf.exempt added", [("app.py", "@app.route('/a', methods=['POST'])\n", "@csrf.exempt\n@app.route('/a', methods=['POST'])\n")], {"POST /a": "weakened"}),
    ("flask", "csrf.exempt below", [("app.py", "@login_required\ndef a", "@csrf.exempt\n@login_required\ndef a")], {"POST /a": "weakened"}),
    ("flask", "csrf.exempt(bp) call", [("app.py", "app.register_blueprint(bp)", "csrf.exempt(bp)\napp.register_blueprint(bp)")], {"POST /b": "weakened"}),
    ("flask", "decorators removed", [("app.py", "    decorators = [login_required]\n", "")], {"POST /c": "weakened"}),
    ("flask", "decorators conditional", [("app.py", "    decorators = [login_required]\n", "    decorators = [login_required] if X else []\n")], {"POST /c": "weakened"}),
    ("flask", "before_request gone", [("app.py", "@bp.before_request\n", "")], {"POST /b": "weakened"}),
    ("flask", "before_request under if", [("app.py", "@bp.before_request\ndef check_all():\n    if not current_user.is_authenticated:\n        abort(401)\n", "def check_all():\n    if not current_user.is_authenticated:\n        abort(401)\nif X:\n    bp.before_request(check_all)\n")], {"POST /b": "weakened"}),
    ("flask", "before_request early return", [("app.py", "def check_all():\n", "def check_all():\n    if X:\n        return None\n")], {"POST /b": "changed"}),
    ("flask", "before_request loses abort", [("app.py", "        abort(401)\n", "        pass\n")], {"POST /b": "unknown"}),
    ("flask", "fresh decorator none", [("app.py", "@login_required\ndef a", "def a")], {"POST /a": "weakened"}),
    ("pyramid", "permission gone", [("app.py", ", permission='edit'", "")], {"ANY /a": "unknown"}),
    ("pyramid", "NO_PERMISSION_REQUIRED", [("app.py", "permission='edit'", "permission=NO_PERMISSION_REQUIRED")], {"ANY /a": "weakened"}),
    ("pyramid", "b NO_PERMISSION_REQUIRED", [("app.py", "route_name='b'", "route_name='b', permission=NO_PERMISSION_REQUIRED")], {"ANY /b": "weakened"}),
    ("pyramid", "require_csrf False", [("app.py", "permission='edit'", "permission='edit', require_csrf=False")], {"ANY /a": "weakened"}),
    ("pyramid", "permission choice", [("app.py", "permission='edit'", "permission='edit' if X else NO_PERMISSION_REQUIRED")], {"ANY /a": "weakened"}),
    ("pyramid", "default permission gone", [("app.py", "    config.set_default_permission('view')\n", "")], {"ANY /b": "weakened"}),
    ("pyramid", "default csrf gone", [("app.py", "    config.set_default_csrf_options(require_csrf=True)\n", "")], {"ANY /a": "weakened", "ANY /b": "weakened"}),
    ("aiohttp", "middleware gone", [("app.py", "middlewares=[auth_middleware]", "")], {"POST /a": "weakened"}),
    ("aiohttp", "middleware choice", [("app.py", "[auth_middleware]", "[auth_middleware] if X else []")], {"POST /a": "weakened"}),
    ("aiohttp", "middleware under if", [("app.py", "middlewares=[auth_middleware])", ")\nif X:\n    app.middlewares.append(auth_middleware)")], {"POST /a": "weakened"}),
    ("aiohttp", "order", [("app.py", "@routes.post('/a')\n@login_required", "@login_required\n@routes.post('/a')")], {"POST /a": "weakened"}),
    ("aiohttp", "decorator gone", [("app.py", "@login_required\n", "")], {"POST /a": "weakened"}),
    ("aiohttp", "mw allows early", [("app.py", "    if not request.get('user'):\n", "    if X: return await handler(request)\n    if not request.get('user'):\n")], {"POST /a": "weakened"}),
    ("litestar", "guards gone", [("app.py", ", guards=[admin_guard]", "")], {"POST /a": "weakened"}),
    ("litestar", "guards choice", [("app.py", "guards=[admin_guard]", "guards=[admin_guard] if X else []")], {"POST /a": "weakened"}),
    ("litestar", "class guards empty", [("app.py", "guards = [user_guard]", "guards = []")], {"POST /c/d": "weakened"}),
    ("litestar", "exclude_from_auth", [("app.py", "guards=[admin_guard]", "guards=[admin_guard], exclude_from_auth=True")], {"POST /a": "weakened"}),
    ("litestar", "opt exclude", [("app.py", "@post('/d')", "@post('/d', opt={'exclude_from_auth': True})")], {"POST /c/d": "weakened"}),
    ("litestar", "middleware gone", [("app.py", ", middleware=[DefineMiddleware(JWT, exclude='schema')]", "")], {"POST /a": "weakened", "POST /c/d": "weakened"}),
]
# fmt: on


@pytest.mark.parametrize(
    ("framework", "name", "edits", "expected"), CASES, ids=[f"{each[0]}: {each[1]}" for each in CASES]
)
def test_a_guard_that_lets_more_in_is_seen(
    framework: str, name: str, edits: Sequence[Edit], expected: Mapping[str, str]
) -> None:
    """Each framework has its own spelling of the same hole."""
    base = BASES[framework]

    assert guard_moves(touched_by(with_edits(base, edits), base)) == expected, name


@pytest.mark.parametrize("framework", BASES)
def test_without_a_change_of_guards_nothing_is_told(framework: str) -> None:
    """The other side of each hole: a comment in every file moves no guard."""
    assert touched_by(with_comments(BASES[framework]), BASES[framework]).guards == ()


LIMITED = """\
from flask import Flask
from flask_limiter import Limiter
app = Flask(__name__)
limiter = Limiter(app)

def refused(limit): return 'no'
def page(name): return refused

@app.route('/login', methods=['POST'])
@limiter.limit('3/minute', on_breach=refused, methods=['POST'])
def login(): return 1
"""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("'3/minute', on_breach=page('login, again.html'), methods=['POST']", {}),
        ("'3/minute', methods=['POST'], error_message='slower (please)'", {}),
        ("'3/minute', methods=['POST'], on_breach=page(['a', 'b'])", {}),
        ("'300/minute', on_breach=refused, methods=['POST']", {"POST /login": "unknown"}),
        ("'3/minute', on_breach=refused, methods=['PUT']", {"POST /login": "unknown"}),
        ("'3/minute', on_breach=refused, methods=['POST'], exempt_when=friends", {"POST /login": "unknown"}),
        ("on_breach=refused", {"POST /login": "weakened"}),
    ],
)
def test_what_a_rate_limit_answers_to_whom_it_refuses_is_no_other_limit(now: str, expected: Mapping[str, str]) -> None:
    """How often somebody may come, and who is counted, is what it asks for; the page that says no is not."""
    edits = [("app.py", "'3/minute', on_breach=refused, methods=['POST']", now)]
    assert guard_moves(touched_by(with_edits({"app.py": LIMITED}, edits), {"app.py": LIMITED})) == expected


HOOKED = {
    "app.py": "from litestar import Litestar\nfrom guards import auth\nfrom core import Items, health\n"
    "app = Litestar(route_handlers=[Items, health], on_app_init=[auth.on_app_init])\n",
    "core.py": "from litestar import Controller, get\n\nclass Items(Controller):\n    @get('/items')\n    async def all(self): ...\n"
    "@get('/health')\nasync def health(): ...\n",
    "guards.py": "from litestar.security.jwt import OAuth2PasswordBearerAuth\n"
    "from users import User\nauth = OAuth2PasswordBearerAuth[User](exclude=['/health', '^/schema'])\n",
}
PLUGIN = """
from litestar.plugins import InitPluginProtocol

class Core(InitPluginProtocol):
    def on_app_init(self, app_config):
        from guards import auth
        from core import Items, health
        app_config = self._ask(app_config, asks=auth)
        app_config.route_handlers.extend([Items, health])
        return app_config

    def _ask(self, app_config, *, asks):
        return asks.on_app_init(app_config)
"""


def test_litestar_authentication_that_moves_into_a_plugin_is_kept() -> None:
    """The plugin asks the same question for the same application; an address that it leaves out was open before."""
    app = "from litestar import Litestar\nfrom plug import Core\napp = Litestar(plugins=[Core()])\n"
    head = {**HOOKED, "app.py": app, "plug.py": PLUGIN.replace("asks", "auth")}
    assert guard_moves(touched_by(head, HOOKED)) == {}
    marked = {**head, "core.py": head["core.py"].replace("'/health'", "'/health', exclude_from_auth=True")}
    assert guard_moves(touched_by(marked, head)) == {}
    listed = {**marked, "guards.py": head["guards.py"].replace("'/health', ", "")}
    assert guard_moves(touched_by(head, listed)) == {"GET /items": "changed"}, "of what it leaves out nothing is lost"
    opened = {**head, "guards.py": head["guards.py"].replace("'^/schema'", "'^/items'")}
    assert guard_moves(touched_by(opened, head)) == {"GET /items": "weakened"}
    dropped = {**head, "plug.py": head["plug.py"].replace("auth.on_app_init(app_config)", "app_config")}
    assert guard_moves(touched_by(dropped, head)) == {"GET /items": "removed"}


def test_a_pattern_that_could_hang_is_not_matched_and_leaves_out_whatever_it_may() -> None:
    """It comes from the repository: nobody waits for it, and nothing is called guarded because of it."""
    slow = "(a+)+$"
    address = "/" + "a" * 60 + "!"
    base = {**HOOKED, "core.py": HOOKED["core.py"].replace("'/items'", f"'{address}'")}
    opened = with_edits(base, [("guards.py", "'^/schema'", f"'{slow}'")])
    assert guard_moves(touched_by(opened, base)) == {f"GET {address}": "weakened"}
    other = with_edits(opened, [("guards.py", slow, "(b+)+$")])
    assert guard_moves(touched_by(other, opened)) == {f"GET {address}": "weakened"}, "what it lets in is another thing"
