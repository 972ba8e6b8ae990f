"""APScheduler, and others that run a function at a time: `schedule`, fastapi-utils, taskiq, procrastinate, Django's tasks."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.dumps_commands import APSCHEDULER
from release_harness.steps.evidence.impact.entries.jobs import Job, decorated_jobs, entries_of, jobs_of
from release_harness.steps.evidence.impact.entries.reading import Decoration, calls_in, index_of, last_name
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    Use,
    call_uses,
    dotted_name,
    kind_of,
    product,
    registration,
    target_of,
)
from release_harness.steps.evidence.impact.expressions import argument, is_call, text_of

LIBRARIES = frozenset({"apscheduler", "flask_apscheduler", "schedule", "aiocron", "django_apscheduler", "rocketry"})
CALLS = {"add_job": 0, "add_schedule": 0, "do": 0, "call_repeatedly": 1, "crontab": 1}
DECORATORS = frozenset({"fastapi_utils.tasks.repeat_every", "fastapi_restful.tasks.repeat_every", "fastapi_utilities.repeat_every",
                        "fastapi_utilities.repeat_at", "schedule.repeat", "aiocron.crontab"})  # fmt: skip
TASK_DECORATORS = frozenset(
    {"django.tasks.task", "django_tasks.task", "procrastinate.App.task", "saq.Queue", "prefect.flow"}
)
TASK_LIBRARIES = ("taskiq", "taskiq_redis", "taskiq_aio_pika", "taskiq_nats", "procrastinate", "saq", "streaq")


class APScheduler:
    """The adapter of APScheduler and of small schedulers."""

    name = "APScheduler"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = APSCHEDULER

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return scheduled functions."""
        yield from decorated_jobs(
            file, self.name, ("scheduled_job", "repeat_every", "repeat", "repeat_at", "crontab", "cond"), ("id",)
        )
        yield from decorated_jobs(file, self.name, ("task", "periodic", "flow"), ("name", "task_name"))
        for use in call_uses(file, CALLS):
            yield from self._handed(file, use)
        if "schedule" in file.imports:
            yield from self._timed(file)

    def _timed(self, file: FileView) -> Iterator[Registration]:
        """Yield the functions whose decorator is handed a time: `@jobs.add(every().day.at("18:00"), name="report")`."""
        for decorations in index_of(file.facts).decorations.values():
            for each in decorations:
                if is_call(each.expr) and each.symbol.kind != "class" and _holds_time(file, each):
                    name = text_of(each.expr[3].get("name")) or text_of(each.expr[3].get("id")) or ""
                    data = {"symbol": file.id_of(each.symbol), "name": name, "sure": True}
                    yield Registration(self.name, "handed", file.id_of(each.around), each.expr[4], data)

    def _handed(self, file: FileView, use: Use) -> Iterator[Registration]:
        owner = kind_of(use.owner)
        told = owner.partition(".")[0] in LIBRARIES
        imports = bool(file.imports & LIBRARIES)
        if use.call is None or not (told or (imports and not owner) or (use.method == "add_job" and not owner)):
            return
        symbol = target_of(file, use.scope, argument(use.call, CALLS[use.method], "func"))
        if symbol and not symbol.endswith(":"):
            data = {"symbol": symbol, "name": text_of(use.call[3].get("id")) or "", "sure": told or imports}
            yield registration(self.name, "handed", file, use, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return schedules and tasks."""
        jobs = [*_scheduled(program, found), *_tasks(program, found)]
        return Discovery(framework=self.name, entries=tuple(entries_of(Maker(self.name, program), jobs)))


def _holds_time(file: FileView, decoration: Decoration) -> bool:
    given = (*decoration.expr[2], *decoration.expr[3].values())
    calls = [call for each in given for call in calls_in(each) if last_name(call) == "every"]
    return any(file.resolve(decoration.around, each[1]).external == "schedule.every" for each in calls)


def _scheduled(program: ProgramView, found: Sequence[Registration]) -> Iterator[Job]:
    def is_own(data: dict[str, str]) -> bool:
        if data["callee"] in DECORATORS:
            return True
        return data["method"] == "scheduled_job" and (
            data["on_type"].partition(".")[0] in LIBRARIES or not data["on_type"]
        )

    for job in jobs_of(program, found, is_own, tuple(DECORATORS)):
        yield job._replace(kind="schedule")
    sure = any(each.data["sure"] for each in found if each.kind == "handed")
    for each in product(found, "handed") if sure else ():
        symbol = each.data["symbol"]
        if program.symbol(symbol) is not None:
            name = each.data["name"] or dotted_name(program, symbol)
            yield Job(symbol, name, each.line, kind="schedule", known=each.data["sure"], imported=False)


def _tasks(program: ProgramView, found: Sequence[Registration]) -> Iterator[Job]:
    def is_own(data: dict[str, str]) -> bool:
        if data["callee"] in TASK_DECORATORS:
            return True
        return data["method"] in {"task", "periodic"} and data["on_type"].partition(".")[0] in TASK_LIBRARIES

    yield from jobs_of(
        program, [each for each in found if each.data.get("method") in {"task", "periodic", "flow"}], is_own, ()
    )
