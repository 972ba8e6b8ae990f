"""What a change of a small web application is said to touch: planted faults are found, sound changes are left alone."""

from collections.abc import Mapping

import pytest

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.impact.answer.whole import Asked
from release_harness.steps.evidence.model.impact import GuardMove, ImpactAnswer, Label, Side, SymbolChange, Wiring
from release_harness.steps.evidence.model.reading import Reading
from release_harness.steps.evidence.rules.impact import impact_facts
from release_harness.testing.shop import SHOP, shop_with, touched_by


def names(answer: ImpactAnswer) -> dict[str, Label]:
    """Return the affected entry points by name."""
    return {each.entry.name: each.label for each in answer.affected}


def blocking(answer: ImpactAnswer) -> list[str]:
    """Return everything that would keep the change from landing."""
    bad = {Wiring.PHANTOM, Wiring.REGISTERED_NOT_MOUNTED, Wiring.UNREFERENCED}
    lost = {GuardMove.REMOVED, GuardMove.WEAKENED}
    return [each.because for each in answer.wired if each.state in bad] + [
        each.because for each in answer.guards if each.move in lost
    ]


def test_a_changed_function_affects_what_calls_it_and_nothing_else() -> None:
    """The whole point: the route that prices an item, by the way through the pricing, and not the routes beside it."""
    answer = touched_by(shop_with("shop/pricing.py", "price + 1", "price + 2"))

    assert names(answer) == {"GET /items/{id}": Label.RESOLVED}
    assert [hop.symbol for hop in answer.affected[0].way] == [
        "shop/api/items.py:read_item",
        "shop/pricing.py:price_of",
        "shop/pricing.py:round_up",
    ]
    assert answer.affected[0].side is Side.BOTH
    assert answer.reading is Reading.WHOLE
    assert answer.counts.files_count == answer.counts.files_parsed_count > 0
    assert blocking(answer) == []


def test_a_constant_affects_what_reads_it() -> None:
    """A rate that doubles is a change of every price, although no function changed."""
    assert names(touched_by(shop_with("shop/pricing.py", "RATE = 3", "RATE = 6"))) == {
        "GET /items/{id}": Label.RESOLVED
    }


def test_work_that_is_done_later_is_told_as_such() -> None:
    """A route that enqueues a task does not fail when the task does; the reader has to know which it is."""
    answer = touched_by(shop_with("shop/tasks.py", "id + 1", "id + 2"))
    entry = next(each for each in answer.affected if each.entry.name == "PUT /items/{id}")

    assert entry.asynchronous
    assert [hop.asynchronous for hop in entry.way if hop.symbol == "shop/tasks.py:reindex"] == [True]
    assert any(each.entry.kind == "task" and not each.asynchronous for each in answer.affected)


def test_a_comment_affects_nothing_and_is_said_to_be_one() -> None:
    """Whoever changes a comment must not be asked for tests of three routes."""
    answer = touched_by(shop_with("shop/pricing.py", "# the price of one", "# what one costs"))

    assert (answer.affected, answer.cross_cutting, answer.wired, answer.guards) == ((), (), (), ())
    assert [each.change for each in answer.changed] == [SymbolChange.FORMAT]


def test_what_was_removed_affects_what_used_it_before() -> None:
    """Removed code is only in the old tree; a search of the new one alone would find nothing."""
    base = shop_with("shop/api/items.py", "return price_of(id)", "return id")
    answer = touched_by(base)

    assert names(answer) == {"GET /items/{id}": Label.RESOLVED}


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    [
        shop_with("shop/pricing.py", "def price_of(id):", "def price_of(id:::"),
        {**SHOP, "shop/pricing.py": b"\xff\xfe\0\0broken" * 40},
        {**SHOP, "shop/pricing.py": "x = 1\n" * 900_000},
    ],
)
def test_a_gap_is_never_a_zero(head: Mapping[str, str | bytes]) -> None:
    """What could not be read gives a reason, and no count of the answer may be read as `none`."""
    answer = touched_by(head)
    facts = impact_facts(answer)

    assert answer.unknown
    assert answer.reading is Reading.BROKEN
    assert isinstance(facts["entry_points.affected_count"], Unknown)
    for name in ("wiring.sound", "guards.kept", "wiring.explained"):
        fact = facts[name]
        assert isinstance(fact, Unknown) or fact.value is False


