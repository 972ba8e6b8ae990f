"""Handlers lead to pages, pages to pages, and pages to the functions, filters and tags that they use."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import Confidence

HELPERS = """
def money(x): return x
def pages(): return []
def shout(x): return x
def odd(x): return True
class Shop:
    def title(self): return ""
    def never(self): return 1
"""
APP = """
from flask import Flask, render_template
from app.helpers import money, Shop, odd, pages, shout
from app import tools
app = Flask(__name__)
app.jinja_env.globals.update(shop=Shop(), pages=pages, tools=tools)
app.jinja_env.filters["money"] = money
app.add_template_test(odd, "strange")

@app.template_filter("loud")
def loudly(x): return shout(x)

@app.route("/")
def index():
    return render_template("shop/index.html")

@app.route("/other")
def other():
    return "x"
"""


def reached(sources: Mapping[str, str], *functions: str) -> dict[str, dict[str, Confidence]]:
    """Return, for each function, how surely the handlers that lead to it do."""
    side = view_sources(sources)
    targets = [Node(each.handler, each.receiver) for each in side.entries]
    found: dict[str, dict[str, Confidence]] = {each: {} for each in functions}
    for (node, seed), way in side.graph.reaching(functions, targets).items():
        found[seed][node.symbol.rpartition(":")[2]] = way.confidence
    return found


def shop(**pages: str) -> dict[str, str]:
    """Return the shop with some pages below its folder of templates."""
    files = {f"app/templates/{name.replace('__', '/')}.html": text for name, text in pages.items()}
    return {
        "app/__init__.py": "",
        "app/main.py": APP,
        "app/helpers.py": HELPERS,
        "app/tools.py": "def wrench(): return 1\ndef saw(): return 1\n",
        **files,
    }


def test_a_handler_runs_what_its_page_and_the_pages_behind_it_call() -> None:
    """A global of a base page runs under every handler that renders a page which extends it, and under no other."""
    found = reached(
        shop(
            shop__index='{% extends "base.html" %}{{ 1|money }}{% if 1 is strange %}{% endif %}{{ tools.wrench() }}',
            base="{{ pages() }}{{ shop.title() }}{{ 'x'|loud }}",
        ),
        *(f"app/helpers.py:{name}" for name in ("money", "pages", "shout", "odd", "Shop.title", "Shop.never")),
        "app/tools.py:wrench",
        "app/tools.py:saw",
    )
    sure = {"index": Confidence.HIGH}
    for name in ("money", "pages", "shout", "odd", "Shop.title"):
        assert found[f"app/helpers.py:{name}"] == sure, name
    assert found["app/tools.py:wrench"] == sure
    assert found["app/helpers.py:Shop.never"] == {}
    assert found["app/tools.py:saw"] == {}


def test_who_imports_one_macro_does_not_run_the_others() -> None:
    """A file of macros is a library, not a page."""
    found = reached(
        shop(
            shop__index='{% from "macros.html" import row %}{{ row(1) }}',
            macros="{% macro row(x) %}{{ x|money }}{% endmacro %}{% macro head() %}{{ pages() }}{% endmacro %}",
        ),
        "app/helpers.py:money",
        "app/helpers.py:pages",
    )
    assert found["app/helpers.py:money"] == {"index": Confidence.HIGH}
    assert found["app/helpers.py:pages"] == {}


def test_a_page_that_is_imported_as_a_name_gives_its_macros() -> None:
    """`{% import "macros.html" as m %}{{ m.row() }}` names the macro as surely."""
    found = reached(
        shop(
            shop__index='{% import "macros.html" as m %}{{ m.row(1) }}',
            macros="{% macro row(x) %}{{ x|money }}{% endmacro %}",
        ),
        "app/helpers.py:money",
    )
    assert found["app/helpers.py:money"] == {"index": Confidence.HIGH}


def test_names_that_a_page_binds_itself_are_not_those_of_the_application() -> None:
    """`{% for pages in … %}` is another `pages`."""
    found = reached(shop(shop__index="{% for pages in rows %}{{ pages }}{% endfor %}"), "app/helpers.py:pages")
    assert found["app/helpers.py:pages"] == {}


def test_the_end_of_a_path_is_only_possible() -> None:
    """Which of the folders a loader looks into, reading cannot tell."""
    sources = shop(shop__index="{{ 1|money }}")
    sources["app/main.py"] = APP.replace('"shop/index.html"', '"index.html"')
    assert reached(sources, "app/helpers.py:money")["app/helpers.py:money"] == {"index": Confidence.MEDIUM}


def test_methods_of_objects_in_a_page_are_only_possible() -> None:
    """What a handler passes to a page, reading does not tell."""
    found = reached(shop(shop__index="{{ anything.never() }}"), "app/helpers.py:Shop.never")
    assert found["app/helpers.py:Shop.never"] == {"index": Confidence.LOW}


def test_tags_and_filters_of_django_are_found_by_their_names() -> None:
    """A tag runs wherever a page names it."""
    sources = {
        "site/urls.py": "from django.urls import path\nfrom site.views import home\nurlpatterns = [path('home', home)]\n",
        "site/views.py": "from django.shortcuts import render\ndef home(request):\n    return render(request, 'home.html')\n",
        "site/__init__.py": "",
        "site/templatetags/__init__.py": "",
        "site/templatetags/extras.py": (
            "from django import template\nregister = template.Library()\n"
            "@register.filter\ndef cents(x): return x\n"
            "@register.simple_tag(name='menu')\ndef make_menu(): return deep()\n"
            "@register.inclusion_tag('part.html')\ndef part(): return {}\n"
            "@register.filter('late')\ndef later(x): return x\n"
            "def deep(): return 1\ndef partly(): return 1\nregister.filter('aside', partly)\n"
        ),
        "site/templates/home.html": "{% load extras %}{{ x|cents|late:1 }}{% menu a as b %}{% part %}",
        "site/templates/part.html": "{{ y|aside }}",
    }
    symbols = [f"site/templatetags/extras.py:{each}" for each in ("cents", "later", "deep", "part", "partly")]
    found = reached(sources, *symbols)
    assert found == {each: {"home": Confidence.HIGH} for each in symbols}


def test_what_is_set_on_an_object_is_found_behind_its_name_in_a_page() -> None:
    """Applications hang their forms on one object that all pages know."""
    sources = shop(shop__index="{{ Forms.auth.login() }}")
    sources["app/forms.py"] = "from app import auth\nclass _Forms: ...\nForms = _Forms()\nForms.auth = auth\n"
    sources["app/auth.py"] = "def login(): return 1\ndef logout(): return 1\n"
    sources["app/main.py"] = APP.replace("shop=Shop()", "shop=Shop(), Forms=Forms").replace(
        "from app import tools", "from app import tools\nfrom app.forms import Forms"
    )
    found = reached(sources, "app/auth.py:login", "app/auth.py:logout")
    assert found["app/auth.py:login"] == {"index": Confidence.HIGH}
    assert found["app/auth.py:logout"] == {}


def test_loaders_and_environments_of_ones_own_run_for_every_page() -> None:
    """A theme loader that breaks breaks every page, and nothing else."""
    sources = shop(shop__index="x")
    sources["app/themes.py"] = (
        "from jinja2 import FileSystemLoader\nclass Themes(FileSystemLoader):\n    def get_source(self, env, name): return name\n"
    )
    found = reached(sources, "app/themes.py:Themes.get_source")
    assert found["app/themes.py:Themes.get_source"] == {"index": Confidence.HIGH}
