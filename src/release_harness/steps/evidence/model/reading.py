"""How much of a tree, and of what a change needs, could be read."""

from collections.abc import Mapping
from enum import Enum

from release_harness.kernel.records import record


@record
class TreeListing:
    """What a tree holds, by path."""

    blobs: Mapping[str, str]
    """Path and blob id of every regular file."""
    symlinks: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()


@record
class Counts:
    """The denominators; an answer without them says nothing."""

    files_count: int = 0
    """Files at head in a language that rh reads."""
    files_parsed_count: int = 0
    files_failed: tuple[str, ...] = ()
    """Paths that no parser could read, at most 50."""
    files_partial_count: int = 0
    """Files read with errors inside."""
    files_left_out: tuple[str, ...] = ()
    """Why files were not read at all, one sentence for each cause, with its count."""
    symbols_count: int = 0
    edges_count: int = 0
    calls_count: int = 0
    unresolved_calls_count: int = 0
    dropped: tuple[str, ...] = ()
    """What was dropped on purpose, with its count, such as names of the stop list."""
    entries_count: int = 0
    module_level_languages: tuple[str, ...] = ()
    """Languages that are followed by names and declared types alone: what a value without a type holds is not known."""


class Reading(Enum):
    """How much of what the answer needs could be read; the first member is the one that proves least."""

    BROKEN = "broken"
    """The change itself could not be read: no common base, an absent blob, a changed file that no parser reads."""
    LIMITED = "limited"
    """What is missing lies beside the change: languages that rh does not read, registrations that are computed."""
    WHOLE = "whole"


@record
class Unjudged:
    """What the change may have broken and nobody could tell, one sentence each; the fact that asks for it is then unknown."""

    wiring: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