def test_a_template_affects_the_route_that_renders_it() -> None:
    """A page is what its users see; no line of code changed."""
    base = shop_with("shop/api/items.py", "return price_of(id)", 'return render("items/one.html", price_of(id))')
    base["shop/templates/items/one.html"] = "<b>{{ price }}</b>\n"
    head = {**base, "shop/templates/items/one.html": "<i>{{ price }}</i>\n"}
    answer = touched_by(head, base)

    assert names(answer) == {"GET /items/{id}": Label.RESOLVED}
    assert [each.change for each in answer.changed] == [SymbolChange.LITERAL]


def test_a_bumped_dependency_affects_what_uses_it_and_not_everything() -> None:
    """A lock file that lights up the whole application teaches people to look away."""
    base = shop_with("shop/pricing.py", "RATE = 3", "import babel\n\nRATE = 3")
    base = shop_with("shop/pricing.py", "return price + 1", "return babel.round(price)", base)
    base["requirements.txt"] = "babel==1.0\nother==1.0\n"
    answer = touched_by({**base, "requirements.txt": "babel==1.1\nother==1.0\n"}, base)

    assert names(answer) == {"GET /items/{id}": Label.POSSIBLE}


def test_a_symbol_that_most_entry_points_reach_is_told_once() -> None:
    """Thirty lines that say the same are read by nobody."""
    routes = "".join(
        f'\n\n@router.get("/many/{number}")\ndef many_{number}():\n    return price_of({number})\n'
        for number in range(30)
    )
    base = {**SHOP, "shop/api/items.py": SHOP["shop/api/items.py"] + routes}
    answer = touched_by(shop_with("shop/pricing.py", "return price + 1", "return price + 2", base), base)

    assert answer.affected == ()
    assert [(each.symbol, each.entries_count) for each in answer.cross_cutting] == [("shop/pricing.py:round_up", 31)]
    assert "31 of 35" in answer.cross_cutting[0].reason
    assert impact_facts(answer)["entry_points.affected_count"] == Known(value=31, source="computed here")


def test_guesses_never_swell_what_is_told_for_many() -> None:
    """`Reached by 268 of 364` beside `252 affected` is believed by nobody; so are more possible ones than there are."""
    routes = "".join(
        f'\n\n@router.get("/many/{number}")\ndef many_{number}(it):\n    return it.rounded_up()\n'
        for number in range(10)
    ) + "".join(
        f'\n\n@router.get("/sure/{number}")\ndef sure_{number}():\n    return Price().rounded_up()\n'
        for number in range(20)
    )
    base = {**SHOP, "shop/api/items.py": "from shop.price import Price\n" + SHOP["shop/api/items.py"] + routes}
    base["shop/price.py"] = "class Price:\n    def rounded_up(self):\n        return 1\n"
    answer = touched_by(shop_with("shop/price.py", "return 1", "return 2", base), base)

    assert [each.reason for each in answer.cross_cutting] == ["reached by 20 of 35 entry points"]
    assert (answer.reached_count, answer.possible_count, answer.affected) == (20, 10, ())


def test_a_surface_is_reached_through_an_entry_point_that_the_diff_does_not_touch() -> None:
    """The route of payments runs changed code although no file of payments is in the diff."""
    surfaces = (("money", lambda path: "items" in path),)
    reached = touched_by(shop_with("shop/pricing.py", "price + 1", "price + 2"), asked=Asked(surfaces=surfaces)).reached

    assert [(each.surface, each.entry.name) for each in reached] == [("money", "GET /items/{id}")]


def test_the_same_trees_touch_nothing() -> None:
    """An empty difference is the one case where nothing is known to be affected."""
    answer = touched_by(SHOP)

    assert (answer.changed, answer.affected, answer.wired, answer.guards, answer.unknown) == ((), (), (), (), ())
    assert impact_facts(answer)["entry_points.affected_count"] == Known(value=0, source="computed here")


