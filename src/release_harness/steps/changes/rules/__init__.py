"""What a change is, decided from bytes that git printed: pure, and suspicious of every byte."""

from release_harness.steps.changes.rules.attributes import Attributes, attribute_places, read_attributes
from release_harness.steps.changes.rules.commits import parse_log, title_of
from release_harness.steps.changes.rules.diff import ParsedDiff, change_digest, parse_diff, parse_patch
from release_harness.steps.changes.rules.facts import compute_facts, count_migrations, find_collisions
from release_harness.steps.changes.rules.files import (
    blobs_to_look_at,
    describe_files,
    lines_of_hidden_files,
)
from release_harness.steps.changes.rules.people import identify_people, people_of

__all__ = [
    "Attributes",
    "ParsedDiff",
    "attribute_places",
    "blobs_to_look_at",
    "change_digest",
    "compute_facts",
    "count_migrations",
    "describe_files",
    "find_collisions",
    "identify_people",
    "lines_of_hidden_files",
    "parse_diff",
    "parse_log",
    "parse_patch",
    "people_of",
    "read_attributes",
    "title_of",
]
