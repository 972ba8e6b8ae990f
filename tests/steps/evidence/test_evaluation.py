"""What measuring says about the entries that a trace went through."""

from release_harness.kernel.operations import View
from release_harness.steps.evidence.flow.evaluation import walked_entries
from release_harness.steps.evidence.model.evaluation import DiscoveryRow, ImpactEvaluation
from release_harness.steps.evidence.model.trace import TracedEntry
from release_harness.steps.evidence.render.evaluation import evaluation_text
from release_harness.steps.evidence.rules.walks.traces import TraceView


def view_of(*unmapped: TracedEntry) -> TraceView:
    """Return a view in which one entry was found and these were not."""
    view = object.__new__(TraceView)
    object.__setattr__(view, "hits", {"http GET /found": ()})
    object.__setattr__(view, "unmapped", unmapped)
    return view


def test_an_entry_whose_handler_is_of_the_repository_and_that_was_not_read_is_missed() -> None:
    """The share that was found counts what it should have found."""
    row = walked_entries(view_of(TracedEntry(kind="http", name="GET /lost", handler="shop/web.py:lost")), 3)
    assert (row.walked_count, row.found_count, row.missed) == (2, 1, ("http GET /lost",))
    assert row.unplaced_count == 0


def test_an_entry_that_is_known_by_its_address_alone_is_counted_apart() -> None:
    """Nobody can tell whether reading found it, so it may swell neither side of the ratio."""
    row = walked_entries(view_of(TracedEntry(kind="http", name="GET /static/{path}")), 3)
    assert (row.walked_count, row.found_count, row.unplaced_count) == (1, 1, 1)


def test_a_path_that_no_route_answered_is_no_entry() -> None:
    """A request for nothing is not an entry point that was missed."""
    row = walked_entries(view_of(TracedEntry(kind="http", name="GET /nowhere", raw=True)), 3)
    assert (row.walked_count, row.unplaced_count) == (1, 0)


def test_what_could_not_be_placed_is_printed_beside_the_share_that_was_found() -> None:
    """Four of four says little when two hundred could not be placed."""
    row = DiscoveryRow(walked_count=4, found_count=4, missed=(), static_count=37, unplaced_count=201)
    text = evaluation_text(ImpactEvaluation(commit="0" * 40, files_count=1, entries_count=37, discovery=row), View())
    assert "4 of 4 entry points" in text
    assert "201 more have no handler in the trace" in text
