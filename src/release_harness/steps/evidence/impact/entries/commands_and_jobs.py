"""The adapters of command lines, jobs, consumers, hooks, serverless functions and exported interfaces, for the registry."""

from release_harness.steps.evidence.impact.entries.apscheduler import APScheduler
from release_harness.steps.evidence.impact.entries.argparse import Argparse
from release_harness.steps.evidence.impact.entries.arq import Arq
from release_harness.steps.evidence.impact.entries.celery import Celery
from release_harness.steps.evidence.impact.entries.click import Click
from release_harness.steps.evidence.impact.entries.consumers import Consumers
from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.entries.dramatiq import Dramatiq
from release_harness.steps.evidence.impact.entries.exported_api import ExportedApi
from release_harness.steps.evidence.impact.entries.huey import Huey
from release_harness.steps.evidence.impact.entries.pluggy import Pluggy
from release_harness.steps.evidence.impact.entries.rq import RQ
from release_harness.steps.evidence.impact.entries.schedules import Schedules
from release_harness.steps.evidence.impact.entries.scripts import Scripts
from release_harness.steps.evidence.impact.entries.serverless import Serverless
from release_harness.steps.evidence.impact.entries.signals import Signals
from release_harness.steps.evidence.impact.entries.slack_bolt import SlackBolt
from release_harness.steps.evidence.impact.entries.typer import Typer

COMMANDS_AND_JOBS: tuple[Framework, ...] = (
    Click(),
    Typer(),
    Argparse(),
    Celery(),
    RQ(),
    Dramatiq(),
    Arq(),
    Huey(),
    APScheduler(),
    Consumers(),
    SlackBolt(),
    Signals(),
    Pluggy(),
    Serverless(),
    Schedules(),
    Scripts(),
    ExportedApi(),
)
"""Adapters in the order in which they keep an entry that two of them find."""
