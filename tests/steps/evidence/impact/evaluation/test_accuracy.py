"""Recall is never told without precision."""

import pytest

from release_harness.steps.evidence.impact.evaluation.accuracy import (
    closure_baseline,
    half_of,
    joined,
    mean_of,
    measure,
    same_file_baseline,
    split_cross_cutting,
)

TRUTH = {"a.py:f": {"GET /x", "GET /y"}, "b.py:g": {"GET /x"}}
WALKED = {"GET /x", "GET /y"}


def test_recall_and_precision_are_means_over_functions() -> None:
    """One function under many entries must not drown the others."""
    found = measure("p", {"a.py:f": {"GET /x"}, "b.py:g": {"GET /x", "GET /y"}}, TRUTH, WALKED)
    assert found.recall == pytest.approx(0.75)
    assert found.precision == pytest.approx(0.75)
    assert found.pair_recall == pytest.approx(2 / 3)
    assert found.pair_precision == pytest.approx(2 / 3)
    assert (found.predicted_mean, found.true_mean) == (1.5, 1.5)


def test_predicting_everything_has_full_recall_and_shows_its_price() -> None:
    """The closure of imports would win on recall alone."""
    found = measure("all", dict.fromkeys(TRUTH, WALKED), TRUTH, WALKED)
    assert found.recall == 1.0
    assert found.precision == pytest.approx(0.75)


def test_entries_that_nobody_walked_are_no_mistakes() -> None:
    """The trace says nothing about them, neither good nor bad."""
    found = measure("p", {"b.py:g": {"GET /x", "GET /never"}}, {"b.py:g": {"GET /x"}}, WALKED)
    assert found.precision == 1.0


def test_nothing_to_measure_gives_no_figure() -> None:
    """An empty truth must not read as perfect."""
    found = measure("p", {}, {}, WALKED)
    assert (found.recall, found.precision, found.functions_count) == (None, None, 0)


def test_functions_under_many_entries_are_measured_apart() -> None:
    """Loaders and middleware hold most of the pairs and say little about the rest."""
    local, crossing = split_cross_cutting({"a": {"1", "2", "3"}, "b": {"1"}}, entries_count=5)
    assert (set(local), set(crossing)) == ({"b"}, {"a"})


def test_baselines_predict_by_file() -> None:
    """What a tool without symbols would say."""
    handlers = {"GET /x": "x.py", "GET /y": "y.py"}
    assert same_file_baseline(handlers, {"x.py:f", "z.py:g"}) == {"x.py:f": {"GET /x"}, "z.py:g": set()}
    closed = closure_baseline(handlers, {"z.py": {"x.py", "y.py"}}, {"z.py:g"})
    assert closed == {"z.py:g": {"GET /x", "GET /y"}}


def test_half_of_the_test_files_is_the_same_everywhere() -> None:
    """A figure that another machine cannot reproduce is none."""
    files = {f"test_{number}.py" for number in range(9)}
    assert half_of(files, 1) == half_of(frozenset(sorted(files, reverse=True)), 1)
    assert len(half_of(files, 1)) == 5
    assert {half_of(files, seed) for seed in range(5)} != {half_of(files, 0)}


def test_two_predictors_together_say_what_either_says() -> None:
    """A trace and the graph complete each other."""
    assert joined({"a": {"1"}}, {"a": {"2"}, "b": {"3"}}) == {"a": {"1", "2"}, "b": {"3"}}


def test_the_mean_of_draws_leaves_out_what_was_not_measured() -> None:
    """A draw that predicts nothing has no precision; it must not count as zero."""
    some = measure("p", {"b.py:g": {"GET /x"}}, TRUTH, WALKED)
    none = measure("p", {}, TRUTH, WALKED)
    found = mean_of([some, none])
    assert found.recall == pytest.approx(0.25)
    assert found.precision == 1.0
