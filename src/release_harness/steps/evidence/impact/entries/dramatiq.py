"""Dramatiq: actors, also behind a decorator of the repository, class actors, and messages sent by name."""

from collections.abc import Iterable, Iterator, Sequence

from release_harness.steps.evidence.impact.entries.contract import Discovery, FileView, ProgramView, Registration
from release_harness.steps.evidence.impact.entries.dumps_commands import DRAMATIQ
from release_harness.steps.evidence.impact.entries.jobs import (
    Job,
    decorated_jobs,
    entries_of,
    jobs_of,
    sends,
    sent_edges,
    wrapped_jobs,
)
from release_harness.steps.evidence.impact.entries.loading import Loaded, loads, searches_by_name
from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of, short_name
from release_harness.steps.evidence.impact.entries.registering import Maker, product

DECORATORS = ("dramatiq.actor", "dramatiq.actor.actor", "dramatiq_crontab.cron", "django_dramatiq.actor")
GENERIC = ("dramatiq.GenericActor", "dramatiq.generic.GenericActor")
TIMES = frozenset({"cron_trigger", "cron", "crontab", "interval", "schedule", "periodic"})


class Dramatiq:
    """The adapter of Dramatiq."""

    name = "Dramatiq"
    languages = frozenset({"python"})
    libraries: frozenset[str] = frozenset()
    runtime_dump = DRAMATIQ

    def collect(self, file: FileView) -> Iterable[Registration]:
        """Return actors and senders."""
        yield from decorated_jobs(file, self.name, ("actor",), ("actor_name",))
        yield from wrapped_jobs(file, self.name, ("actor",), ("actor_name", "name"))
        yield from sends(file, self.name)
        yield from loads(file, self.name)
        yield from searches_by_name(file, self.name)

    def assemble(self, found: Sequence[Registration], program: ProgramView) -> Discovery:
        """Return actors, and schedules where the decorator says when they run."""
        jobs = list(_actors(program, found))
        timed = {
            each.data["symbol"] for each in product(found, "decorated", "wrapped") if TIMES & set(each.data["keywords"])
        }
        schedules = [each._replace(kind="schedule") for each in jobs if each.symbol in timed]
        maker, loaded = Maker(self.name, program), Loaded(found)
        entries = (*entries_of(maker, jobs, loaded), *entries_of(maker, schedules, loaded))
        return Discovery(framework=self.name, entries=entries, edges=tuple(sent_edges(found, jobs, program)))


def _actors(program: ProgramView, found: Sequence[Registration]) -> Iterator[Job]:
    for job in jobs_of(program, found, lambda data: data["callee"] in DECORATORS, DECORATORS):
        said = next((each.data["name"] for each in found if each.data.get("symbol") == job.symbol), "")
        yield job._replace(name=said or short_name(job.symbol))
    for owner in program.subclasses(*GENERIC):
        perform = program.method(owner, "perform")
        if perform is not None and not is_test_path(path_of(owner)):
            facts = program.symbol(owner)
            yield Job(perform[0], short_name(owner), facts.line if facts else 0, registered_on=owner)
