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


def discover(adapter: Framework, sources: Mapping[str, str]) -> Discovery:
    """Return what an adapter finds in these files."""
    linked = link_sources(sources, [adapter])
    return adapter.assemble(linked.registrations[adapter.name], linked.program)


def rows(found: Discovery) -> set[tuple[str, str, str]]:
    """Return kind, name and handler of everything that was found."""
    return {(each.kind, each.name, each.handler) for each in found.entries}


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


def test_a_function_whose_decorator_is_handed_a_time_is_a_schedule() -> None:
    """Applications wrap the library in a scheduler of their own; the time that stands in the decorator tells what it does."""
    found = discover(
        APScheduler(),
        {
            "app/clock.py": "class Clock:\n    def add(self, job, **kwargs):\n        def decorator(func):\n"
            "            self.jobs.append(job.do(self.pool.apply_async, func))\n        return decorator\nclock = Clock()\n",
            "app/jobs.py": "from schedule import every\nfrom app.clock import clock\nfrom app.other import plan\n"
            "@clock.add(every(1).day.at('18:00'), name='report')\ndef report(): ...\n"
            "@plan(every_day=True)\ndef other(): ...\n",
        },
    )

    assert rows(found) == {("schedule", "report", "app/jobs.py:report")}


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
