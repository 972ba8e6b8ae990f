"""What the graph says is measured against what tests walked, alone and together with a part of the trace."""

import pytest

from release_harness.steps.evidence.flow.accuracy import EVERY, LOCAL, TRACED, TRACED_RESOLVED, measure_accuracy
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.evaluation import AccuracyRow
from release_harness.steps.evidence.model.trace import Hit, TracedEntry, TracedFunction, TracedTest, TraceMap
from release_harness.steps.evidence.rules.walks import TraceView, view_trace

SOURCE = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/sure")
def sure():
    return plain()

@app.get("/hidden")
def hidden():
    return globals()["pl" + "ain"]()

@app.get("/other")
def other():
    return 1

def plain():
    return 1
"""
SIDE = view_sources({"app.py": SOURCE})


def traced(tests: dict[str, list[tuple[str, str]]]) -> TraceView:
    """Return the view of a trace: test -> (address, function that ran beside the handler)."""
    names = ["sure", "hidden", "other", "plain"]
    blob = SIDE.tree.blobs["app.py"]
    functions = tuple(TracedFunction(symbol=f"app.py:{each}", path="app.py", blob=blob) for each in names)
    found = []
    for test, walks in tests.items():
        hits = tuple(
            Hit(
                entry=TracedEntry(kind="http", name=f"GET /{handler}", handler=f"app.py:{handler}"),
                functions=1 << names.index(handler) | (1 << names.index(inner) if inner else 0),
            )
            for handler, inner in walks
        )
        found.append(TracedTest(id=test, outcome="passed", functions=0, hits=hits))
    between = TracedTest(id="", outcome="", functions=0)
    return view_trace(TraceMap(functions=functions, tests=tuple(found), between=between), SIDE.entries, SIDE.tree.blobs)


VIEW = traced({
    "test_a.py::test_sure": [("sure", "plain"), ("other", "")],
    "test_b.py::test_hidden": [("hidden", "plain"), ("other", "")],
})  # fmt: skip


def rows_of(view: TraceView, group: str) -> dict[str, AccuracyRow]:
    """Return the rows of one group by predictor."""
    return {row.predictor: row for row in measure_accuracy(SIDE, view)[0] if row.group == group}


def test_what_reading_and_half_a_trace_miss_is_told_apart() -> None:
    """Neither alone is what people get: the figure that counts is that of both together."""
    rows = rows_of(VIEW, EVERY)
    assert rows["resolved"].pair_recall_ratio == pytest.approx(4 / 5)
    assert rows[TRACED].precision_ratio == 1.0
    together, alone = rows[TRACED_RESOLVED].pair_recall_ratio, rows["resolved"].pair_recall_ratio
    assert together is not None
    assert alone is not None
    assert together > alone


def test_functions_under_many_entry_points_are_left_out_of_one_group() -> None:
    """Two of three walked entry points run `plain`, so that it says little about the rest."""
    assert rows_of(VIEW, LOCAL)["resolved"].functions_count == rows_of(VIEW, EVERY)["resolved"].functions_count - 1


def test_half_of_one_file_is_not_measured() -> None:
    """The half would be the whole truth, and the figure perfect."""
    view = traced({"test_a.py::test_sure": [("sure", "plain")], "test_a.py::test_other": [("other", "")]})
    rows, notes = measure_accuracy(SIDE, view)
    assert TRACED not in {row.predictor for row in rows}
    assert notes == ("half a trace, as the tests of one file alone walked",)


def test_a_further_predictor_is_measured_beside_ours() -> None:
    """A tool of somebody else gets the same truth and the same functions."""
    rows, _notes = measure_accuracy(SIDE, VIEW, {"theirs": {"app.py:plain": {"http GET /other"}}})
    theirs = {row.group: row for row in rows if row.predictor == "theirs"}
    assert theirs[EVERY].precision_ratio == 0.0
    assert theirs[EVERY].functions_count == 4


def test_nothing_walked_is_said() -> None:
    """An empty table would read as if all were well."""
    assert measure_accuracy(SIDE, traced({}))[1] == (
        "the trace holds no function that ran under an entry point that the code has",
    )
