"""Compares what each predictor says with what tests walked: the graph, a part of the trace, both together, and baselines."""

from typing import TYPE_CHECKING

from release_harness.steps.evidence.model.evaluation import AccuracyRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from release_harness.steps.evidence.impact.difference.side import SideView
    from release_harness.steps.evidence.impact.evaluation.accuracy import Accuracy, Pairs
    from release_harness.steps.evidence.rules.walks import TraceView

DRAWS_COUNT = 5
"""How many random halves of the test files stand for a trace of the main branch; the figures are their mean."""
LEAST_FILES_COUNT = 2
"""With fewer test files half of them is all of them."""
TRACED = "traced (half)"
TRACED_RESOLVED = "traced + resolved"
LOCAL = "without cross-cutting"
EVERY = "all functions"


def measure_accuracy(
    side: "SideView", view: "TraceView", others: "Mapping[str, Pairs] | None" = None
) -> tuple[tuple[AccuracyRow, ...], tuple[str, ...]]:
    """Return a row for each predictor and group of functions, and what could not be measured.

    `others` are further predictors that are measured beside ours, such as a tool of somebody else.
    """
    from release_harness.steps.evidence.impact.evaluation.accuracy import split_cross_cutting
    from release_harness.steps.evidence.impact.evaluation.predictions import predictors_of
    from release_harness.steps.evidence.rules.walks.truth import truth_of, walking_files

    truth = functions_of(truth_of(view))
    if not truth:
        return (), ("the trace holds no function that ran under an entry point that the code has",)
    local, _crossing = split_cross_cutting(truth, len(view.hits))
    static = {**predictors_of(side, frozenset(truth)), **(others or {})}
    rows: list[AccuracyRow] = []
    for group, part in ((LOCAL, local), (EVERY, truth)):
        rows.extend(_row(group, found) for found in _measured(view, static, part))
    few = len(walking_files(view)) < LEAST_FILES_COUNT
    return tuple(rows), ("half a trace, as the tests of one file alone walked",) if few else ()


def functions_of(truth: "Pairs") -> "dict[str, AbstractSet[str]]":
    """Return what is asked about: functions of the product, not what modules and pages do when they are loaded, and no tests."""
    from release_harness.steps.evidence.impact.entries.reading import is_test_path, path_of

    return {each: keys for each, keys in truth.items() if not each.endswith(":") and not is_test_path(path_of(each))}


def _measured(view: "TraceView", static: "Mapping[str, Pairs]", truth: "Pairs") -> "Iterator[Accuracy]":
    """Yield the figures of the graph, then those with a part of the trace, then the baselines."""
    from release_harness.steps.evidence.impact.evaluation.accuracy import measure
    from release_harness.steps.evidence.impact.evaluation.predictions import POSSIBLE

    walked = frozenset(view.hits)
    for name, predicted in static.items():
        yield measure(name, predicted, truth, walked)
        if name == POSSIBLE:
            yield from _with_traces(view, static, truth)


def _with_traces(view: "TraceView", static: "Mapping[str, Pairs]", truth: "Pairs") -> "Iterator[Accuracy]":
    from release_harness.steps.evidence.impact.evaluation.accuracy import half_of, joined, mean_of, measure
    from release_harness.steps.evidence.impact.evaluation.predictions import RESOLVED
    from release_harness.steps.evidence.rules.walks.truth import truth_of, walking_files

    walked, files = frozenset(view.hits), walking_files(view)
    if len(files) < LEAST_FILES_COUNT:
        return
    traces = [truth_of(view, half_of(files, seed)) for seed in range(DRAWS_COUNT)]
    yield mean_of([measure(TRACED, each, truth, walked) for each in traces])
    yield mean_of([measure(TRACED_RESOLVED, joined(each, static[RESOLVED]), truth, walked) for each in traces])


def _row(group: str, found: "Accuracy") -> AccuracyRow:
    return AccuracyRow(
        predictor=found.predictor,
        group=group,
        functions_count=found.functions_count,
        entries_count=found.entries_count,
        recall_ratio=found.recall,
        precision_ratio=found.precision,
        pair_recall_ratio=found.pair_recall,
        pair_precision_ratio=found.pair_precision,
        predicted_mean=found.predicted_mean,
        true_mean=found.true_mean,
    )