VIEWSET: dict[str, str] = {
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nINSTALLED_APPS = ['shop']\n",
    "site_/urls.py": "from django.urls import include, path\nfrom rest_framework.routers import DefaultRouter\n"
    "from shop.views import Carts\nrouter = DefaultRouter()\nrouter.register('carts', Carts)\n"
    "urlpatterns = [path('api/', include(router.urls))]\n",
    "shop/__init__.py": "",
    "shop/views.py": "from rest_framework.viewsets import ReadOnlyModelViewSet\nfrom rest_framework.decorators import action\n"
    "def score(): return 1\ndef visible(): return []\nclass Carts(ReadOnlyModelViewSet):\n"
    "    def get_queryset(self): return visible()\n"
    "    @action(detail=True)\n    def suggest(self, request): return score()\n",
}


@pytest.mark.parametrize(
    ("old", "new", "affected"),
    [
        ("return 1", "return 2", ["GET /api/carts/<pk>/suggest/"]),
        ("return []", "return [1]", ["GET /api/carts/", "GET /api/carts/<pk>/"]),
    ],
)
def test_what_a_library_answers_for_a_class_runs_its_hooks_and_not_its_other_routes(
    old: str, new: str, affected: list[str]
) -> None:
    """A change in one extra action of a viewset does not touch the list of the same viewset."""
    answer = touched_by(VIEWSET, VIEWSET | {"shop/views.py": VIEWSET["shop/views.py"].replace(old, new)})

    assert sorted(name for name, label in names(answer).items() if label is Label.RESOLVED) == affected


def test_a_registration_that_cannot_be_read_is_no_gap_where_no_code_changed() -> None:
    """It may run any code of the repository, but a comment and a test are none that could be run."""
    computed: dict[str, str] = dict(SHOP) | {
        "shop/plugins.py": "from fastapi import FastAPI\nfrom loader import found\napp = FastAPI()\n"
    }
    computed["shop/plugins.py"] += "for plugin in found():\n    app.include_router(plugin.events)\n"
    comment = touched_by(computed, computed | {"shop/tasks.py": f"# said\n{computed['shop/tasks.py']}"})
    code = touched_by(computed, computed | {"shop/tasks.py": computed["shop/tasks.py"].replace("id + 1", "id + 2")})

    assert (comment.unknown, comment.reading, comment.affected) == ((), Reading.WHOLE, ())
    assert code.reading is Reading.LIMITED
    assert "cannot be read" in code.unknown[0]


def test_a_released_version_of_a_script_package_touches_no_code_that_says_version() -> None:
    """Snapshots bump `version` every day; a model that has a column of that name has nothing to do with it."""
    base = dict(SHOP) | {"package.json": '{\n  "version": "1.0"\n}\n', "conf/shop.json": '{\n  "version": "1.0"\n}\n'}
    base["shop/tasks.py"] += 'COLUMN = "version"\n'
    bumped = '{\n  "version": "1.1"\n}\n'

    assert not touched_by(base | {"package.json": bumped}, base).changed
    assert [each.symbol for each in touched_by(base | {"conf/shop.json": bumped}, base).changed] == [
        "conf/shop.json:version"
    ]


def test_what_stands_around_some_entry_points_does_not_hide_those_that_run_it_themselves() -> None:
    """A check of addresses that a loader uses too is above all a change of the login page that calls it."""
    app = (
        "from flask import Flask, request, redirect\napp = Flask(__name__)\n"
        "def safe(url): return url\n"
        "@app.before_request\ndef load(): safe(request.url)\n"
        "@app.route('/login')\ndef login(): return redirect(safe('/'))\n"
        "@app.route('/about')\ndef about(): return 'about'\n"
    )
    answer = touched_by({"app.py": app.replace("return url", "return str(url)")}, {"app.py": app})

    assert names(answer) == {"GET /login": Label.RESOLVED}
    assert [(each.symbol, each.entries_count) for each in answer.cross_cutting] == [("app.py:safe", 2)]
    assert answer.reached_count == 2


def test_a_command_that_runs_the_change_through_its_group_alone_is_told_with_the_group() -> None:
    """Each command names its group in a decorator; that is no way of its own."""
    cli = (
        "import click\ndef prepare(): return 1\n@click.group()\ndef cli(): prepare()\n"
        "@cli.command()\ndef one(): ...\n@cli.command()\ndef two(): prepare()\nif __name__ == '__main__':\n    cli()\n"
    )
    answer = touched_by({"cli.py": cli.replace("return 1", "return 2")}, {"cli.py": cli})

    assert [each.entry.handler for each in answer.affected if each.label is Label.RESOLVED] == ["cli.py:two"]
    assert [(each.symbol, each.reason) for each in answer.cross_cutting] == [("cli.py:prepare", "command group")]


