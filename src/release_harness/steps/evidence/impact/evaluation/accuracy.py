"""Recall and precision of predicted entry points, function by function, against what a trace saw.

The truth is what suites walked: a branch that no test takes counts as a false prediction, so precision is a lower bound.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from hashlib import sha256
from statistics import fmean

from release_harness.kernel.records import record

Pairs = Mapping[str, AbstractSet[str]]
"""Function (`path:qualname`) → keys of entry points."""

CROSS_CUTTING_RATIO = 0.4
"""Functions under at least this share of all walked entries are cross-cutting and measured apart."""


@record
class Accuracy:
    """One predictor on one set of functions; ratios from 0 to 1, None when there was nothing to measure."""

    predictor: str
    functions_count: int
    entries_count: int
    recall: float | None
    """Mean over functions."""
    precision: float | None
    """Mean over functions with at least one prediction."""
    pair_recall: float | None
    pair_precision: float | None
    predicted_mean: float
    true_mean: float


def split_cross_cutting(truth: Pairs, entries_count: int) -> tuple[Pairs, Pairs]:
    """Return the functions under few entries and those under many."""
    limit = max(CROSS_CUTTING_RATIO * entries_count, 1.0)
    local = {function: entries for function, entries in truth.items() if len(entries) < limit}
    return local, {function: entries for function, entries in truth.items() if function not in local}


def measure(predictor: str, predicted: Pairs, truth: Pairs, walked: AbstractSet[str]) -> Accuracy:
    """Compare a predictor with the truth; only entries that were walked count, the trace says nothing about others."""
    recalls: list[float] = []
    precisions: list[float] = []
    hits = guesses = wanted = 0
    for function, true in truth.items():
        if not true:
            continue
        guessed = set(predicted.get(function, ())) & set(walked)
        hit = len(guessed & true)
        recalls.append(hit / len(true))
        if guessed:
            precisions.append(hit / len(guessed))
        hits, guesses, wanted = hits + hit, guesses + len(guessed), wanted + len(true)
    count = len(recalls)
    return Accuracy(
        predictor=predictor,
        functions_count=count,
        entries_count=len(walked),
        recall=fmean(recalls) if recalls else None,
        precision=fmean(precisions) if precisions else None,
        pair_recall=hits / wanted if wanted else None,
        pair_precision=hits / guesses if guesses else None,
        predicted_mean=guesses / count if count else 0.0,
        true_mean=wanted / count if count else 0.0,
    )


def half_of(files: AbstractSet[str], seed: int) -> frozenset[str]:
    """Return half of some test files, rounded up, as if drawn at random; the same seed gives the same half everywhere."""
    drawn = sorted(files, key=lambda each: sha256(f"{seed}:{each}".encode()).digest())
    return frozenset(drawn[: (len(drawn) + 1) // 2])


def joined(one: Pairs, other: Pairs) -> Pairs:
    """Return what either of two predictors says."""
    return {each: {*one.get(each, ()), *other.get(each, ())} for each in {*one, *other}}


def mean_of(rows: Sequence[Accuracy]) -> Accuracy:
    """Return the mean of one predictor's rows over several draws, at least one."""
    return replace(
        rows[0],
        recall=_mean(each.recall for each in rows),
        precision=_mean(each.precision for each in rows),
        pair_recall=_mean(each.pair_recall for each in rows),
        pair_precision=_mean(each.pair_precision for each in rows),
        predicted_mean=fmean(each.predicted_mean for each in rows),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return fmean(known) if known else None


def same_file_baseline(handlers: Mapping[str, str], functions: AbstractSet[str]) -> Pairs:
    """Return the baseline that a function belongs to the entries whose handler is in its file; `handlers` is entry key → path."""
    by_path: dict[str, set[str]] = {}
    for key, path in handlers.items():
        by_path.setdefault(path, set()).add(key)
    return {function: by_path.get(function.partition(":")[0], set()) for function in functions}


def closure_baseline(
    handlers: Mapping[str, str], importers: Mapping[str, AbstractSet[str]], functions: AbstractSet[str]
) -> Pairs:
    """Return the baseline of import graphs: a function reaches every entry whose file imports its file, however far.

    `importers` is path → paths that import it, transitively.
    """
    by_path: dict[str, set[str]] = {}
    for key, path in handlers.items():
        by_path.setdefault(path, set()).add(key)
    found: dict[str, AbstractSet[str]] = {}
    for path in {function.partition(":")[0] for function in functions}:
        paths = {path, *importers.get(path, ())}
        found[path] = set().union(*(by_path.get(each, ()) for each in paths))
    return {function: found[function.partition(":")[0]] for function in functions}
