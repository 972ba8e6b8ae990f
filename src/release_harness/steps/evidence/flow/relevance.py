"""Which tests bear on a change, and what became of them in the run of this content."""

import json
from collections.abc import Sequence

from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.records import load_for
from release_harness.steps.evidence.flow.tracing import TraceNeeds, trace_of_tree
from release_harness.steps.evidence.model import EvidenceRecord, TestCase
from release_harness.steps.evidence.model.impact import ImpactAnswer, Label
from release_harness.steps.evidence.model.relevance import Relevance
from release_harness.steps.evidence.rules.coverage import family_of, is_test_path
from release_harness.steps.evidence.rules.relevance import (
    NAMES_ADDRESS,
    TRACED,
    judge_relevance,
    referring,
    tests_naming,
    tests_tracing,
    url_literals,
)
from release_harness.steps.evidence.rules.statement import TEST_RESULT
from release_harness.steps.evidence.rules.tests import read_case_rows
from release_harness.steps.evidence.rules.walks.join import known_entries
from release_harness.steps.evidence.rules.walks.templates import literal_words

_NO_MAP = "no trace of this content or of the base is recorded, so nobody can tell which tests bear on the change"


def relevance_for(
    needs: TraceNeeds,
    change: Change,
    records: Sequence[EvidenceRecord],
    answer: ImpactAnswer,
) -> Relevance:
    """Return the tests that bear on a change; `records` are those that speak for it.

    Both the trace of the result tree and that of the base are asked: a test that was deleted or is skipped now is only in the
    second. Then come the tests that write an address, and those that surely lead to the change by references.
    """
    tree = change.digests.result_tree
    if tree is None:
        return Relevance(tests=(), why_unknown="there is no result tree")
    trees = [tree, *([needs.repository.tree_of(change.base)] if change.base is not None else [])]
    traces = (trace_of_tree(needs, each) for each in dict.fromkeys(trees))
    maps = [each for each in traces if each is not None]
    if not maps:
        return Relevance(tests=(), why_unknown=_NO_MAP)
    if answer.unknown:
        return Relevance(tests=(), why_unknown=answer.unknown[0])
    changed = {name for each in answer.changed for name in (each.symbol, each.was) if name}
    reasons: dict[str, list[str]] = {}
    for traced in maps:
        for test in tests_tracing(traced, changed):
            reasons.setdefault(test, []).append(TRACED)
    named, unread = _naming(needs, tree, answer)
    if unread:
        return Relevance(tests=(), why_unknown=f"{unread[0]} cannot be read, and it may name an affected address")
    for test, entry in named.items():
        reasons.setdefault(test, []).append(f"{NAMES_ADDRESS} {entry.partition(' ')[2]}")
    for test, why in referring(answer).items():
        reasons.setdefault(test, []).append(why)
    return judge_relevance(reasons, _cases(needs, records), base_ids=_base_ids(needs, change))


def _naming(needs: TraceNeeds, tree: str, answer: ImpactAnswer) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the tests that write the address of an affected entry point, and the test files that may and cannot be read."""
    affected = [each.entry for each in answer.affected if each.label in (Label.TRACED, Label.RESOLVED)]
    if not affected:
        return {}, ()
    words = [literal_words(each.name) for each in affected if each.kind == "http"]
    files = {}
    unread = []
    for path in needs.repository.list_paths(tree):
        if is_test_path(path) and family_of(path) == "py":
            source = needs.repository.read_file(tree, path)
            # Reading is cheap and parsing is not: a file without a word of any of the routes names none of them.
            if source is None or not any(all(word in source for word in each) for each in words):
                continue
            literals = url_literals(source)
            if literals is None:
                unread.append(path)
            elif literals:
                files[path] = literals
    return tests_naming(files, affected, known_entries(answer)), tuple(unread)


def _cases(needs: TraceNeeds, records: Sequence[EvidenceRecord]) -> tuple[TestCase, ...] | None:
    for each in records:
        content = needs.content.get(each.details) if each.predicate == TEST_RESULT and each.details else None
        if content is not None and "tests.run_count" in each.facts:
            return read_case_rows(json.loads(content)["cases"])
    return None


def _base_ids(needs: TraceNeeds, change: Change) -> frozenset[str] | None:
    """Return the ids of the tests of the base, or None when they are not recorded: then none reads as new."""
    if change.base is None:
        return None
    loaded = load_for(needs, trees=(needs.repository.tree_of(change.base),), changes=())
    cases = _cases(needs, sorted(loaded.records, key=lambda each: each.finished_at, reverse=True))
    return None if cases is None else frozenset(each.id for each in cases)
