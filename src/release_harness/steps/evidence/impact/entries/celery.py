"""Celery: tasks, class tasks, schedules of beat, lists of modules, and texts that send to tasks."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.dumps_commands import CELERY
from release_harness.steps.evidence.impact.entries.jobs import (
    Job,
    decorated_jobs,
    entries_of,
    jobs_of,
    of_types,
    sends,
    sent_edges,
    wrapped_jobs,
)
from release_harness.steps.evidence.impact.entries.loading import Loaded, loads, searches_by_name
from release_harness.steps.evidence.impact.entries.reading import index_of, is_test_path, path_of
from release_harness.steps.evidence.impact.entries.registering import (
    Maker,
    call_uses,
    dotted_name,
    module_of,
    product,
    registration,
    target_of,
    texts_in,
)
from release_harness.steps.evidence.impact.expressions import argument, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import SymbolId

CELERY_TYPES = ("celery.Celery", "celery.app.Celery", "celery.app.base.Celery")
SHARED = frozenset({"celery.shared_task", "celery.app.shared_task", "celery.task", "celery.task.task",
                    "celery.decorators.task", "celery.task.periodic_task", "celery.decorators.periodic_task"})  # fmt: skip
TASK_TYPES = ("celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.task.base.Task")
APP_NAMES = frozenset({"celery", "celery_app", "celeryapp", "celery_instance"})
WANTED = (*SHARED, *(f"{each}.task" for each in CELERY_TYPES), *(f"{each}.task" for each in sorted(APP_NAMES)))
NAME_KEYS = ("name",)


class Celery:
    """The adapter of Celery."""

    name = "Celery"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = CELERY

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return tasks, schedules, lists of modules and senders."""
        yield from decorated_jobs(file, self.name, ("task", "shared_task", "periodic_task"), NAME_KEYS)
        yield from wrapped_jobs(file, self.name, ("task", "shared_task", "periodic_task"), NAME_KEYS)
        yield from self._beat(file)
        yield from self._periodic(file)
        yield from self._registered(file)
        yield from self._discovered(file)
        yield from sends(file, self.name)
        yield from loads(file, self.name)
        yield from searches_by_name(file, self.name)

    def _beat(self, file: FileView) -> Iterator[Registration]:
        """Yield the rows of a schedule: `{"name": {"task": …, "schedule": …}}`, set or returned anywhere or given to `update`."""
        for scope in file.facts.symbols:
            for statement in scope.body:
                if statement.kind in {"set", "return"} and statement.value and statement.value[0] == "d":
                    yield from self._tables(file, scope, statement.value, statement.line)
        for site in index_of(file.facts).calls.get("update", ()):
            yield from self._tables(file, site.scope, site.call, site.call[4])

    def _tables(self, file: FileView, scope: Symbol, within: Expr, line: int) -> Iterator[Registration]:
        for each in walk(within):
            if each[0] == "d":
                yield from self._rows(file, scope, each, line)

    def _rows(self, file: FileView, scope: Symbol, table: Expr, line: int) -> Iterator[Registration]:
        for key, row in table[1]:
            if not row or row[0] != "d":
                continue
            values = {text_of(name): value for name, value in row[1] if name}
            if "task" in values and "schedule" in values:
                task = values["task"]
                symbol = _task_symbol(file, scope, task)
                data = {"name": text_of(key) or "", "task": text_of(task) or "", "symbol": symbol}
                yield Registration(self.name, "beat", file.id_of(scope), line, data)

    def _periodic(self, file: FileView) -> Iterator[Registration]:
        for use in call_uses(file, ("add_periodic_task",)):
            if use.call is not None:
                task = argument(use.call, 1, "sig")
                symbol = _task_symbol(file, use.scope, task)
                data = {"name": text_of(use.call[3].get("name")) or "", "task": "", "symbol": symbol}
                yield registration(self.name, "beat", file, use, data)

    def _registered(self, file: FileView) -> Iterator[Registration]:
        for use in call_uses(file, ("register_task",)):
            given = argument(use.call, 0, "task") if use.call else None
            symbol = target_of(file, use.scope, given[1] if given and given[0] == "c" else given)
            if symbol:
                yield registration(self.name, "registered", file, use, {"symbol": symbol})

    def _discovered(self, file: FileView) -> Iterator[Registration]:
        """Yield lists of modules and packages: `include=`, `imports`, `autodiscover_tasks([…])`."""
        for use in call_uses(file, ("autodiscover_tasks",)):
            if use.call is not None:
                given = argument(use.call, 0, "packages")
                related = text_of(argument(use.call, 1, "related_name")) or "tasks"
                texts = [each[1] for each in walk(given) if each[0] == "s"]
                data = {"packages": texts, "related": related, "all": not texts}
                yield registration(self.name, "discover", file, use, data)
        for use in call_uses(file, ("Celery",)):
            for keyword in ("include", "imports"):
                given = use.call[3].get(keyword) if use.call else None
                if given is not None:
                    yield registration(self.name, "include", file, use, {"modules": list(texts_in(given))})

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return tasks and schedules."""
        maker = Maker(self.name, program)
        loaded = Loaded(found)
        jobs = list(_jobs(program, found))
        _load_listed(program, found, jobs, loaded)
        by_name = {job.name: job.symbol for job in jobs}
        schedules = list(_schedules(program, found, by_name))
        entries = [*entries_of(maker, jobs, loaded), *entries_of(maker, schedules)]
        return Discovery(framework=self.name, entries=tuple(entries), edges=tuple(sent_edges(found, jobs, program)))


def _task_symbol(file: FileView, scope: Symbol, expr: Expr | None) -> SymbolId:
    """Return the task behind `f`, `f.s()`, `f.name` or `f.signature(…)`."""
    while expr and expr[0] in {"c", "a"} and not file.resolve(scope, expr).symbol:
        expr = expr[1]
    return target_of(file, scope, expr) if expr and expr[0] != "s" else ""


def _jobs(program: ProgramView, found: Sequence[Registration]) -> Iterator[Job]:
    yield from jobs_of(program, found, lambda data: is_task(program, data), WANTED)
    for each in product(found, "decorated"):
        data = each.data
        owner = data["on_text"].rpartition(".")[2]
        if owner in APP_NAMES and data["method"] == "task" and not data["on_type"] and ":" not in data["callee"]:
            yield Job(data["symbol"], data["name"] or dotted_name(program, data["symbol"]), each.line, known=False)
    registered = {each.data["symbol"] for each in product(found, "registered")}
    for owner in program.subclasses(*TASK_TYPES):
        run = program.method(owner, "run")
        if run is not None and not is_test_path(path_of(owner)) and (owner in registered or _is_named(program, owner)):
            said = program.attribute(owner, "name")
            name = (text_of(said[0]) if said else None) or dotted_name(program, owner)
            facts = program.symbol(owner)
            yield Job(run[0], name, facts.line if facts else 0, registered_on=owner)


def _is_named(program: ProgramView, owner: SymbolId) -> bool:
    """Tell whether a class is a task of its own and no base of others: it says a name or is concrete."""
    view = program.class_of(owner)
    return view is not None and "name" in view.attributes and "run" in view.methods


def is_task(program: ProgramView, data: dict[str, str]) -> bool:
    """Tell whether a decorator is one of Celery."""
    if data["callee"] in SHARED:
        return True
    if data["method"] not in {"task", "periodic_task"}:
        return False
    return of_types(program, data["on_type"], CELERY_TYPES)


def _load_listed(program: ProgramView, found: Sequence[Registration], jobs: Sequence[Job], loaded: Loaded) -> None:
    """Mark the modules that lists name and the ones that autodiscovery finds."""
    names: set[str] = set()
    everywhere: set[str] = set()
    for each in found:
        if each.kind == "include":
            names.update(each.data["modules"])
        elif each.kind == "discover" and each.data["all"]:
            everywhere.add(each.data["related"])
        elif each.kind == "discover":
            names.update(f"{package}.{each.data['related']}" for package in each.data["packages"])
            names.update(each.data["packages"])
    for job in jobs:
        path = path_of(job.symbol)
        module = module_of(program, path)
        parts = module.split(".")
        if module in names or everywhere & {parts[-1], parts[-2] if len(parts) > 1 else ""}:
            loaded.add(path)


def _schedules(program: ProgramView, found: Sequence[Registration], by_name: dict[str, SymbolId]) -> Iterator[Job]:
    for each in product(found, "beat"):
        data = each.data
        symbol = data["symbol"] or by_name.get(data["task"]) or program.resolve_dotted(data["task"]).symbol
        if symbol and program.symbol(symbol) is not None:
            yield Job(symbol, data["name"] or data["task"] or dotted_name(program, symbol), each.line, kind="schedule")
