"""Flask-AppBuilder."""

from release_harness.steps.evidence.impact.entries.flask_appbuilder import AppBuilderFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link_sources


def test_exposed_methods_are_reached_through_the_classes_that_are_added() -> None:
    """The class says the path, a method of it or of its base the rest, and another file adds it."""
    frameworks = (AppBuilderFramework(),)
    linked = link_sources({
        "views.py": "from flask_appbuilder import BaseView, expose, has_access\nfrom flask_appbuilder.api import BaseApi, protect\n"
        "class Common(BaseView):\n    @expose('/ping')\n    def ping(self): ...\n"
        "class Charts(Common):\n    route_base = '/charts'\n    @expose('/<id>', methods=['POST'])\n    @has_access\n    def save(self, id): ...\n"
        "class RowsApi(BaseApi):\n    resource_name = 'rows'\n    @expose('/')\n    @protect()\n    def rows(self): ...\n"
        "class Lost(BaseView):\n    @expose('/x')\n    def x(self): ...\n",
        "app.py": "def init(appbuilder):\n    from views import Charts, RowsApi\n    appbuilder.add_view(Charts, 'Charts')\n    appbuilder.add_api(RowsApi)\n",
    }, frameworks)  # fmt: skip
    (found,) = discover(linked, frameworks)
    entries = {each.name: each for each in found.entries}
    assert {name: each.mounted for name, each in entries.items()} == {
        "POST /charts/<id>": True, "GET /charts/ping": True, "GET /api/v1/rows/": True, "GET /lost/x": False,
    }  # fmt: skip
    assert [each.name for each in entries["POST /charts/<id>"].guards] == ["has_access"]
    assert [each.name for each in entries["GET /api/v1/rows/"].guards] == ["protect()"]
    assert entries["GET /charts/ping"].receiver == "views.py:Charts"
