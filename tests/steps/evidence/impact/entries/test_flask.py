"""Flask, its blueprints and resources."""

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.flask import FlaskFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint


def read(sources: dict[str, str]) -> Discovery:
    """Return what the adapter finds."""
    frameworks = (FlaskFramework(),)
    (found,) = discover(link_sources(sources, frameworks), frameworks) or (Discovery(framework="Flask"),)
    return found


def entries(sources: dict[str, str]) -> dict[str, EntryPoint]:
    """Return the entries by their names."""
    return {each.name: each for each in read(sources).entries}


def guards(entry: EntryPoint) -> list[str]:
    """Return the names of the guards, from outside to inside."""
    return [each.name for each in entry.guards]


FACTORY = "from flask import Flask\nfrom shop import bp\ndef create_app():\n    app = Flask(__name__)\n"


def test_blueprints_are_mounted_by_the_factory_with_the_prefix_of_the_registration() -> None:
    """Flask lets the registration replace the blueprint's own prefix; adding both gives an address that does not exist."""
    found = entries(
        {
            "app.py": FACTORY + "    app.register_blueprint(bp, url_prefix='/shop')\n    return app\n",
            "shop.py": "from flask import Blueprint\nfrom admin import admin\nbp = Blueprint('shop', __name__, url_prefix='/old')\n"
            "bp.register_blueprint(admin)\n@bp.route('/cart', methods=['GET', 'POST'])\ndef cart(): ...\n",
            "admin.py": "from flask import Blueprint\nadmin = Blueprint('admin', __name__, url_prefix='/admin')\n"
            "@admin.post('/users')\ndef users(): ...\n",
        }
    )
    assert set(found) == {"GET /shop/cart", "POST /shop/cart", "POST /shop/admin/users"}
    assert all(each.mounted for each in found.values())


def test_a_blueprint_that_nothing_registers_is_not_mounted() -> None:
    """The view exists, its tests call it, and no user can."""
    found = entries(
        {
            "app.py": FACTORY + "    return app\n",
            "shop.py": "from flask import Blueprint\nbp = Blueprint('shop', __name__)\n@bp.route('/cart')\ndef cart(): ...\n",
        }
    )
    assert found["GET /cart"].mounted is False


def test_only_decorators_below_the_route_guard_it() -> None:
    """Flask registers what stands below; a login check above the route never runs."""
    found = entries(
        {
            "app.py": "from flask import Flask\nfrom flask_login import login_required\napp = Flask(__name__)\n"
            "@app.route('/safe')\n@login_required\ndef safe(): ...\n"
            "@login_required\n@app.route('/open')\ndef open_(): ...\n",
        }
    )
    assert guards(found["GET /safe"]) == ["login_required"]
    assert guards(found["GET /open"]) == []


def test_a_decorator_of_the_repository_is_a_guard_by_what_it_refuses() -> None:
    """Guards have any name; one that answers 403 is one, one that only measures is none."""
    found = entries(
        {
            "app.py": "from flask import Flask, abort\nimport functools\napp = Flask(__name__)\n"
            "def only_ops(f):\n    @functools.wraps(f)\n    def inner(*a):\n        if not ok():\n            abort(403)\n        return f(*a)\n    return inner\n"
            "def timed(f):\n    def inner(*a):\n        return f(*a)\n    return inner\n"
            "@app.get('/ops')\n@timed\n@only_ops\ndef ops(): ...\n",
        }
    )
    assert guards(found["GET /ops"]) == ["only_ops"]


def test_class_based_views_answer_by_their_methods_with_the_guards_of_the_class() -> None:
    """The handler is the method, inherited ones bound to the class that is registered."""
    found = entries(
        {
            "app.py": "from flask import Flask\nfrom flask.views import MethodView\nfrom flask_login import login_required, fresh_login_required\n"
            "app = Flask(__name__)\nclass Base(MethodView):\n    decorators = [login_required]\n    def get(self): ...\n"
            "class Users(Base):\n    @fresh_login_required\n    def post(self): ...\n"
            "view = Users.as_view('users')\napp.add_url_rule('/users', view_func=view)\n",
        }
    )
    assert found["GET /users"].handler == "app.py:Base.get"
    assert found["GET /users"].receiver == "app.py:Users"
    assert guards(found["POST /users"]) == ["login_required", "fresh_login_required"]


