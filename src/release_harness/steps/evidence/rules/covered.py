"""Runs of a tree that holds several changes, as far as they speak for one of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from release_harness.kernel.digests import TreeId
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.model import EvidenceRecord, MissedLines
from release_harness.steps.evidence.rules.coverage import count_lines
from release_harness.steps.evidence.rules.statement import COVERAGE, TEST_RESULT, TRACE

_OF_THE_RUN = frozenset({TEST_RESULT, TRACE})


def covered_by(
    records: Iterable[EvidenceRecord],
    change: Change,
    covering: TreeId,
    paths: Collection[str],
    rows: Mapping[str, tuple[MissedLines, ...] | None],
) -> tuple[EvidenceRecord, ...]:
    """Return the records, those of the covering tree as records of the change; they keep their ids.

    Sound only while every file of the change is the same in both trees, and no other change in the covering tree touches
    one of them: then its changed lines are those that the run saw. Coverage is counted again over the files of the change
    alone; where the lines are not known, it stays unknown. Scans and everything else speak of their own content only.
    """
    tree = change.digests.result_tree
    found = []
    for each in records:
        if each.result_tree != covering or tree is None:
            found.append(each)
        elif each.predicate in _OF_THE_RUN:
            found.append(replace(each, result_tree=tree))
        elif (covering == tree and each.predicate != COVERAGE) or (
            each.predicate == COVERAGE and (each.result_tree, each.change) == (tree, change.digests.change)
        ):
            found.append(each)
        elif each.predicate == COVERAGE:
            lines = rows.get(each.id)
            if lines is not None:
                answer = count_lines(tuple(one for one in lines if one.path in paths))
                found.append(
                    replace(
                        each,
                        result_tree=tree,
                        change=change.digests.change,
                        facts=answer.facts,
                        unknown=answer.unknown,
                    )
                )
    return tuple(found)
