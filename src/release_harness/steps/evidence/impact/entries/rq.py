"""RQ: decorated jobs, functions handed to a queue or to a scheduler, and rows of a schedule."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.jobs import (
    Job,
    decorated_jobs,
    entries_of,
    jobs_of,
    sends,
    sent_edges,
    wrapped_jobs,
)
from release_harness.steps.evidence.impact.entries.reading import index_of
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
from release_harness.steps.evidence.impact.expressions import argument, text_of, walk
from release_harness.steps.evidence.impact.facts import Expr, Symbol
from release_harness.steps.evidence.model.impact import SymbolId

DECORATORS = (
    "rq.decorators.job",
    "rq.job",
    "django_rq.job",
    "django_rq.decorators.job",
    "flask_rq.job",
    "flask_rq2.RQ.job",
)
QUEUES = ("rq", "django_rq", "rq_scheduler", "flask_rq", "flask_rq2")
ENQUEUE = {"enqueue": 0, "enqueue_call": 0, "enqueue_in": 1, "enqueue_at": 1, "prepare_data": 0}
SCHEDULE = {"cron": 1, "schedule": 1}
ROW_TIMES = frozenset({"interval", "cron_string", "cron", "repeat"})


class RQ:
    """The adapter of RQ."""

    name = "RQ"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = ""

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return jobs, enqueued functions and rows of schedules."""
        yield from decorated_jobs(file, self.name, ("job",), ())
        yield from wrapped_jobs(file, self.name, ("job",), ())
        for use in call_uses(file, ENQUEUE):
            yield from self._handed(file, use, "enqueued", ENQUEUE[use.method])
        if file.imports & set(QUEUES):
            for use in call_uses(file, SCHEDULE):
                yield from self._handed(file, use, "scheduled", SCHEDULE[use.method])
        yield from self._rows(file)
        yield from sends(file, self.name)

    def _handed(self, file: FileView, use: Use, kind: str, position: int) -> Iterator[Registration]:
        owner = kind_of(use.owner)
        if use.call is None or not (use.owner_text or use.owner.known):
            return
        given = argument(use.call, position, "func") or argument(use.call, -1, "f")
        symbol = target_of(file, use.scope, given)
        told = owner.partition(".")[0] in QUEUES
        if symbol and not symbol.endswith(":") and (told or _may_be_queue(owner, kind)):
            named = given is not None and given[0] == "s"
            data = {"symbol": symbol, "sure": told, "text": text_of(given) or "", "named": named, "type": owner}
            yield registration(self.name, kind, file, use, data)

    def _rows(self, file: FileView) -> Iterator[Registration]:
        """Yield the rows of a schedule: `{"func": f, "interval": …}`."""
        for scope in file.facts.symbols:
            for statement in scope.body:
                if statement.kind in {"set", "return"} and statement.value and statement.value[0] in {"l", "d"}:
                    yield from self._tables(file, scope, statement.value, statement.line)
        for name in ("append", "extend"):
            for site in index_of(file.facts).calls.get(name, ()):
                for given in site.call[2]:
                    yield from self._tables(file, site.scope, given, site.call[4])

    def _tables(self, file: FileView, scope: Symbol, within: Expr, line: int) -> Iterator[Registration]:
        for each in walk(within) if within[0] in {"l", "d"} else ():
            symbol = _row(file, scope, each) if each[0] == "d" else ""
            if symbol:
                data = {"symbol": symbol, "sure": True, "text": "", "named": False, "type": ""}
                yield Registration(self.name, "scheduled", file.id_of(scope), line, data)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return jobs and schedules; an application that has no job of RQ of its own has none of the guessed ones either."""
        decorated = list(jobs_of(program, found, lambda data: data["callee"] in DECORATORS, DECORATORS))
        handed = [
            each._replace(data=each.data | {"sure": each.data["sure"] or _is_queue(program, each.data["type"])})
            for each in product(found, "enqueued", "scheduled")
            if _is_function(program, each)
        ]
        if not decorated and not any(each.data["sure"] and each.data["type"] for each in handed):
            return Discovery(framework=self.name)
        known = {each.symbol for each in decorated}
        jobs = list(decorated)
        for each in handed:
            symbol = each.data["symbol"]
            if each.kind == "enqueued" and symbol not in known:
                known.add(symbol)
                jobs.append(
                    Job(symbol, dotted_name(program, symbol), each.line, known=each.data["sure"], imported=False)
                )
        schedules = [
            Job(
                each.data["symbol"],
                dotted_name(program, each.data["symbol"]),
                each.line,
                kind="schedule",
                imported=False,
            )
            for each in handed
            if each.kind == "scheduled"
        ]
        maker = Maker(self.name, program)
        entries = (*entries_of(maker, jobs), *entries_of(maker, schedules))
        return Discovery(framework=self.name, entries=entries, edges=tuple(sent_edges(found, jobs, program)))


def _row(file: FileView, scope: Symbol, table: Expr) -> SymbolId:
    values = {text_of(key): value for key, value in table[1] if key}
    if "func" not in values or not ROW_TIMES & values.keys():
        return ""
    return target_of(file, scope, values["func"])


def _may_be_queue(owner: str, kind: str) -> bool:
    """Tell whether an owner without a known class may be a queue; other libraries' queues have their own adapters."""
    return kind == "enqueued" and (not owner or ":" in owner)


def _is_queue(program: ProgramView, type_: str) -> bool:
    return ":" in type_ and program.is_a(type_, "rq.Queue", "rq.queue.Queue", "rq_scheduler.Scheduler")


def _is_function(program: ProgramView, found: Registration) -> bool:
    facts = program.symbol(found.data["symbol"])
    return facts is not None and facts.kind in {"function", "async"}
