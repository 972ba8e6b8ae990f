"""How really affected entry points were walked: joins traces and reported walks with entry points. Pure."""

from release_harness.steps.evidence.rules.walks.facts import unwalked_fact, walk_level_fact
from release_harness.steps.evidence.rules.walks.levels import level_of
from release_harness.steps.evidence.rules.walks.routing import map_walks
from release_harness.steps.evidence.rules.walks.traces import (
    TraceView,
    entries_by_function,
    merge_maps,
    tests_by_entry,
    tests_by_function,
    view_trace,
)

__all__ = [
    "TraceView",
    "entries_by_function",
    "level_of",
    "map_walks",
    "merge_maps",
    "tests_by_entry",
    "tests_by_function",
    "unwalked_fact",
    "view_trace",
    "walk_level_fact",
]