def test_a_route_at_a_computed_address_surely_runs_its_handler() -> None:
    """What is not known is what its users call it, not whether it runs."""
    app = (
        "from flask import Flask\nfrom conf import prefixed\napp = Flask(__name__)\ndef check(): return 1\n"
        "@app.route(prefixed('/login'))\ndef login(): return check()\n"
    )
    answer = touched_by({"app.py": app.replace("return 1", "return 2")}, {"app.py": app})

    assert [(each.entry.handler, each.label) for each in answer.affected] == [("app.py:login", Label.RESOLVED)]


def test_who_builds_an_application_runs_none_of_its_routes() -> None:
    """A command that starts the server hands every handler to the framework; a change of one login page is not its change."""
    app = (
        "import click\nfrom flask import Flask\ndef check(): return 1\ndef about(): return check()\n"
        "def create_app():\n    app = Flask(__name__)\n    app.add_url_rule('/about', view_func=about)\n"
        "    @app.route('/login')\n    def login(): return check()\n    return app\n"
        "app = create_app()\n"
        "@click.group()\ndef cli(): ...\n@cli.command()\ndef serve(): create_app().run()\n"
        "@cli.command()\ndef show(): about()\nif __name__ == '__main__':\n    cli()\n"
    )
    answer = touched_by({"app.py": app.replace("return 1", "return 2")}, {"app.py": app})

    assert sorted(each.entry.handler for each in answer.affected if each.label is Label.RESOLVED) == [
        "app.py:about",
        "app.py:create_app.<locals>.login",
        "app.py:show",
    ]


@pytest.mark.slow
def test_code_of_a_front_end_is_not_told_as_reached_by_nothing() -> None:
    """No page is known where only the server has entry points; users see the change all the same."""
    base = dict(SHOP) | {
        "client/Cart.tsx": "export function Cart() { return 1; }\n",
        "client/vite.config.ts": "x = 1;\n",
    }
    page = touched_by(base | {"client/Cart.tsx": "export function Cart() { return 2; }\n"}, base)
    tool = touched_by(base | {"client/vite.config.ts": "x = 2;\n"}, base)

    assert page.unknown == (
        "1 changed file is tsx, in which no entry point is known here: what runs them is not known",
    )
    assert page.reading is Reading.LIMITED
    assert isinstance(impact_facts(page)["entry_points.affected_count"], Unknown)
    assert (tool.unknown, tool.reading) == ((), Reading.WHOLE)


def test_a_handler_inside_a_function_is_touched_by_what_the_function_makes_for_it() -> None:
    """The settings of a login client are written around the route that uses it, and nobody calls that function by a route."""
    app = (
        "from flask import Blueprint, Flask\ndef make(settings):\n    page = Blueprint('page', __name__)\n"
        "    client = settings.client(1)\n"
        "    @page.route('/login')\n    def login(): return client.login()\n"
        "    @page.route('/about')\n    def about(): return 'about'\n    return page\n"
        "app = Flask(__name__)\napp.register_blueprint(make({}))\n"
    )
    answer = touched_by({"app.py": app.replace("client(1)", "client(2)")}, {"app.py": app})

    assert names(answer) == {"GET /login": Label.RESOLVED}
    assert [hop.symbol for hop in answer.affected[0].way] == ["app.py:make.<locals>.login", "app.py:make"]


@pytest.mark.slow
def test_the_page_of_a_component_is_no_comment() -> None:
    """What users see stands beside the script; a button that is gone was told as a change of format."""
    view = "<template>\n  <a>{{ name }}</a>\n</template>\n<script>\n// said\nexport const name = 1\n</script>\n"
    base = dict(SHOP) | {"client/Cart.vue": view}
    page = touched_by(base | {"client/Cart.vue": view.replace("<a>", "<b>").replace("</a>", "</b>")}, base)
    comment = touched_by(base | {"client/Cart.vue": view.replace("said", "told")}, base)

    assert [each.change for each in page.changed] == [SymbolChange.STATEMENT]
    assert page.reading is Reading.LIMITED
    assert [each.change for each in comment.changed] == [SymbolChange.FORMAT]
    assert comment.reading is Reading.WHOLE
