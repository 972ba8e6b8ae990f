"""The flags, tables and hosts on an entry's way, and the flags that stand before a symbol."""

import pytest

from release_harness.steps.evidence.impact.entries.attributes import NODES_LIMIT, AttributeReader
from release_harness.steps.evidence.impact.entries.flags import flag_conditions
from release_harness.steps.evidence.impact.entries.tables import tables_in_sql
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint


def read(sources: dict[str, str], handler: str, flag_functions: tuple[str, ...] = ()) -> EntryPoint:
    """Return the entry of a handler with its flags, tables and hosts filled in."""
    linked = link_sources(sources)
    entry = EntryPoint(kind="task", name="x", framework="x", handler=handler, path="app.py", line=1)
    return AttributeReader(linked.program, linked.graph(), flag_functions).filled(entry)


def test_tables_come_from_models_tables_and_sql_along_the_way() -> None:
    """A reviewer of a route wants to know which data it touches."""
    sources = {
        "shop/__init__.py": "",
        "shop/models.py": """
from django.db import models

class Order(models.Model): ...

class Item(models.Model):
    class Meta:
        db_table = "stock"

class Base(models.Model):
    class Meta:
        abstract = True
""",
        "db.py": """
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase
class Root(DeclarativeBase): ...
class User(Root):
    __tablename__ = "users"
roles = sa.Table("roles", sa.MetaData())
""",
        "app.py": """
from shop.models import Order, Item, Base
from db import User, roles

def entry(session):
    Order.objects.all()
    inner(session)

def inner(session):
    Item.objects.all()
    session.query(User)
    session.execute(roles.select())
    session.execute("SELECT 1 FROM audit a JOIN public.logs USING (id)")

def unrelated(session):
    session.execute("DELETE FROM elsewhere")
""",
    }
    assert read(sources, "app.py:entry").tables == ("audit", "public.logs", "roles", "shop_order", "stock", "users")


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("select a from users", ["users"]),
        ('INSERT INTO "orders" (a) VALUES (1)', ["orders"]),
        ("update users set a = 1", ["users"]),
        ("WITH t AS (SELECT 1 FROM one) SELECT * FROM t JOIN two ON 1=1", ["one", "two"]),
        ("SELECT extract(year FROM at) FROM events -- from nowhere", ["events"]),
        ("SELECT * FROM generate_series(1, 2)", []),
        ("SELECT * FROM {}", []),
        ("Update from the server", []),
        ("delete this", []),
        ("with best regards", []),
        ("A letter from Rome", []),
        ("ALTER TABLE users ADD COLUMN x int", ["users"]),
    ],
)
def test_a_text_names_tables_only_where_it_is_sql(text: str, tables: list[str]) -> None:
    """A small reader: functions, common table expressions and prose that begins like a statement name no table."""
    assert list(tables_in_sql(text)) == tables


def test_hosts_come_from_addresses_given_to_clients() -> None:
    """What leaves the house is worth a line."""
    source = """
import boto3, httpx, requests, stripe
URL = "https://hooks.example.com/x"
client = httpx.Client(base_url="https://base.example.com")

def entry(name):
    requests.post(URL)
    httpx.get(f"https://api.example.com/{name}")
    requests.get("https://" + name + "/x")
    boto3.client("s3")
    stripe.Charge.create()
    print("https://only-printed.example.com")
"""
    assert read({"app.py": source}, "app.py:entry").hosts == (
        "api.example.com",
        "api.stripe.com",
        "aws:s3",
        "hooks.example.com",
    )


def test_flags_of_known_libraries_and_of_declared_functions_are_found() -> None:
    """The key joins the code to the flag that can turn it off."""
    source = """
import waffle
from mine import allowed
from openfeature import api
client = api.get_client()

class Keys:
    DARK = "dark-mode"

def entry(request):
    if waffle.flag_is_active(request, "new-cart"): ...
    client.get_boolean_value("fast", False)
    client.get_boolean_value(Keys.DARK, False)
    allowed("own")
    request.is_enabled("no-flag")
"""
    sources = {"app.py": source, "mine.py": "def allowed(key): ...\n"}
    assert read(sources, "app.py:entry", ("mine.allowed",)).flags == ("dark-mode", "fast", "new-cart", "own")
    assert read(sources, "app.py:entry").flags == ("dark-mode", "fast", "new-cart")


def test_a_way_without_end_is_cut_and_said_to_be() -> None:
    """The cost of one line in `rh entries` has to be bounded."""
    count = NODES_LIMIT + 50
    calls = "\n".join(f"    f{at}()" for at in range(count))
    source = f"def entry():\n{calls}\n\n" + "\n".join(f"def f{at}(): ..." for at in range(count))
    linked = link_sources({"app.py": source})
    entry = EntryPoint(kind="task", name="x", framework="x", handler="app.py:entry", path="app.py", line=1)
    assert not AttributeReader(linked.program, linked.graph()).attributes(entry).whole


FLAGGED = """
import waffle

def run():
    if waffle.switch_is_active("new"):
        fresh()
    else:
        stale()
    if not waffle.switch_is_active("off"):
        without()
    on = waffle.switch_is_active("local")
    if on:
        through()
    if on and ready():
        several()
    plain()

def again():
    plain()
    mixed()
    if waffle.switch_is_active("new"):
        mixed()

def fresh(): ...
def stale(): ...
def without(): ...
def through(): ...
def several(): ...
def plain(): ...
def mixed(): ...
def ready(): ...

@waffle.decorators.waffle_switch("page")
def page(): ...
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("fresh", [("new", True)]),
        ("stale", [("new", False)]),
        ("without", [("off", False)]),
        ("through", [("local", True)]),
        ("several", [("local", None)]),
        ("plain", []),
        ("mixed", []),
        ("page", [("page", True)]),
        ("run", []),
    ],
)
def test_the_flag_before_a_symbol_is_told_with_its_side(name: str, found: list[tuple[str, bool | None]]) -> None:
    """Code behind a flag that is off is wired and dark; one free way makes it plainly wired."""
    linked = link_sources({"app.py": FLAGGED})
    conditions = flag_conditions(linked.program, linked.graph(), f"app.py:{name}")
    assert [(each.key, each.on) for each in conditions] == found


def test_the_address_of_a_library_of_go_is_no_host_that_is_called() -> None:
    """Packages of Go are named after where they are kept, mostly one and the same host."""
    pytest.importorskip("tree_sitter_go")
    source = (
        'package app\n\nimport (\n\t"net/http"\n\n\t"github.com/some/library"\n)\n\n'
        'func entry() {\n\tlibrary.Do(1)\n\thttp.Get("https://feeds.example.org/list")\n}\n'
    )
    assert read({"app.go": source}, "app.go:entry").hosts == ("feeds.example.org",)
