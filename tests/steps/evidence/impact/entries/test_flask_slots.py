"""What fills the slots of an application of Flask stands around all its routes."""

import pytest

from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import Confidence

SESSIONS = "class Sessions:\n    def open_session(self, app, request): return load()\ndef load(): return 1\n"


def around(main: str, **more: str) -> dict[str, str]:
    """Return what stands around the routes of an application, and why."""
    side = view_sources({"app/__init__.py": "", "app/main.py": main, "app/sessions.py": SESSIONS, **more})
    return {each.symbol: each.reason for found in side.discoveries for each in found.around}


ROUTE = "\n@app.route('/')\ndef index(): return 'x'\n"


@pytest.mark.parametrize(
    "assigned",
    ["app.session_interface = Sessions()", "app.json_provider_class = Sessions", "app.response_class = Sessions"],
)
def test_what_is_assigned_to_a_slot_stands_around_every_route(assigned: str) -> None:
    """A session that cannot be opened is a site that is down."""
    main = f"from flask import Flask\nfrom app.sessions import Sessions\napp = Flask(__name__)\n{assigned}{ROUTE}"
    assert "app/sessions.py:Sessions" in around(main)


def test_a_subclass_of_the_application_stands_around_with_its_slots_and_methods() -> None:
    """Applications of a larger kind set their slots in their own class."""
    main = (
        "from flask import Flask, Request\nfrom app.sessions import Sessions\n"
        "class Mine(Request): ...\n"
        "class Site(Flask):\n    request_class = Mine\n"
        "    def __init__(self, name):\n        self.session_interface = Sessions()\n        super().__init__(name)\n"
        "    def make_response(self, rv): return rv\n"
        "app = Site(__name__)" + ROUTE
    )
    found = around(main)
    assert {"app/sessions.py:Sessions", "app/main.py:Mine", "app/main.py:Site.make_response"} <= set(found)


def test_handlers_of_errors_of_addresses_stand_around() -> None:
    """They are appended to a list of the application, not decorated."""
    main = (
        "from flask import Flask\nfrom app.sessions import load\napp = Flask(__name__)\n"
        "app.url_build_error_handlers.append(load)" + ROUTE
    )
    assert around(main)["app/sessions.py:load"] == "when an address cannot be built"


def test_hooks_of_the_current_application_count() -> None:
    """`@current_app.url_defaults` in a module that is imported with an application at hand."""
    main = "from flask import Flask\napp = Flask(__name__)" + ROUTE
    hooks = "from flask import current_app\n@current_app.url_defaults\ndef add(endpoint, values): ...\n"
    assert "app/hooks.py:add" in around(main, **{"app/hooks.py": hooks})


def test_a_slot_of_something_else_is_none() -> None:
    """An attribute of this name is not rare."""
    main = "from flask import Flask\nfrom app.sessions import Sessions\napp = Flask(__name__)\nother = object()\nother.json = Sessions()"
    assert "app/sessions.py:Sessions" not in around(main + ROUTE)


def test_the_decorators_of_a_resource_wrap_its_methods() -> None:
    """`method_decorators` runs before every method, and is no decorator of any."""
    main = (
        "from flask import Flask\nfrom flask_restful import Api, Resource\n"
        "def guarded(f):\n    def inner(*args): return check() and f(*args)\n    return inner\ndef check(): return True\n"
        "class Base(Resource):\n    method_decorators = [guarded]\n"
        "class Items(Base):\n    def get(self): return []\n"
        "class Free(Resource):\n    def get(self): return []\n"
        "app = Flask(__name__)\napi = Api(app)\napi.add_resource(Items, '/items')\napi.add_resource(Free, '/free')\n"
    )
    side = view_sources({"app/__init__.py": "", "app/main.py": main})
    targets = [Node(each.handler, each.receiver) for each in side.entries]
    found = side.graph.reaching(["app/main.py:check"], targets)
    assert {(node.symbol, way.confidence) for (node, _seed), way in found.items()} == {
        ("app/main.py:Items.get", Confidence.HIGH)
    }
