"""Jobs of every queue are found under the names that their senders use; a job that no worker loads is said to be so."""

from collections.abc import Mapping

import pytest

from release_harness.steps.evidence.impact.entries.apscheduler import APScheduler
from release_harness.steps.evidence.impact.entries.arq import Arq
from release_harness.steps.evidence.impact.entries.celery import Celery
from release_harness.steps.evidence.impact.entries.contract import Discovery, Framework
from release_harness.steps.evidence.impact.entries.dramatiq import Dramatiq
from release_harness.steps.evidence.impact.entries.huey import Huey
from release_harness.steps.evidence.impact.entries.rq import RQ
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


@pytest.mark.parametrize(
    "source",
    [
        "from invoke import task\n\n@task\ndef build(c): ...\n",
        "from prefect import task\n\n@task\ndef build(): ...\n",
        "from airflow.decorators import task\n\n@task\ndef build(): ...\n",
        "class App:\n    def task(self, f): return f\napp = App()\n\n@app.task\ndef build(): ...\n",
        "def job(f): return f\n\n@job\ndef build(): ...\n",
        "def actor(f): return f\n\n@actor\ndef build(): ...\n",
    ],
)
def test_a_decorator_of_the_same_name_from_elsewhere_makes_no_job(source: str) -> None:
    """`task`, `job` and `actor` are common words."""
    for adapter in (Celery(), RQ(), Dramatiq(), Huey()):
        assert discover(adapter, {"tasks.py": source}).entries == (), adapter.name


def test_jobs_of_rq_are_decorated_enqueued_or_rows_of_a_schedule() -> None:
    """RQ runs any function that somebody hands to a queue."""
    sources = {
        "app/worker.py": """
from functools import partial
from rq import Queue
from rq.decorators import job as rq_job

class Job(rq_job): ...

job = partial(Job, connection=None)
queue = Queue("default")
""",
        "app/jobs.py": """
from app.worker import job, queue

@job("default")
def decorated(): ...

def handed(): ...

def timed(): ...

def by_name(): ...

def view():
    queue.enqueue(handed, 1)
    queue.enqueue("app.jobs.by_name")

def schedule():
    return [{"func": timed, "interval": 30}]
""",
    }
    assert rows(discover(RQ(), sources)) == {
        ("task", "app.jobs.decorated", "app/jobs.py:decorated"),
        ("task", "app.jobs.handed", "app/jobs.py:handed"),
        ("task", "app.jobs.by_name", "app/jobs.py:by_name"),
        ("schedule", "app.jobs.timed", "app/jobs.py:timed"),
    }


def test_a_queue_of_the_repository_is_no_queue_of_rq() -> None:
    """Every other program has a class with a method `enqueue`."""
    source = (
        "class Queue:\n    def enqueue(self, f): ...\n\ndef work(): ...\n\ndef view():\n    Queue().enqueue(work)\n"
    )
    assert discover(RQ(), {"app.py": source}).entries == ()


def test_actors_of_dramatiq_keep_the_name_that_messages_use() -> None:
    """A message is joined to its actor by this text alone."""
    sources = {
        "app/tasks.py": """
import dramatiq

@dramatiq.actor
def plain(): ...

@dramatiq.actor(actor_name="mail.send", queue_name="low")
def send(): ...

class Report(dramatiq.GenericActor):
    def perform(self): ...
""",
        "app/main.py": "import app.tasks\nfrom app.queue import enqueue_job\n\ndef view():\n    enqueue_job('mail.send', 1)\n",
        "app/queue.py": "def enqueue_job(name, *args): ...\n",
    }
    found = discover(Dramatiq(), sources)
    assert rows(found) == {
        ("task", "plain", "app/tasks.py:plain"),
        ("task", "mail.send", "app/tasks.py:send"),
        ("task", "Report", "app/tasks.py:Report.perform"),
    }
    assert [(each.source, each.target) for each in found.edges] == [("app/main.py:view", "app/tasks.py:send")]


