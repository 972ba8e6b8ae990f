"""Huey: tasks and periodic tasks, also through its extension for Django."""

from collections.abc import Iterable, Sequence

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.dumps_commands import HUEY
from release_harness.steps.evidence.impact.entries.jobs import decorated_jobs, entries_of, jobs_of, of_types
from release_harness.steps.evidence.impact.entries.loading import Loaded, loads, searches_by_name
from release_harness.steps.evidence.impact.entries.reading import path_of
from release_harness.steps.evidence.impact.entries.registering import Maker, module_of

TYPES = tuple(
    f"huey{place}.{name}"
    for place in ("", ".api", ".contrib.asyncio", ".contrib.sql_huey")
    for name in ("Huey", "RedisHuey", "SqliteHuey", "MemoryHuey", "FileHuey", "PriorityRedisHuey", "RedisExpireHuey",
                 "PriorityRedisExpireHuey", "BlackHoleHuey", "SqlHuey", "TaskWrapper")
)  # fmt: skip
TASKS = frozenset(
    f"huey.contrib.{place}.{name}" for place in ("djhuey", "mini") for name in ("task", "db_task", "on_commit_task")
)
PERIODIC = frozenset(
    f"huey.contrib.{place}.{name}" for place in ("djhuey", "mini") for name in ("periodic_task", "db_periodic_task")
)
METHODS = ("task", "periodic_task", "db_task", "db_periodic_task", "on_commit_task")
WANTED = (*TASKS, *PERIODIC, *(f"{type_}.{method}" for type_ in TYPES for method in ("task", "periodic_task")))


class Huey:
    """The adapter of Huey."""

    name = "Huey"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = HUEY

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return tasks."""
        yield from decorated_jobs(file, self.name, METHODS, ("name",))
        yield from loads(file, self.name)
        yield from searches_by_name(file, self.name)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return tasks and schedules."""

        def is_own(data: dict[str, str]) -> bool:
            if data["callee"] in TASKS or data["callee"] in PERIODIC:
                return True
            return data["method"] in {"task", "periodic_task"} and of_types(program, data["on_type"], TYPES)

        periodic = {
            each.data["symbol"] for each in found if each.kind == "decorated" and "periodic" in each.data["method"]
        }
        jobs = [
            each._replace(kind="schedule") if each.symbol in periodic else each
            for each in jobs_of(program, found, is_own, WANTED)
        ]
        loaded = Loaded(found)
        for each in jobs:
            path = path_of(each.symbol)
            if module_of(program, path).endswith(".tasks") and any(
                "djhuey" in item.data.get("callee", "") for item in found
            ):
                loaded.add(path)
        return Discovery(framework=self.name, entries=tuple(entries_of(Maker(self.name, program), jobs, loaded)))
