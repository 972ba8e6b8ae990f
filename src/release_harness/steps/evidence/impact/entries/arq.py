"""arq: the functions and cron jobs of its worker settings, and jobs enqueued by name."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import (
    Around,
    Discovery,
    FileView,
    ProgramView,
    Registration,
)
from release_harness.steps.evidence.impact.entries.jobs import Job, entries_of, sends, sent_edges
from release_harness.steps.evidence.impact.entries.objects import Objects
from release_harness.steps.evidence.impact.entries.reading import last_name, short_name
from release_harness.steps.evidence.impact.entries.registering import Maker, call_uses, product, registration
from release_harness.steps.evidence.impact.expressions import argument, text_of
from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.model.impact import SymbolId

LISTS = ("functions", "cron_jobs")
HOOKS = ("on_startup", "on_shutdown", "on_job_start", "on_job_end", "after_job_end")


class Arq:
    """The adapter of arq."""

    name = "arq"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return the settings of workers and senders."""
        imports = "arq" in file.imports
        for scope in file.facts.symbols:
            if scope.kind == "class" and (imports or scope.qualname.endswith("WorkerSettings")):
                given = {each.target[1]: each.value for each in scope.body if each.target and each.target[0] == "n"}
                if given.keys() & set(LISTS):
                    kept = {key: given[key] for key in (*LISTS, *HOOKS) if given.get(key)}
                    yield Registration(self.name, "worker", file.id_of(scope), scope.line, {"given": kept})
        for use in call_uses(file, ("Worker", "create_worker", "run_worker")):
            if use.call is not None and use.callee.external.startswith("arq."):
                kept = {key: use.call[3][key] for key in (*LISTS, *HOOKS) if key in use.call[3]}
                yield registration(self.name, "worker", file, use, {"given": kept})
        yield from sends(file, self.name)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return jobs and schedules; what starts and stops workers stands around them."""
        objects = Objects(program)
        jobs: list[Job] = []
        around: list[Around] = []
        unknown: list[str] = []
        for each in product(found, "worker"):
            for key in LISTS:
                items, known = objects.items(each.scope, each.data["given"].get(key))
                jobs.extend(job for scope, item in items if (job := _job(program, scope, item, key, each.line)))
                if not known:
                    path = each.scope.rpartition(":")[0]
                    unknown.append(f"{path}:{each.line} computes {key} of the arq worker")
            around.extend(_hooks(program, each))
        if not jobs and not around:
            return Discovery(framework=self.name)
        entries = tuple(entries_of(Maker(self.name, program), jobs))
        edges = tuple(sent_edges(found, jobs, program))
        return Discovery(
            framework=self.name, entries=entries, edges=edges, around=tuple(around), unknown=tuple(unknown)
        )


def _job(program: ProgramView, scope: SymbolId, item: Expr, key: str, line: int) -> Job | None:
    name = ""
    if item[0] == "c" and last_name(item) in {"func", "cron"}:
        name = text_of(item[3].get("name")) or ""
        given = argument(item, 0, "coroutine")
        item = given if given is not None else item
    value = program.resolve_dotted(item[1]) if item[0] == "s" else program.resolve(scope, item)
    if not value.symbol or program.symbol(value.symbol) is None:
        return None
    own = name or short_name(value.symbol)
    kind = "task" if key == "functions" else "schedule"
    return Job(
        value.symbol,
        own if kind == "task" else f"cron:{own}".replace("cron:cron:", "cron:"),
        line,
        kind,
        imported=False,
    )


def _hooks(program: ProgramView, worker: Registration) -> Iterator[Around]:
    for key in HOOKS:
        symbol = program.resolve(worker.scope, worker.data["given"].get(key)).symbol
        if symbol:
            yield Around(symbol, f"arq {key}")
