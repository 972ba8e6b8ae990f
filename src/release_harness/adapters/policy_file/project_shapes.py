"""What may stand in `.rh/project.yaml`."""

from datetime import timedelta
from typing import Literal

from release_harness.adapters.policy_file.shape_reader import Paths, Text, Texts, said
from release_harness.kernel.records import record


@record
class QuarantineShape:
    """One flaky test that does not block until a day."""

    test: Text = said("Id of the test as its runner writes it; one that ends with `*` stands for all that begin so.")
    until: Text = said("Last day on which it does not block, as `2026-03-31`; from the next day on it does.")
    reason: str = ""


@record
class TestShape:
    """How the project is tested."""

    __test__ = False  # pytest: this is a record, no test

    commands: tuple[Texts, ...] = said(
        "Argument lists, run in order without a shell; `{reports}` is a folder that rh collects.", default=()
    )
    list_command: Texts = said("Prints one test id a line.", default=())
    env: dict[str, str] = said("Environment variables of the commands.", default={})
    time_limit: timedelta | None = None
    reruns_count: int = said("How often a failed run is repeated to find flaky tests.", default=0, least=0, most=10)
    junit: Texts | None = said("Globs of JUnit XML reports.", default=None)
    coverage: Texts = said("Globs of coverage reports.", default=())
    quarantine: tuple[QuarantineShape, ...] = said(
        "Flaky tests: they run and are reported, and do not block until their day.", default=()
    )


@record
class LandShape:
    """How a change lands."""

    method: Literal["merge", "squash", "rebase"] = "merge"
    remote: str = said("Remote to push to; empty for the upstream of the target branch.", default="")


@record
class EntryPatternShape:
    """One way in which the project registers entry points; exactly one of `decorator`, `call` and `class`."""

    kind: Literal[
        "http", "websocket", "graphql", "cli", "task", "schedule", "consumer", "signal", "hook", "event", "admin", "page", "api",
        "serverless",
    ]  # fmt: skip
    decorator: str = said("Dotted name of a decorator, such as `app.bus.on`; `*.on` for any owner.", default="")
    call: str = said("Dotted name of a function or method that registers.", default="")
    base: str = said("Dotted name of a class whose subclasses are entry points.", key="class", default="")
    handler: str = said("What runs: `decorated`, `argument 0`, `argument view` or `method:run`.", default="")
    name: str = said("What users call it; `{}` stands for what `name_from` gives.", default="")
    name_from: str = said("Where its name stands: `argument 0`, `argument path` or `attribute: topic`.", default="")


@record
class EntriesShape:
    """How the running framework is asked for its entry points."""

    app: str = said("`package.module:app`, or `package.module:create_app()` for a factory.", default="")
    framework: str = said("Name of the framework, such as `FastAPI`.", default="")
    interpreter: Texts | None = said("Argument list that starts the project's interpreter.", default=None, least=1)
    folder: str = said("Folder that the interpreter starts in.", default="")
    env: dict[str, str] = said("Environment variables that importing the application needs.", default={})
    time_limit: timedelta | None = None


@record
class ProjectShape:
    """How the project is tested and how its changes land."""

    version: Literal[1]
    default_branch: str = ""
    test: TestShape = TestShape()
    land: LandShape = LandShape()
    migrations: Paths | None = said("Globs of migration files beside the well-known ones.", default=None, least=0)
    entries: EntriesShape = EntriesShape()
    entry_points: tuple[EntryPatternShape, ...] = said(
        "Registrations of entry points that rh cannot know by itself.", default=()
    )