def test_an_actor_with_a_trigger_is_a_schedule_too() -> None:
    """The repository's decorator takes the time that the actor runs at."""
    sources = {
        "worker.py": "import dramatiq\n\ndef actor(**options):\n    def wrapped(f):\n        return dramatiq.actor(**options)(f)\n    return wrapped\n",
        "tasks.py": "from worker import actor\n\n@actor(actor_name='clean', cron_trigger=1)\ndef clean(): ...\n",
        "run_worker.py": "import tasks\n",
    }
    assert rows(discover(Dramatiq(), sources)) == {
        ("task", "clean", "tasks.py:clean"),
        ("schedule", "clean", "tasks.py:clean"),
    }


def test_an_actor_that_nothing_imports_is_not_mounted() -> None:
    """A worker knows only the actors of the modules that it was told to load."""
    source = "import dramatiq\n\n@dramatiq.actor\ndef lonely(): ...\n"
    (entry,) = discover(Dramatiq(), {"app/tasks.py": source}).entries
    assert entry.mounted is False


def test_the_worker_settings_of_arq_list_jobs_and_schedules() -> None:
    """arq knows nothing but what this class says."""
    worker = """
from arq import cron, func
from jobs import send, clean, listed

async def startup(ctx): ...

class WorkerSettings:
    functions = [send, func(listed, name="other")]
    cron_jobs = [cron(clean, hour=3)]
    on_startup = startup
"""
    jobs = "async def send(ctx): ...\n\nasync def clean(ctx): ...\n\nasync def listed(ctx): ...\n\nasync def forgotten(ctx): ...\n"
    found = discover(Arq(), {"worker.py": worker, "jobs.py": jobs})
    assert rows(found) == {
        ("task", "send", "jobs.py:send"),
        ("task", "other", "jobs.py:listed"),
        ("schedule", "cron:clean", "jobs.py:clean"),
    }
    assert [each.symbol for each in found.around] == ["worker.py:startup"]


def test_worker_settings_that_are_computed_make_the_answer_not_whole() -> None:
    """A list that a function makes may hold anything."""
    worker = "from arq import cron\n\nclass WorkerSettings:\n    functions = load_all()\n"
    linked = discover(Arq(), {"worker.py": worker + "    on_startup = load_all\n\ndef load_all(): ...\n"})
    assert linked.unknown == ("worker.py:3 computes functions of the arq worker",)


def test_tasks_of_huey_and_its_periodic_ones() -> None:
    """The same object gives both decorators."""
    source = """
from huey import RedisHuey, crontab
huey = RedisHuey("app")

@huey.task()
def send(): ...

@huey.periodic_task(crontab(minute="0"))
def hourly(): ...
"""
    found = discover(Huey(), {"app/tasks.py": source, "app/main.py": "from app.tasks import send\n"})
    assert rows(found) == {
        ("task", "app.tasks.send", "app/tasks.py:send"),
        ("schedule", "app.tasks.hourly", "app/tasks.py:hourly"),
    }


def test_functions_given_to_a_scheduler_are_schedules() -> None:
    """Decorated or handed over, they run without any other caller."""
    source = """
from apscheduler.schedulers.background import BackgroundScheduler
scheduler = BackgroundScheduler()

@scheduler.scheduled_job("interval", hours=1)
def hourly(): ...

def nightly(): ...

def start():
    scheduler.add_job(nightly, "cron", hour=3, id="night")
"""
    assert rows(discover(APScheduler(), {"jobs.py": source})) == {
        ("schedule", "jobs.hourly", "jobs.py:hourly"),
        ("schedule", "night", "jobs.py:nightly"),
    }


def test_add_job_of_something_else_is_no_schedule() -> None:
    """A board of vacancies adds jobs too."""
    source = "class Board:\n    def add_job(self, f): ...\n\ndef work(): ...\n\nBoard().add_job(work)\n"
    assert discover(APScheduler(), {"jobs.py": source}).entries == ()


def test_rules_of_a_checker_in_a_hidden_folder_are_no_jobs() -> None:
    """Semgrep keeps examples of bad code in `.semgrep`; a task there is no task of the product."""
    assert (
        discover(
            Celery(), {".semgrep/tasks.py": "from celery import shared_task\n\n@shared_task\ndef bad(): ...\n"}
        ).entries
        == ()
    )


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
