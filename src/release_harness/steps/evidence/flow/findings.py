"""All that is known about a change beside its diff; reads only."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from release_harness.kernel.digests import TreeId, digest_bytes
from release_harness.kernel.facts import Fact, Unknown
from release_harness.ledger.door import LedgerDoor
from release_harness.policy.model import Invalidator
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.impact import ImpactNeeds, impact_for
from release_harness.steps.evidence.flow.records import Loaded, load_for
from release_harness.steps.evidence.model import EvidenceFindings, EvidenceRecord, Finding, MissedLines, SurfaceTouch
from release_harness.steps.evidence.model.impact import ImpactAnswer
from release_harness.steps.evidence.model.relevance import Relevance, Weakening
from release_harness.steps.evidence.model.trace import Walked
from release_harness.steps.evidence.ports import ContentStore, ReportReader, SecretScanner, TreeFiles, Verifier
from release_harness.steps.evidence.rules.advice import MISSED_LINES, advice_of_change, missed_fact
from release_harness.steps.evidence.rules.coverage import family_of, is_test_path
from release_harness.steps.evidence.rules.covered import covered_by
from release_harness.steps.evidence.rules.flags import flags_fact
from release_harness.steps.evidence.rules.impact import advice_of_impact, impact_facts, why_unknown
from release_harness.steps.evidence.rules.relevance import NOT_RUN, advice_of_relevance, relevant_not_run_fact
from release_harness.steps.evidence.rules.selection import (
    as_seen,
    claims_about,
    known_facts,
    list_stale,
    select,
    source_of,
    speaks_about_change,
)
from release_harness.steps.evidence.rules.statement import COVERAGE, SCAN, TRACE
from release_harness.steps.evidence.rules.surfaces import secrets_fact, surface_touches
from release_harness.steps.evidence.rules.weakened import weakened_fact, weakened_tests, without_moved
from release_harness.steps.project.model import Rules

LOCK_FILES = frozenset(
    {
        "Cargo.lock",
        "Gemfile.lock",
        "Pipfile.lock",
        "bun.lock",
        "bun.lockb",
        "composer.lock",
        "flake.lock",
        "go.sum",
        "gradle.lockfile",
        "mix.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pdm.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "pubspec.lock",
        "uv.lock",
        "yarn.lock",
    }
)


class FindingsNeeds(ImpactNeeds, Protocol):
    """What `findings_for` needs."""

    @property
    def ledger(self) -> LedgerDoor:
        """The ledger."""
        ...

    @property
    def verifier(self) -> Verifier:
        """Opens signed statements."""
        ...

    @property
    def content(self) -> ContentStore:
        """Contents by digest."""
        ...

    @property
    def reports(self) -> ReportReader:
        """Reads traces."""
        ...

    @property
    def secret_scanner(self) -> SecretScanner:
        """Looks for secrets in added lines."""
        ...


def findings_for(
    needs: FindingsNeeds, change: Change, rules: Rules, now: datetime, *, covering: TreeId | None = None
) -> EvidenceFindings:
    """Return every fact of evidence about a change, known or visibly unknown, and what each comes from.

    `covering` is a tree in which every file of the change is as in its own result: runs of it speak for the change, too.
    """
    loaded = _load(needs, change, covering)
    selected = select(loaded.records, change)
    secrets = needs.secret_scanner.scan(change.lines) if change.lines else ()
    scans = [record for record in selected if record.predicate == SCAN]
    read = [read_findings(needs, record) for record in scans]
    reported = tuple(finding for findings in read for finding in findings or ())
    base = _base_findings(needs, change) if scans else ()
    # Without the list of findings nothing can be taken off the signed count.
    facts = known_facts(selected, rules, base, None if None in read else reported)
    facts["secrets.found_count"] = secrets_fact(change, secrets)
    facts["flags.touched"] = flags_fact(change)
    weakened, facts["tests.weakened_count"] = compare_tests(needs, change)
    missed, facts[MISSED_LINES] = _missed(needs, selected, frozenset(each.path for each in change.files))
    touches = surface_touches((rule.policy for rule in rules.policies), change)
    impact, walked = _impact(needs, change, rules, touches, selected, missed or ())
    facts |= impact_facts(impact) | _walk_facts(impact, walked)
    relevance = _relevance(needs, change, selected, impact)
    facts |= {NOT_RUN: relevant_not_run_fact(relevance)} if relevance is not None else {}
    lock = dependency_lock(needs, change.digests.result_tree) if _reads_lock(rules) else ""
    # A policy may bind a run to the change; it is shown then, and the policy alone decides whether that is enough.
    also = tuple(record for record in select(loaded.records, change, speaks_about_change) if record not in selected)
    return EvidenceFindings(
        facts=facts,
        seen=tuple(as_seen(record) for record in (*selected, *also)),
        records=selected,
        stale=list_stale(loaded.records, selected, change, rules, lock, now),
        findings=(*secrets, *reported),
        touches=touches,
        rejected=loaded.rejected,
        claims=claims_about(loaded.records, change),
        dependency_lock=lock,
        missed=missed or (),
        weakened=weakened,
        relevance=relevance,
        advice=advice_of_change(missed or (), secrets)
        | advice_of_impact(impact)
        | _walk_advice(walked)
        | (advice_of_relevance(relevance) if relevance is not None else {}),
        impact=impact,
        walked=walked,
    )


def _missed(
    needs: FindingsNeeds, selected: Sequence[EvidenceRecord], paths: frozenset[str]
) -> tuple[tuple[MissedLines, ...] | None, Fact]:
    coverage = next((record for record in selected if record.predicate == COVERAGE), None)
    missed = read_missed(needs, coverage) if coverage is not None else None
    # A run that covers several changes lists the lines of all of them.
    missed = None if missed is None else tuple(each for each in missed if each.path in paths)
    why_unknown = "no coverage of this content is recorded" if coverage is None else "its list of lines is not here"
    return missed, missed_fact(missed, source_of(coverage) if coverage is not None else "", why_unknown)


def _impact(
    needs: FindingsNeeds,
    change: Change,
    rules: Rules,
    touches: Sequence[SurfaceTouch],
    records: Sequence[EvidenceRecord],
    missed: Sequence[MissedLines],
) -> tuple[ImpactAnswer, tuple[Walked, ...]]:
    """Return what the change touches, and how really each affected entry point was walked."""
    answer = impact_for(needs, change, rules, frozenset(each.surface for each in touches))
    if not answer.affected and not any(each.entries_count for each in answer.cross_cutting):
        return answer, ()
    # What reads traces is loaded only where there is something to be walked.
    from release_harness.steps.evidence.flow.tracing import views_for, walks_for
    from release_harness.steps.evidence.rules.walks.join import known_entries, mark_traced, walk_all

    entries = known_entries(answer)
    view = views_for(needs, change, records, entries)
    answer = mark_traced(answer, view)
    return answer, walk_all(answer, view, walks_for(needs, change, records, entries), missed)


def _walk_advice(walked: Sequence[Walked]) -> dict[str, str]:
    if not walked:
        return {}
    from release_harness.steps.evidence.rules.walks.facts import advice_of_walks

    return advice_of_walks(walked)


def _relevance(
    needs: FindingsNeeds, change: Change, records: Sequence[EvidenceRecord], answer: ImpactAnswer
) -> Relevance | None:
    """Return the tests that bear on the change; None when no trace of this content is recorded, as is said elsewhere."""
    if not any(each.predicate == TRACE for each in records):
        return None
    from release_harness.steps.evidence.flow.relevance import relevance_for

    return relevance_for(needs, change, records, answer)


def _walk_facts(answer: ImpactAnswer, walked: Sequence[Walked]) -> dict[str, Fact]:
    from release_harness.steps.evidence.rules.walks.facts import UNWALKED, WALK_LEVEL, unwalked_fact, walk_level_fact

    why = why_unknown(answer)
    return {UNWALKED: unwalked_fact(walked, why), WALK_LEVEL: walk_level_fact(walked, why)}


def compare_tests(needs: "_TreeNeeds", change: Change) -> tuple[tuple[Weakening, ...], Fact]:
    """Return what changed Python test files lost from base to head, and the fact that counts it."""
    tree = change.digests.result_tree
    if change.base is None or tree is None or not change.listing_complete:
        return (), Unknown(why="there is no base, or no whole list of files, to compare tests with")
    found: list[Weakening] = []
    unread: list[str] = []
    heads: list[tuple[str, bytes | None]] = []
    for path in dict.fromkeys(each.path for each in change.files):
        if not is_test_path(path):
            continue
        if family_of(path) != "py":
            # A test file that is new has lost nothing, in whatever language.
            known = bool(family_of(path)) and needs.repository.read_file(change.base, path) is not None
            unread += [path] if known else []
            continue
        base, head = needs.repository.read_file(change.base, path), needs.repository.read_file(tree, path)
        heads.append((path, head))
        lost = weakened_tests(path, base, head)
        unread += [path] if lost is None else []
        found += lost or ()
    kept = without_moved(found, heads)
    return kept, weakened_fact(kept, unread)


class _TreeNeeds(Protocol):
    @property
    def repository(self) -> TreeFiles: ...


def _load(needs: FindingsNeeds, change: Change, covering: TreeId | None) -> Loaded:
    # What was recorded on the branch before its last commit speaks no more, but it says what has to be done again.
    digests = change.digests
    loaded = load_for(needs, trees=(digests.result_tree, covering), changes=(digests.change,), branch=change.branch)
    if covering is None:
        return loaded
    paths = frozenset(each.path for each in change.files)
    rows: dict[str, tuple[MissedLines, ...] | None] = {
        each.id: read_missed(needs, each)
        for each in loaded.records
        if each.predicate == COVERAGE and each.result_tree == covering
    }
    return replace(loaded, records=covered_by(loaded.records, change, covering, paths, rows))


def _base_findings(needs: FindingsNeeds, change: Change) -> tuple[Finding, ...]:
    if change.base is None:
        return ()
    loaded = load_for(needs, trees=(needs.repository.tree_of(change.base),), changes=())
    return tuple(
        finding
        for record in loaded.records
        if record.predicate == SCAN
        for finding in read_findings(needs, record) or ()
    )


def read_findings(needs: FindingsNeeds, record: EvidenceRecord) -> tuple[Finding, ...] | None:
    """Return the findings of a scan from its details, or None when those are not here."""
    content = needs.content.get(record.details) if record.details is not None else None
    if content is None:
        return None
    return tuple(
        Finding(
            rule=str(row["rule"]),
            path=str(row["path"]),
            line=int(row["line"]),
            says=str(row["says"]),
            level=str(row["level"]),
            fingerprint=str(row["fingerprint"]),
        )
        for row in json.loads(content)["findings"]
    )


def read_missed(needs: FindingsNeeds, record: EvidenceRecord) -> tuple[MissedLines, ...] | None:
    """Return the changed lines of a coverage record from its details, or None when those are not here or not known."""
    content = needs.content.get(record.details) if record.details is not None else None
    if content is None or "coverage.missed_lines_count" not in record.facts:
        return None
    return tuple(
        MissedLines(
            path=str(row["path"]),
            exercised=tuple(map(int, row["exercised"])),
            missed=tuple(map(int, row["missed"])),
            reported=bool(row["reported"]),
        )
        for row in json.loads(content)["files"]
    )


def _reads_lock(rules: Rules) -> bool:
    return any(
        Invalidator.DEPENDENCY_LOCK in definition.invalidated_by
        for rule in rules.policies
        for definition in rule.policy.evidence
    )


class _LockNeeds(Protocol):
    @property
    def repository(self) -> TreeFiles: ...


def dependency_lock(needs: _LockNeeds, tree: TreeId | None) -> str:
    """Return a digest over name and content of every dependency lock file of a tree; empty when the tree is not known."""
    if tree is None:
        return ""
    parts = []
    for path in sorted(needs.repository.list_paths(tree)):
        if path.rpartition("/")[2] in LOCK_FILES:
            content = needs.repository.read_file(tree, path) or b""
            parts.append(f"{path}\0{digest_bytes(content)}\n")
    return digest_bytes("".join(parts).encode("utf-8", "surrogateescape"))
