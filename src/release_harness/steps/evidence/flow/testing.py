"""Tests the result tree of a change and records what that showed: `run_tests` is what the lander calls, too."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from release_harness.kernel.digests import CommitId, TreeId, canonical_json
from release_harness.kernel.errors import Conflict, NotFound
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import Plain, record
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.choosing import (
    ALL,
    Order,
    choice_of,
    join_shards,
    select_for,
    selection_details,
)
from release_harness.steps.evidence.flow.covering import cover_changed_lines, coverage_details
from release_harness.steps.evidence.flow.findings import dependency_lock
from release_harness.steps.evidence.flow.needs import EvidenceRunNeeds
from release_harness.steps.evidence.flow.records import UNSIGNED, load_for, record_all
from release_harness.steps.evidence.flow.running import Run, run_in_checkout
from release_harness.steps.evidence.flow.tracing import keep_traces, trace_of_tree
from release_harness.steps.evidence.model import (
    EvidenceRecord,
    Origin,
    TestCase,
    TestStatus,
)
from release_harness.steps.evidence.ports import TreeFiles
from release_harness.steps.evidence.rules.quarantine import excuse_quarantined
from release_harness.steps.evidence.rules.statement import COVERAGE, TEST_RESULT, TRACE
from release_harness.steps.evidence.rules.tests import (
    BaseTests,
    canonical_id,
    case_rows,
    count_tests,
    learn_base,
    read_case_rows,
)
from release_harness.steps.project.model import HistoryFacts, ProjectFile, Rules, TestSettings
from release_harness.steps.project.model.init import RepositoryFacts
from release_harness.steps.project.rules.test_commands import MANIFEST_NAMES, find_tests

NOT_ISOLATED = "not isolated"
_CAUSE = "rh evidence run"
_NO_HISTORY = HistoryFacts(default_branch="", committers=(), commits_count=0)


@record
class _About:
    """The content that a run is about."""

    tree: TreeId
    change: Change | None
    """None for a run on the base."""
    base: CommitId | None


def run_tests(
    needs: EvidenceRunNeeds,
    change: Change,
    rules: Rules,
    *,
    base_run: bool = True,
    trace: bool = True,
    order: Order = ALL,
    static: Mapping[str, str] | None = None,
) -> tuple[EvidenceRecord, ...]:
    """Run the project's tests on the result tree and record tests and coverage of changed lines.

    The base is tested once, and only when the tests that there are, or those that are skipped, cannot be known
    otherwise; `base_run` turns that off, and those facts stay unknown. `trace` follows the tests into entry points.
    `order` may leave tests out; those count as not run. `static` are tests that lead to the change by references, with the reason.
    Raises Conflict without a result tree, NotFound without a test command.
    """
    tree = change.digests.result_tree
    if tree is None:
        what = f"{show_text(change.conflicts[0])} does not merge" if change.conflicts else "it could not be computed"
        raise Conflict(
            code="NO_RESULT_TREE",
            says=f"There is no result tree to test: {what}.",
            hint="Bring the change up to date with the branch to land on.",
        )
    settings = settings_for(needs, change, rules.project)
    selection = select_for(needs, change, tree, static) if trace or order.affected else None
    choice = choice_of(order, selection, _durations(needs, change) if order.shards_count > 1 else {})
    if choice is not None and selection is not None and order.affected:
        for why in selection.because:
            needs.progress.say(f"rh: {'running everything: ' * selection.everything}{show_text(why)}")
    run = run_in_checkout(needs, tree, change.head, settings, trace=trace, choice=choice)
    kept = selection_details(order, selection, run.cases)
    if order.shards_count > 1:
        run, kept = join_shards(needs, tree, run, kept)
    base = _base_tests(needs, change, rules, settings, run, may_run=base_run, trace=trace)
    about = _About(tree=tree, change=change, base=change.base)
    drafts = [_test_record(needs, about, rules, run, base, kept), _coverage_record(needs, change, tree, rules, run)]
    if run.traced:
        drafts.append(_trace_record(needs, about, rules, run))
    return record_all(needs, drafts, _CAUSE)


def _durations(needs: EvidenceRunNeeds, change: Change) -> dict[str, int]:
    """Return how long tests took on the base, for shards of equal length; nothing when that is not recorded."""
    base = needs.repository.tree_of(change.base) if change.base is not None else None
    traced = trace_of_tree(needs, base) if base is not None else None
    recorded = _recorded_cases(needs, base) if base is not None else ()
    took = {case.id: round(case.duration_seconds * 1000) for case in recorded}
    ids = [each.id for each in traced.tests] if traced is not None else []
    return {each: took[name] for each in ids if (name := canonical_id(each)) in took}


def _recorded_cases(needs: EvidenceRunNeeds, tree: TreeId) -> tuple[TestCase, ...]:
    loaded = load_for(needs, trees=(tree,), changes=())
    for each in sorted(loaded.records, key=lambda one: one.finished_at, reverse=True):
        content = needs.content.get(each.details) if each.predicate == TEST_RESULT and each.details else None
        if content is not None:
            return read_case_rows(json.loads(content)["cases"])
    return ()


def settings_for(needs: EvidenceRunNeeds, change: Change, project: ProjectFile) -> TestSettings:
    """Return how the project is tested: what its file says, else what its base shows, else what the result shows."""
    return settings_at(needs, (change.base, change.digests.result_tree), project)


class SettingsNeeds(Protocol):
    """What finding out how a project is tested needs."""

    @property
    def repository(self) -> TreeFiles:
        """Reads trees."""
        ...


def settings_at(needs: SettingsNeeds, treeishes: Sequence[str | None], project: ProjectFile) -> TestSettings:
    """Return how the project is tested: what its file says, else what the first of these trees shows that shows anything."""
    if project.test.commands:
        return project.test
    for treeish in treeishes:
        found = find_tests(_facts_of(needs, treeish)) if treeish else ()
        if found:
            best = found[0]
            return replace(
                project.test, commands=best.commands, junit=best.junit or project.test.junit, coverage=best.coverage
            )
    raise NotFound(
        code="TEST_COMMAND_UNKNOWN",
        says="Nobody says how this project is tested, and no known test runner was found.",
        hint="Run `rh init` and write the command under `test: commands:` in `.rh/project.yaml`.",
    )


def _facts_of(needs: SettingsNeeds, treeish: str) -> RepositoryFacts:
    paths = tuple(needs.repository.list_paths(treeish))
    manifests = []
    for name in sorted(set(MANIFEST_NAMES) & set(paths)):
        text = needs.repository.read_file(treeish, name)
        if text is not None:
            manifests.append((name, text.decode("utf-8", "replace")))
    return RepositoryFacts(paths=paths, manifests=tuple(manifests), history=_NO_HISTORY)


def _base_tests(
    needs: EvidenceRunNeeds,
    change: Change,
    rules: Rules,
    settings: TestSettings,
    run: Run,
    *,
    may_run: bool,
    trace: bool,
) -> BaseTests:
    """Return the tests of the base: from its record, else from a run of the base when something hangs on it."""
    if change.base is None:
        return BaseTests(statuses={})
    tree = needs.repository.tree_of(change.base)
    if tree == change.digests.result_tree:
        # The base is this very content: what is skipped here is skipped there.
        return learn_base(run.cases or ())
    recorded = _recorded_tests(needs, tree)
    if recorded is not None:
        return recorded
    skipped = any(case.status is TestStatus.SKIPPED for case in run.cases or ())
    if run.cases is None or (run.known_ids is not None and not skipped):
        return BaseTests(statuses={}, why_unknown="the tests of the base are not recorded")
    if not may_run:
        return BaseTests(statuses={}, why_unknown="the base was not tested (--no-base)")
    needs.progress.say("rh: testing the base once, to know which tests there are and which were skipped before")
    base = run_in_checkout(needs, tree, change.base, replace(settings, reruns_count=0), trace=trace)
    about = _About(tree=tree, change=None, base=change.base)
    drafts = [_test_record(needs, about, rules, base, BaseTests(statuses={}))]
    record_all(needs, [*drafts, *([_trace_record(needs, about, rules, base)] if base.traced else [])], _CAUSE)
    if base.cases is None:
        return BaseTests(statuses={}, why_unknown=f"the run on the base left no tests: {base.why_no_cases}")
    return learn_base(base.cases)


def _recorded_tests(needs: EvidenceRunNeeds, tree: TreeId) -> BaseTests | None:
    """Return the tests of the newest record of a tree that lists them; one of a run that could not load them does not."""
    loaded = load_for(needs, trees=(tree,), changes=())
    for each in sorted(loaded.records, key=lambda one: one.finished_at, reverse=True):
        if each.predicate != TEST_RESULT or each.details is None or "tests.run_count" not in each.facts:
            continue
        content = needs.content.get(each.details)
        if content is not None:
            found = learn_base(read_case_rows(json.loads(content)["cases"]))
            if not found.uncollected:
                return found
    return None


def _test_record(
    needs: EvidenceRunNeeds,
    about: _About,
    rules: Rules,
    run: Run,
    base: BaseTests,
    kept: Mapping[str, Plain] | None = None,
) -> EvidenceRecord:
    changed = [each.path for each in about.change.files] if about.change is not None else []
    answer = count_tests(
        run.cases,
        exit_code=run.exit_code,
        why_no_exit=run.why_no_exit,
        why_no_cases=run.why_no_cases,
        known_ids=run.known_ids,
        names_agree=run.names_agree,
        base=base,
        changed_paths=changed,
    )
    details = {
        "schema": "rh.test-details/1",
        "cases": case_rows(run.cases or ()),
        "known_count": None if run.known_ids is None else len(run.known_ids),
        "not_run": list(answer.lists.not_run),
        "notes": list(run.notes),
        **(kept or {}),
    }
    answer = excuse_quarantined(answer, run.cases, rules.project.test.quarantine, run.started_at.date(), run.exit_code)
    draft = _draft(needs, about, rules, run, TEST_RESULT)
    return replace(
        draft,
        facts=answer.facts,
        unknown=answer.unknown,
        tests=answer.lists,
        details=needs.content.put(canonical_json(details)),
    )


def _trace_record(needs: EvidenceRunNeeds, about: _About, rules: Rules, run: Run) -> EvidenceRecord:
    kept = keep_traces(needs, about.tree, run.traces, run.why_no_trace)
    return replace(
        _draft(needs, about, rules, run, TRACE),
        facts=kept.facts,
        unknown=kept.unknown,
        sources=kept.sources,
        details=needs.content.put(canonical_json(kept.details)),
    )


def _coverage_record(needs: EvidenceRunNeeds, change: Change, tree: TreeId, rules: Rules, run: Run) -> EvidenceRecord:
    answer = cover_changed_lines(needs, change, tree, run.coverage, root=run.root, why_none=run.why_no_coverage)
    draft = _draft(needs, _About(tree=tree, change=change, base=change.base), rules, run, COVERAGE)
    return replace(
        draft,
        facts=answer.facts,
        unknown=answer.unknown,
        details=needs.content.put(canonical_json(coverage_details(answer))),
    )


def draft_of_run(
    needs: EvidenceRunNeeds, change: Change, tree: TreeId, rules: Rules, run: Run, predicate: str
) -> EvidenceRecord:
    """Return the record of a run for a change, without its facts."""
    return _draft(needs, _About(tree=tree, change=change, base=change.base), rules, run, predicate)


def _draft(needs: EvidenceRunNeeds, about: _About, rules: Rules, run: Run, predicate: str) -> EvidenceRecord:
    change = about.change.digests.change if about.change is not None else None
    return EvidenceRecord(
        id=UNSIGNED,
        predicate=predicate,
        result_tree=about.tree,
        change=change,
        base=about.base,
        origin=Origin.COMPUTED,
        producer=needs.actor,
        command=_without_folders(run.argv, run.root),
        exit_code=run.exit_code,
        environment_digest=run.environment,
        isolation=NOT_ISOLATED,
        started_at=run.started_at,
        finished_at=run.finished_at,
        log_digest=run.log,
        policy=rules.digest,
        dependency_lock=dependency_lock(needs, about.tree),
        facts={},
        unknown={},
        claims={},
        details=None,
        commands=tuple(_without_folders(each, run.root) for each in run.commands) if len(run.commands) > 1 else (),
        branch=about.change.branch if about.change is not None else "",
    )


def _without_folders(argv: Sequence[str], root: str) -> tuple[str, ...]:
    """Put `{reports}` back, so that the record does not depend on where the checkout happened to be."""
    reports = f"{root.removesuffix('/tree')}/reports"
    return tuple(part.replace(reports, "{reports}") for part in argv)
