"""What is measured of a landing before it lands: its diff, and the past of what it touches. Pure.

Experience of the author counts only for the area that is touched; how new somebody is to the whole project, and on which day
of the week something lands, are left out: neither predicts reverts (relative risk 1.05 and 0.94 over many repositories).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from release_harness.steps.risk.model.landings import FileRow, Landing
from release_harness.steps.risk.rules.past import (
    DAY_SECONDS,
    LATELY_SECONDS,
    GrowingPast,
    Past,
    author_key,
    fade,
    file_key,
    folder_key,
    own_key,
)
from release_harness.steps.risk.rules.paths import PathFacts, path_facts

DIFF_FEATURES = (
    "lines_added",
    "lines_removed",
    "files",
    "folders",
    "areas",
    "spread",
    "docs_share",
    "tests_share",
    "config_share",
    "code_files",
    "code_without_tests",
    "touches_ci",
    "touches_dependencies",
    "touches_migrations",
    "new_share",
    "deleted_share",
    "commits",
)
"""Of the diff alone."""
PAST_FEATURES = (
    "file_quiet_days",
    "file_age_days",
    "file_changes",
    "file_authors",
    "file_warmth",
    "file_lines",
    "file_scars",
    "files_reverted_lately",
    "folder_scars",
    "folder_warmth",
    "own_area_changes",
    "own_recent_changes",
    "pace",
    "reverts_lately",
)
"""Of what it touches."""
FEATURES = (*DIFF_FEATURES, *PAST_FEATURES)
_FILES_READ_COUNT = 400
"""Of a sweeping landing, the past of this many files stands for all of them."""


class Pending(NamedTuple):
    """A change as far as risk goes: one that landed, or one that waits."""

    files: Sequence[FileRow]
    author: str
    commits_count: int = 1


def measure(change: Pending, past: Past, now: float) -> tuple[float, ...]:
    """Return the raw value of every feature, in the order of FEATURES."""
    kinds = [path_facts(each.path) for each in change.files]
    return (*_of_the_diff(change, kinds), *_of_the_past(change, kinds, past, now))


def remember(past: GrowingPast, landing: Landing, now: float) -> None:
    """Add one landing to the past; a revert scars what it touches."""
    scar = landing.takes_back
    past.landed(now, takes_back=scar)
    author = landing.author
    folders: set[str] = set()
    areas: set[str] = set()
    for each in landing.files:
        kind = path_facts(each.path)
        past.touch(file_key(each.path), author, now, lines=float(max(each.added, 0) - max(each.removed, 0)), scar=scar)
        folders.add(kind.folder)
        areas.add(kind.area)
    for folder in folders:
        past.touch(folder_key(folder), author, now, lines=0.0, scar=scar)
    for area in areas:
        past.touch(own_key(author, area), author, now, lines=0.0, scar=False)
    past.touch(author_key(author), author, now, lines=0.0, scar=False)


def reverted_lately(paths: Sequence[str], past: Past, now: float) -> tuple[str, ...]:
    """Return those paths that were part of a revert in the last 90 days."""
    return tuple(path for path in paths if _is_lately(past.seen(file_key(path)).scar_seconds, now))


def _of_the_diff(change: Pending, kinds: Sequence[PathFacts]) -> tuple[float, ...]:
    files = change.files
    count = max(len(files), 1)
    sizes = [max(each.added, 0) + max(each.removed, 0) for each in files]
    added = sum(max(each.added, 0) for each in files)
    removed = sum(max(each.removed, 0) for each in files)
    code = sum(each.kind == "code" for each in kinds)
    tests = sum(each.kind == "tests" for each in kinds)
    return (
        math.log1p(added),
        math.log1p(removed),
        math.log1p(len(files)),
        math.log1p(len({each.folder for each in kinds})),
        math.log1p(len({each.area for each in kinds})),
        _entropy(sizes),
        sum(each.kind == "docs" for each in kinds) / count,
        tests / count,
        sum(each.kind == "config" for each in kinds) / count,
        math.log1p(code),
        float(code > 0 and tests == 0),
        float(any(each.is_ci for each in kinds)),
        float(any(each.is_dependencies for each in kinds)),
        float(any(each.is_migration for each in kinds)),
        sum(each.status[0] == "A" for each in files) / count,
        sum(each.status[0] == "D" for each in files) / count,
        math.log1p(change.commits_count),
    )


def _of_the_past(change: Pending, kinds: Sequence[PathFacts], past: Past, now: float) -> tuple[float, ...]:
    read = change.files[:_FILES_READ_COUNT]
    # A file that is new has no past; it must not pull the numbers of the others down.
    seen = [each for each in (past.seen(file_key(row.path)) for row in read) if each.changes]
    folders = [past.seen(folder_key(each)) for each in dict.fromkeys(kind.folder for kind in kinds[:_FILES_READ_COUNT])]
    areas = dict.fromkeys(each.area for each in kinds[:_FILES_READ_COUNT])
    own = [past.seen(own_key(change.author, each)).changes for each in areas]
    author = past.seen(author_key(change.author))
    newest = max((each.last_seconds for each in seen), default=0.0)
    oldest = min((each.first_seconds for each in seen), default=now)
    lately = sum(_is_lately(each.scar_seconds, now) for each in seen)
    return (
        math.log1p(max(now - newest, 0.0) / DAY_SECONDS) if seen else 10.0,
        math.log1p(max(now - oldest, 0.0) / DAY_SECONDS),
        math.log1p(max((each.changes for each in seen), default=0.0)),
        math.log1p(max((each.authors for each in seen), default=0.0)),
        math.log1p(sum(fade(each.warmth, now - each.last_seconds) for each in seen)),
        math.log1p(sum(each.lines for each in seen)),
        sum(fade(each.scars, now - each.scar_seconds) for each in seen),
        float(lately),
        sum(
            fade(each.scars, now - each.scar_seconds) / (1.0 + fade(each.warmth, now - each.last_seconds))
            for each in folders
        ),
        math.log1p(max((fade(each.warmth, now - each.last_seconds) for each in folders), default=0.0)),
        math.log1p(sum(own) / max(len(own), 1)),
        math.log1p(fade(author.warmth, now - author.last_seconds)),
        past.pace,
        past.reverts,
    )


def _entropy(sizes: Sequence[int]) -> float:
    total = sum(sizes)
    if not total:
        return 0.0
    return -sum(size / total * math.log2(size / total) for size in sizes if size)


def _is_lately(seconds: float, now: float) -> bool:
    return seconds > 0.0 and now - seconds <= LATELY_SECONDS
