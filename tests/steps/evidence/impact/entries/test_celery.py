"""Tasks of Celery are found under the names that their senders use; a task that no worker loads is said to be so."""

from collections.abc import Mapping

import pytest

from release_harness.steps.evidence.impact.entries.celery import Celery
from release_harness.steps.evidence.impact.entries.contract import Discovery, Framework
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence


def discover(adapter: Framework, sources: Mapping[str, str]) -> Discovery:
    """Return what an adapter finds in these files."""
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def rows(found: Discovery) -> set[tuple[str, str, str]]:
    """Return kind, name and handler of everything that was found."""
    return {(each.kind, each.name, each.handler) for each in found.entries}


CELERY = {
    "proj/__init__.py": "",
    "proj/celery.py": "from celery import Celery\napp = Celery('proj', include=['proj.tasks'])\n",
    "proj/tasks.py": """
from celery import shared_task
from proj.celery import app

@app.task
def plain(): ...

@app.task(name="mail.send", bind=True)
def send(self): ...

@shared_task
def shared(): ...
""",
}


def test_tasks_of_celery_have_their_own_or_their_dotted_name() -> None:
    """Senders, schedules and dashboards all use this name."""
    found = discover(Celery(), CELERY)
    assert rows(found) == {
        ("task", "proj.tasks.plain", "proj/tasks.py:plain"),
        ("task", "mail.send", "proj/tasks.py:send"),
        ("task", "proj.tasks.shared", "proj/tasks.py:shared"),
    }
    assert all(each.mounted for each in found.entries)


def test_a_task_module_that_no_worker_loads_is_not_mounted() -> None:
    """The task is written and sent to, and the worker answers that it never heard of it."""
    sources = {
        **CELERY,
        "proj/celery.py": "from celery import Celery\napp = Celery('proj', include=['proj.other_tasks'])\n",
    }
    found = discover(Celery(), sources)
    assert {each.mounted for each in found.entries} == {False}
    assert "nothing imports proj/tasks.py" in found.entries[0].why_not_mounted


@pytest.mark.parametrize(
    "loading",
    [
        {"proj/celery.py": "from celery import Celery\napp = Celery('proj')\napp.conf.imports = ['proj.tasks']\n"},
        {"proj/celery.py": "from celery import Celery\napp = Celery('proj')\napp.autodiscover_tasks(['proj'])\n"},
        {"proj/celery.py": "from celery import Celery\napp = Celery('proj')\napp.autodiscover_tasks()\n"},
        {
            "proj/celery.py": "from celery import Celery\napp = Celery('proj')\n",
            "proj/web.py": "from proj import tasks\n",
        },
        {
            "proj/celery.py": "from celery import Celery\napp = Celery('proj')\n",
            "proj/web.py": "from .tasks import send\n",
        },
    ],
)
def test_every_way_to_load_a_module_mounts_its_tasks(loading: dict[str, str]) -> None:
    """A false alarm here would teach people to ignore the true ones."""
    assert {each.mounted for each in discover(Celery(), {**CELERY, **loading}).entries} == {True}


def test_a_task_module_that_only_a_test_imports_is_not_mounted() -> None:
    """A test that imports the module hides the fault from the test suite, not from the worker."""
    sources = {
        **CELERY,
        "proj/celery.py": "from celery import Celery\napp = Celery('proj')\n",
        "tests/test_tasks.py": "from proj.tasks import send\n",
    }
    assert {each.mounted for each in discover(Celery(), sources).entries} == {False}


def test_schedules_of_beat_lead_to_their_tasks() -> None:
    """What runs at night has no caller; its row in a table is its way in."""
    beat = """
from proj.celery import app
from proj.tasks import plain, shared
app.conf.beat_schedule = {
    "by-name": {"task": "mail.send", "schedule": 30.0},
    "by-path": {"task": "proj.tasks.plain", "schedule": 30.0},
}

@app.on_after_configure.connect
def setup(sender, **kwargs):
    sender.add_periodic_task(10.0, shared.s(), name="every 10")
"""
    found = discover(Celery(), {**CELERY, "proj/beat.py": beat})
    assert {row for row in rows(found) if row[0] == "schedule"} == {
        ("schedule", "by-name", "proj/tasks.py:send"),
        ("schedule", "by-path", "proj/tasks.py:plain"),
        ("schedule", "every 10", "proj/tasks.py:shared"),
    }


def test_a_sender_that_names_a_task_leads_to_it_later() -> None:
    """A text is all that joins the two; the hop is asynchronous and less sure than a call."""
    web = "from proj.celery import app\n\ndef view():\n    app.send_task('mail.send', args=[1])\n    app.send_task('gone')\n"
    (edge,) = discover(Celery(), {**CELERY, "proj/web.py": web}).edges
    assert (edge.source, edge.target) == ("proj/web.py:view", "proj/tasks.py:send")
    assert edge.asynchronous
    assert edge.confidence is Confidence.MEDIUM


def test_class_tasks_run_their_run_method() -> None:
    """Older code writes tasks as classes and registers an instance."""
    tasks = """
from celery import Task
from proj.celery import app

class Base(Task):
    def run(self): ...

class Report(Base):
    name = "report"
    def run(self): ...

app.register_task(Report())
"""
    found = discover(Celery(), {**CELERY, "proj/tasks.py": tasks})
    assert rows(found) == {("task", "report", "proj/tasks.py:Report.run")}


def test_a_decorator_of_the_repository_around_the_one_of_celery_makes_tasks() -> None:
    """Large projects wrap the decorator of the library; the functions are tasks all the same."""
    base = """
from proj.celery import app

def instrumented_task(name, **kwargs):
    def wrapped(function):
        return app.task(name=name, **kwargs)(function)
    return wrapped
"""
    tasks = "from proj.base import instrumented_task\n\n@instrumented_task(name='a.b')\ndef work(): ...\n"
    found = discover(Celery(), {**CELERY, "proj/base.py": base, "proj/tasks.py": tasks})
    assert rows(found) == {("task", "a.b", "proj/tasks.py:work")}


def test_a_task_decorator_that_asks_a_registry_for_the_application_makes_tasks() -> None:
    """Pyramid applications keep the Celery application in a registry, whose type reading does not tell."""
    tasks = """
import functools, celery, venusian

def task(**kwargs):
    def deco(wrapped):
        def callback(scanner, name, wrapped):
            celery_app = scanner.config.registry["celery.app"]
            celery_app.task(**kwargs)(wrapped)
        venusian.attach(wrapped, callback)
        return wrapped
    return deco
"""
    work = "from app import tasks\n\n@tasks.task(bind=True)\ndef work(task, request): ...\n"
    found = discover(Celery(), {"app/__init__.py": "", "app/tasks.py": tasks, "app/work_tasks.py": work})
    assert rows(found) == {("task", "app.work_tasks.work", "app/work_tasks.py:work")}