def test_a_function_of_the_repository_that_passes_a_resource_on_registers_too() -> None:
    """Real applications wrap the registrar; without this the whole API of one of them is invisible."""
    found = entries(
        {
            "api.py": "from flask import Flask\nfrom flask_restful import Api, Resource\nfrom flask_login import login_required\n"
            "class OwnApi(Api):\n    def add_org_resource(self, resource, *urls, **kwargs):\n"
            "        return self.add_resource(resource, *urls, **kwargs)\n"
            "class Alerts(Resource):\n    method_decorators = [login_required]\n    def get(self): ...\n"
            "api = OwnApi()\napi.add_org_resource(Alerts, '/api/alerts', '/api/alarms', endpoint='alerts')\n"
            "def init_app(app):\n    api.init_app(app)\napp = Flask(__name__)\ninit_app(app)\n",
        }
    )
    assert set(found) == {"GET /api/alerts", "GET /api/alarms"}
    assert found["GET /api/alerts"].mounted is True
    assert guards(found["GET /api/alerts"]) == ["login_required"]


def test_namespaces_of_restx_have_their_own_path() -> None:
    """A namespace without a path answers below its name."""
    found = entries(
        {
            "app.py": "from flask import Flask\nfrom flask_restx import Api, Namespace, Resource\napp = Flask(__name__)\n"
            "api = Api(app, prefix='/api')\nns = Namespace('users')\napi.add_namespace(ns)\n"
            "late = api.namespace('late', path='/l')\n"
            "@ns.route('/<int:id>')\nclass User(Resource):\n    def get(self, id): ...\n"
            "@late.route('/x')\nclass X(Resource):\n    def put(self): ...\n",
        }
    )
    assert {name: each.mounted for name, each in found.items()} == {
        "GET /api/users/<int:id>": True,
        "PUT /api/l/x": True,
    }


def test_hooks_stand_around_their_application_or_blueprint_only() -> None:
    """A hook of one blueprint does not touch the others."""
    found = read(
        {
            "app.py": "from flask import Flask, Blueprint, abort\nfrom flask_login import LoginManager\napp = Flask(__name__)\n"
            "login = LoginManager()\nbp = Blueprint('b', __name__)\napp.register_blueprint(bp)\n"
            "@login.user_loader\ndef load(id): ...\n@bp.before_request\ndef gate():\n    abort(401)\n"
            "@app.errorhandler(404)\ndef missing(e): ...\n"
            "@bp.get('/in')\ndef inside(): ...\n@app.get('/out')\ndef outside(): ...\n",
        }
    )
    around = {each.symbol: (each.reason, each.entries) for each in found.around}
    assert around["app.py:load"] == ("auth loader", None)
    assert around["app.py:missing"] == ("exception handler", None)
    assert around["app.py:gate"] == ("before each request", frozenset({"http GET /in"}))
    by_name = {each.name: each for each in found.entries}
    assert guards(by_name["GET /in"]) == ["gate"]
    assert guards(by_name["GET /out"]) == []


def test_a_decorator_called_route_of_something_else_is_no_entry() -> None:
    """Rules that take any `@x.route` for Flask are known for their false alarms."""
    found = read(
        {
            "app.py": "from flask import Flask\nfrom bus import bus\napp = Flask(__name__)\n@bus.route('/orders')\ndef a(): ...\n",
            "bus.py": "class Bus:\n    def route(self, path):\n        return lambda f: f\nbus = Bus()\n",
        }
    )
    assert found.entries == ()
    assert found.unknown == ()
