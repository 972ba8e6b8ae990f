"""Runs the project's test commands in one clean checkout and reads what they left behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from release_harness.kernel.digests import CommitId, Sha256, TreeId, canonical_json
from release_harness.kernel.errors import NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain, record
from release_harness.kernel.time import format_duration
from release_harness.steps.evidence.flow.collecting import collect_reports
from release_harness.steps.evidence.flow.needs import RunningNeeds
from release_harness.steps.evidence.model import (
    CommandOrder,
    CommandOutcome,
    CoverageReport,
    Ending,
    ReportFile,
    TestCase,
)
from release_harness.steps.evidence.ports import (
    CleanTree,
)
from release_harness.steps.evidence.rules.commands import (
    command_environment,
    runs_pytest,
    with_reports,
)
from release_harness.steps.evidence.rules.tests import merge_rerun, read_listed_ids
from release_harness.steps.project.model import TestSettings


@record
class Run:
    """What one run of the test commands in one checkout showed."""

    argv: tuple[str, ...]
    """The command that decided: the first that did not end with 0, else the last."""
    commands: tuple[tuple[str, ...], ...]
    exit_code: int | None
    why_no_exit: str
    cases: tuple[TestCase, ...] | None
    why_no_cases: str
    known_ids: frozenset[str] | None
    """Ids of the tests that were collected or listed for this tree; None when nobody said."""
    names_agree: bool
    """True when the ids come from the runner itself, so that they are spelt as in its report."""
    coverage: tuple[CoverageReport, ...] | None
    why_no_coverage: str
    root: str
    """Where the checkout was, for paths in reports."""
    log: Sha256
    environment: Sha256
    started_at: datetime
    finished_at: datetime
    notes: tuple[str, ...]
    traces: tuple[ReportFile, ...] = ()
    """The maps of the tracer, as written."""
    why_no_trace: str = "the tests were not traced"
    traced: bool = False
    """True when the tests ran under the tracer, whether it left a map or not."""


@record
class Choice:
    """Which tests of pytest to run, and which share of them."""

    ids: tuple[str, ...] = ()
    everything: bool = True
    shards_count: int = 1
    shard: int = 1
    took_ms: tuple[tuple[str, int], ...] = ()
    """How long tests took before, by the id that pytest gives them."""

    def as_plain(self) -> Plain:
        """Return what the module inside pytest reads."""
        return {
            "ids": list(self.ids),
            "everything": self.everything,
            "shards": self.shards_count,
            "shard": self.shard,
            "took": dict(self.took_ms),
        }


def run_in_checkout(
    needs: RunningNeeds,
    tree: TreeId,
    commit: CommitId | None,
    settings: TestSettings,
    *,
    trace: bool = False,
    choice: Choice | None = None,
    restored: Mapping[str, bytes | None] | None = None,
) -> Run:
    """Run the commands on exactly this tree; reruns happen in fresh checkouts, so that nothing is left over.

    `restored` gives files another content first; such a run speaks of a scratch tree and of nothing that lands.
    """
    started_at = needs.clock.now()
    first = _run_once(needs, tree, commit, settings, started_at, trace=trace, choice=choice, restored=restored)
    for _number in range(settings.reruns_count):
        if first.exit_code == 0 or first.cases is None or first.exit_code is None:
            break
        needs.progress.say("rh: running the tests again, to tell flaky tests from broken ones")
        first = _join(
            first, _run_once(needs, tree, commit, settings, started_at, trace=trace, choice=choice, restored=restored)
        )
    return first


def _join(first: Run, again: Run) -> Run:
    """Put a rerun beside the first run; the exit code is that of the run that went better, the cases tell the rest."""
    cases = None if first.cases is None or again.cases is None else merge_rerun(first.cases, again.cases)
    better = again if again.exit_code == 0 else first
    return Run(
        argv=better.argv,
        commands=first.commands,
        exit_code=better.exit_code,
        why_no_exit=better.why_no_exit,
        cases=cases if cases is not None else first.cases,
        why_no_cases=first.why_no_cases,
        known_ids=first.known_ids if again.known_ids is None else again.known_ids | (first.known_ids or frozenset()),
        names_agree=first.names_agree,
        coverage=(*(first.coverage or ()), *(again.coverage or ())) or None,
        why_no_coverage=first.why_no_coverage,
        root=again.root,
        log=again.log,
        environment=again.environment,
        started_at=first.started_at,
        finished_at=again.finished_at,
        notes=tuple(dict.fromkeys((*first.notes, *again.notes, f"first run ended with {first.exit_code}"))),
        traces=(*first.traces, *again.traces),
        why_no_trace=first.why_no_trace,
        traced=first.traced,
    )


def _run_once(
    needs: RunningNeeds,
    tree: TreeId,
    commit: CommitId | None,
    settings: TestSettings,
    started_at: datetime,
    *,
    trace: bool,
    choice: Choice | None,
    restored: Mapping[str, bytes | None] | None,
) -> Run:
    with needs.work_trees.clean(tree, commit=commit) as checkout:
        for path, content in (restored or {}).items():
            checkout.put_back(path, content)
        outcomes, environment = _run_commands(needs, checkout, settings, trace=trace, choice=choice)
        listed = _list_tests(needs, checkout, settings)
        collected = collect_reports(needs, checkout, settings)
        last = outcomes[-1]
        described = needs.commands.describe_environment(environment, last.argv)
        env_digest = needs.content.put(canonical_json({**described, **collected.probed}))
        log = needs.content.put(b"".join(_headed(each) for each in outcomes))
        trouble = _why_stopped(last, settings.time_limit)
        return Run(
            argv=last.argv,
            commands=tuple(each.argv for each in outcomes),
            exit_code=last.exit_code,
            why_no_exit=trouble,
            cases=collected.cases,
            why_no_cases=f"{collected.why_no_cases}{': ' + trouble if trouble else ''}",
            known_ids=listed if listed is not None else collected.known_ids,
            names_agree=listed is None,
            coverage=collected.coverage,
            why_no_coverage=collected.why_no_coverage,
            root=checkout.folder,
            log=log,
            environment=env_digest,
            started_at=started_at,
            # A clock that goes backwards must not make a run end before it began.
            finished_at=max(needs.clock.now(), started_at),
            notes=(*checkout.gaps, *collected.notes, *((trouble,) if trouble else ())),
            traces=collected.traces,
            why_no_trace=collected.why_no_trace,
            traced=trace and any(runs_pytest(each.argv) for each in outcomes),
        )


def _run_commands(
    needs: RunningNeeds, checkout: CleanTree, settings: TestSettings, *, trace: bool, choice: Choice | None
) -> tuple[tuple[CommandOutcome, ...], dict[str, str]]:
    """Run the commands in order until one does not end with 0; the time limit holds for all of them together."""
    outcomes: list[CommandOutcome] = []
    left = settings.time_limit
    environment: dict[str, str] = {}
    chosen = checkout.leave("choice.json", canonical_json(choice.as_plain())) if choice is not None else ""
    for number, command in enumerate(settings.commands, start=1):
        argv = with_reports(command, checkout.reports)
        environment = command_environment(
            needs.environment,
            settings,
            argv,
            number=number,
            import_folders=checkout.import_folders(),
            reports=checkout.reports,
            probe=checkout.probe,
            folder=checkout.folder,
            trace=trace,
            choice=chosen,
        )
        needs.progress.say("rh: running " + show_text(" ".join(command)))
        order = CommandOrder(argv=argv, folder=checkout.folder, environment=environment, time_limit=left)
        outcome = needs.commands.run(order, needs.progress.say)
        if outcome.ending is Ending.NOT_FOUND:
            raise _not_found(argv)
        outcomes.append(outcome)
        left -= outcome.took
        if outcome.exit_code != 0:
            break
        left = max(left, timedelta(0))
    return tuple(outcomes), environment


def _not_found(argv: Sequence[str]) -> NotFound:
    return NotFound(
        code="TEST_COMMAND_MISSING",
        says=f"The test command {show_text(argv[0])!r} was not found; nothing was run and nothing was recorded.",
        hint="Install it or put it on the PATH. A clean checkout has no git-ignored files: say in `.rh/project.yaml` "
        "how they are made, as a command before the tests.",
        subject=argv[0],
    )


def _why_stopped(outcome: CommandOutcome, time_limit: timedelta) -> str:
    name = show_text(outcome.argv[0].rpartition("/")[2])
    if outcome.ending is Ending.TIMED_OUT:
        return f"{name} did not end within {format_duration(time_limit)} and was stopped"
    if outcome.memory_suspected:
        return f"{name} was killed by signal 9, which is what the kernel does when memory runs out"
    if outcome.ending is Ending.KILLED and outcome.exit_code is not None:
        return f"{name} was killed by signal {outcome.exit_code - 128}"
    return ""


def _headed(outcome: CommandOutcome) -> bytes:
    how = "no exit code" if outcome.exit_code is None else f"exit code {outcome.exit_code}"
    head = f"[rh: {' '.join(outcome.argv)}: {outcome.ending.value}, {how}, {outcome.took.total_seconds():.1f}s]\n"
    return head.encode("utf-8", "surrogateescape") + outcome.log + b"\n"


def _list_tests(needs: RunningNeeds, checkout: CleanTree, settings: TestSettings) -> frozenset[str] | None:
    """Ask the list command of the project; None when there is none or it does not work."""
    if not settings.list_command:
        return None
    argv = with_reports(settings.list_command, checkout.reports)
    environment = command_environment(
        needs.environment,
        settings,
        argv,
        number=0,
        import_folders=checkout.import_folders(),
        reports=f"{checkout.reports}/list",
        probe=f"{checkout.probe}/list",
        folder=checkout.folder,
    )
    environment.pop("PYTEST_ADDOPTS", None)
    order = CommandOrder(
        argv=argv,
        folder=checkout.folder,
        environment=environment,
        time_limit=min(settings.time_limit, timedelta(minutes=5)),
    )
    outcome = needs.commands.run(order, lambda _line: None)
    if outcome.exit_code != 0:
        needs.progress.say(f"rh: the list command did not work ({outcome.ending.value}); tests not run stay unknown")
        return None
    return read_listed_ids(outcome.log.decode("utf-8", "replace"))
