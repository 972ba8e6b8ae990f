"""Receivers of signals and implementations of hooks are reached from those who send and call."""

from collections.abc import Mapping

from release_harness.steps.evidence.impact.entries import registry
from release_harness.steps.evidence.impact.entries.contract import Discovery, Framework
from release_harness.steps.evidence.impact.entries.pluggy import Pluggy
from release_harness.steps.evidence.impact.entries.registry import FRAMEWORKS
from release_harness.steps.evidence.impact.entries.signals import Signals
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence


def discover(adapter: Framework, sources: Mapping[str, str]) -> Discovery:
    """Return what an adapter finds in these files."""
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def test_receivers_of_django_are_entries_for_each_signal() -> None:
    """A save anywhere in the program runs them."""
    source = """
from django.db.models.signals import post_save, post_delete
from django.dispatch import receiver
from .models import User

@receiver([post_save, post_delete], sender=User)
def index(sender, **kwargs): ...

def audit(sender, **kwargs): ...

post_save.connect(audit, sender=User)
"""
    found = discover(Signals(), {"app/__init__.py": "", "app/signals.py": source, "app/models.py": "class User: ...\n"})
    assert {(each.kind, each.name, each.handler) for each in found.entries} == {
        ("signal", "post_save (User) → index", "app/signals.py:index"),
        ("signal", "post_delete (User) → index", "app/signals.py:index"),
        ("signal", "post_save (User) → audit", "app/signals.py:audit"),
    }


def test_a_signal_of_the_repository_leads_from_sender_to_receivers() -> None:
    """The two sides never mention each other."""
    sources = {
        "signals.py": "from django.dispatch import Signal\npaid = Signal()\nlost = Signal()\n",
        "receivers.py": "from signals import paid, lost\nfrom django.dispatch import receiver\n\n@receiver(paid)\ndef ship(**kwargs): ...\n\n@receiver(lost)\ndef other(**kwargs): ...\n",
        "pay.py": "from signals import paid\n\ndef pay():\n    paid.send(sender=None)\n",
    }
    edges = discover(Signals(), sources).edges
    assert [(each.source, each.target, each.confidence) for each in edges] == [
        ("pay.py:pay", "receivers.py:ship", Confidence.HIGH)
    ]


def test_blinker_connects_by_decorator_and_by_call() -> None:
    """Flask's signals come from this library."""
    source = """
from blinker import signal, Namespace
space = Namespace()
done = space.signal("done")

@done.connect
def first(sender): ...

def second(sender): ...

done.connect(second)
"""
    handlers = {each.handler for each in discover(Signals(), {"app.py": source}).entries}
    assert handlers == {"app.py:first", "app.py:second"}


def test_listeners_of_sqlalchemy_are_entries() -> None:
    """They run inside flushes that nothing in the code names."""
    source = """
from sqlalchemy import event
from models import User

@event.listens_for(User, "before_insert")
def check(mapper, connection, target): ...

def log(connection, cursor): ...

event.listen(User, "after_update", log)
"""
    found = discover(Signals(), {"app.py": source, "models.py": "class User: ...\n"})
    assert {(each.name, each.handler) for each in found.entries} == {
        ("User before_insert → check", "app.py:check"),
        ("User after_update → log", "app.py:log"),
    }


def test_connect_of_a_database_or_a_widget_is_no_signal() -> None:
    """`connect` is what one does with databases."""
    source = "import sqlite3, socket\n\ndef on_row(): ...\n\nsqlite3.connect(on_row)\ns = socket.socket()\ns.connect(on_row)\n"
    assert discover(Signals(), {"app.py": source}).entries == ()


PLUGGY = {
    "tool/__init__.py": "import pluggy\nhookimpl = pluggy.HookimplMarker('tool')\nhookspec = pluggy.HookspecMarker('tool')\n",
    "tool/specs.py": "from tool import hookspec\n\n@hookspec\ndef render(): ...\n\n@hookspec\ndef unused(): ...\n",
    "tool/manager.py": "import pluggy\npm = pluggy.PluginManager('tool')\n\ndef show():\n    pm.hook.render()\n",
    "tool/basic.py": "from tool import hookimpl\n\n@hookimpl\ndef render(): ...\n\n@hookimpl\ndef unused(): ...\n",
}


def test_a_call_of_a_hook_leads_to_every_implementation() -> None:
    """The measured reference engine won a third of its recall on datasette by this rule alone."""
    found = discover(Pluggy(), PLUGGY)
    assert [(each.source, each.target) for each in found.edges] == [("tool/manager.py:show", "tool/basic.py:render")]
    assert {each.name: each.mounted for each in found.entries} == {
        "render (tool.basic)": True,
        "unused (tool.basic)": False,
    }


def test_a_hook_called_by_a_computed_name_leaves_the_answer_open() -> None:
    """`getattr(pm.hook, name)` may call any hook that is specified."""
    manager = "import pluggy\npm = pluggy.PluginManager('tool')\n\ndef show(name):\n    getattr(pm.hook, name)()\n"
    found = discover(Pluggy(), {**PLUGGY, "tool/manager.py": manager})
    assert {each.mounted for each in found.entries} == {None}
    assert {each.confidence for each in found.edges} == {Confidence.MEDIUM}


def test_a_hook_of_another_program_is_an_entry_of_this_one() -> None:
    """A plugin of datasette is called by datasette, which is not in the tree."""
    source = "from datasette import hookimpl\n\n@hookimpl\ndef register_routes(): ...\n"
    (entry,) = discover(Pluggy(), {"plugin.py": source}).entries
    assert (entry.kind, entry.mounted) == ("hook", True)


def test_a_receiver_is_one_entry_of_one_framework_and_bears_the_name_of_its_signal() -> None:
    """Ten receivers of signals that a project made itself are ten entries, not ten called after the class of the signal."""
    sources = {
        "shop/signals.py": "from django.dispatch import Signal\npaid = Signal()\nsent = Signal()\n",
        "shop/apps.py": "from django.apps import AppConfig\nclass Shop(AppConfig):\n    def ready(self):\n"
        "        from shop.signals import paid, sent\n        from shop.handlers import book, thank\n"
        "        paid.connect(book)\n        sent.connect(thank)\n",
        "shop/handlers.py": "def book(sender, **k): ...\ndef thank(sender, **k): ...\n",
    }
    found = [each for discovery in registry.discover(link_sources(sources, FRAMEWORKS)) for each in discovery.entries]
    assert [each.name for each in found if each.kind == "signal"] == ["paid → book", "sent → thank"]
