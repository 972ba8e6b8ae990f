"""What a change touches through the calls that register entry points: the call itself, and what it hands in."""

from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import ImpactAnswer, Label

DJANGO = {
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nINSTALLED_APPS = ['shop']\n",
    "site_/urls.py": "from django.urls import include, path\nfrom shop import views\nurlpatterns = [\n"
    "  path('a/', views.A.as_view()),\n  path('b/', include([\n    path('b/', views.B.as_view()),\n  ])),\n  path('c/', views.c),\n]\n",
    "shop/__init__.py": "",
    "shop/views.py": "from django.views import View\nclass A(View):\n  def get(self, r): ...\nclass B(View):\n  def get(self, r): ...\n"
    "class Other(View):\n  def get(self, r): ...\ndef c(r): ...\n",
}
OWN = {
    "app.py": "from pages import Page\nclass App:\n  def routes(self):\n    routes = []\n"
    "    def add_route(view, regex):\n        routes.append((regex, view))\n"
    "    add_route(Page.as_view(self, self.one), '/one')\n    add_route(Page.as_view(self, lambda: self.two()), '/two')\n"
    "    add_route(wrapped(three, self), '/three')\n    return routes\n"
    "  def one(self):\n    return 1\n  def two(self):\n    return 2\n  def other(self): ...\n"
    "def three(app, request): ...\ndef wrapped(view, app):\n  async def inner(request):\n    return view(app, request)\n  return inner\n",
    "pages.py": "class Page:\n  @classmethod\n  def as_view(cls, app, load):\n    async def view(request):\n      return await cls(app, load).get(request)\n"
    "    return view\n  def __init__(self, app, load):\n    self.load = load\n  async def get(self, request):\n    return self.load()\n",
}
FLASK = {
    "app.py": "from flask import Flask\nimport pages\ndef create_app():\n  app = Flask('x')\n"
    "  app.add_url_rule('/a', view_func=pages.a)\n  app.add_url_rule('/b', view_func=pages.b)\n  return app\n",
    "pages.py": "def a(): ...\ndef b(): ...\ndef other(): ...\n",
}


def touched(before: dict[str, str], path: str, old: str, new: str) -> ImpactAnswer:
    """Return what it touches to replace a text in one file."""
    assert old in before[path]
    head = {**before, path: before[path].replace(old, new)}
    return answer_impact(view_sources(before), view_sources(head), Asked())


def names(answer: ImpactAnswer) -> dict[str, Label]:
    """Return the affected entry points by name."""
    return {each.entry.name: each.label for each in answer.affected}


def test_another_view_behind_an_address_touches_that_address_alone() -> None:
    """A list of URLs was taken for a router: one line of it touched every page of the site."""
    answer = touched(DJANGO, "site_/urls.py", "views.A.as_view", "views.Other.as_view")
    assert names(answer) == {"GET /a/": Label.RESOLVED}
    assert [hop.reason for hop in answer.affected[0].way] == ["runs", "is registered by"]


def test_one_more_address_leaves_the_others_as_they_were() -> None:
    """The view behind it is an old one, so that nothing else says that the page is new."""
    answer = touched(DJANGO, "site_/urls.py", "]\n", "  path('d/', views.c),\n]\n")
    assert names(answer) == {"ANY /d/": Label.RESOLVED}


def test_what_stands_around_an_included_list_touches_what_is_in_it() -> None:
    """A namespace belongs to all addresses that it is put around, and to no other."""
    answer = touched(DJANGO, "site_/urls.py", "  ])),", "  ]), name='inner'),")
    assert set(names(answer)) == {"GET /b/b/"}


def test_what_is_handed_in_beside_a_handler_is_run_by_that_route() -> None:
    """One class answers nine addresses, each with a function of its own: the class alone tells none of them apart."""
    assert names(touched(OWN, "app.py", "return 1", "return 3")) == {"ANY /one": Label.RESOLVED}
    assert names(touched(OWN, "app.py", "return 2", "return 3")) == {"ANY /two": Label.RESOLVED}
    assert names(touched(OWN, "app.py", "return view(app", "return None, view(app")) == {"ANY /three": Label.RESOLVED}


def test_another_argument_beside_a_handler_touches_that_route() -> None:
    """The answer of an address changed its shape, and the handler and the function behind it were the same as before."""
    answer = touched(OWN, "app.py", "self.one)", "self.other)")
    assert names(answer) == {"ANY /one": Label.RESOLVED}


def test_another_handler_in_a_function_that_makes_the_application_touches_its_route() -> None:
    """Nothing but that function changed, and no entry point runs it."""
    assert names(touched(FLASK, "app.py", "pages.a", "pages.other")) == {"GET /a": Label.RESOLVED}


def test_lines_that_move_touch_nothing() -> None:
    """A comment above a list of URLs is no other list."""
    assert names(touched(DJANGO, "site_/urls.py", "urlpatterns", "# all of them\n\n\nurlpatterns")) == {}


def test_a_page_that_a_registering_call_names_is_shown_by_that_address() -> None:
    """A view of the library shows the page; no code of the repository mentions it but the list of URLs."""
    urls = "from django.urls import path\nfrom django.views.generic import TemplateView\nurlpatterns = [\n"
    urls += "  path('about/', TemplateView.as_view(template_name='about.html')),\n  path('home/', TemplateView.as_view(template_name='home.html')),\n]\n"
    before = {
        **DJANGO,
        "site_/urls.py": urls,
        "shop/templates/about.html": "<p>{{ us }}</p>\n",
        "shop/templates/home.html": "home\n",
    }
    assert names(touched(before, "shop/templates/about.html", "<p>", "<b>")) == {"ANY /about/": Label.RESOLVED}
