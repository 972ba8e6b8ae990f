"""Puts the parts of the answer together, with every denominator and every reason why it is not whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.answer.affected import Affected, find_affected
from release_harness.steps.evidence.impact.answer.blind import blind_spots
from release_harness.steps.evidence.impact.answer.entry_pairs import Registry, compare_entries
from release_harness.steps.evidence.impact.answer.guards import guard_changes
from release_harness.steps.evidence.impact.answer.loading import find_unloaded
from release_harness.steps.evidence.impact.answer.phantom import find_phantoms
from release_harness.steps.evidence.impact.answer.surfaces import ATTRIBUTES_COUNT, reached_surfaces, unread_surfaces
from release_harness.steps.evidence.impact.answer.testers import tests_referring
from release_harness.steps.evidence.impact.answer.wiring import CalledByLibrary, FlagsOnWay, Question, find_wired
from release_harness.steps.evidence.impact.difference.seeds import seeds_of
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.difference.symbols import SymbolDiff, changed_paths, symbol_diff
from release_harness.steps.evidence.impact.entries.attributes import AttributeReader
from release_harness.steps.evidence.impact.entries.reading import is_test_path
from release_harness.steps.evidence.impact.extract import TEMPLATE, language_of
from release_harness.steps.evidence.impact.left_out import TYPES_ALONE
from release_harness.steps.evidence.model.impact import ImpactAnswer, Label, SymbolId
from release_harness.steps.evidence.model.reading import Counts, Reading, Unjudged

ANSWER_VERSION = 46
"""Part of the name that an answer is kept under; raised whenever the same trees would give another answer."""
FAILED_SHOWN_COUNT = 50
_NUMBERS = LazyPattern(r"\d+")


def _never(_side: SideView, _symbol: SymbolId) -> str:
    return ""


def _never_dark(_side: SideView, _symbols: Sequence[SymbolId]) -> str:
    return ""


class Asked(NamedTuple):
    """What the answer needs beside the two trees."""

    surfaces: Sequence[tuple[str, Callable[[str], bool]]] = ()
    """Name of each sensitive surface of the policy, and whether a path belongs to it."""
    touched: frozenset[str] = frozenset()
    """Surfaces that the diff itself touches."""
    traced: Mapping[str, frozenset[SymbolId]] = {}
    """Entry key -> symbols that a trace saw it run."""
    reasons: Mapping[str, str] = {}
    """Name -> why it lands although nothing leads to it."""
    called_by_library: CalledByLibrary = _never
    dark: FlagsOnWay = _never_dark
    unread_languages: Mapping[str, int] = {}
    """Language that rh does not read -> how many changed files are written in it."""
    gaps: tuple[str, ...] = ()
    """What the caller already knows to be missing."""


def answer_impact(base: SideView, head: SideView, asked: Asked) -> ImpactAnswer:
    """Return what a change really touches; never a bare zero: what was not read is said."""
    diff = symbol_diff(base.tree, head.tree, changed_paths(base.tree, head.tree))
    seeds = seeds_of(diff, base, head)
    moved = diff.moved
    found = _with_attributes(find_affected(base, head, seeds.base, seeds.head, asked.traced), head)
    registry = compare_entries(base, head, moved)
    guards = guard_changes(registry, diff, base, head)
    wired = find_wired(Question(diff, base, head, asked.called_by_library, asked.dark, asked.reasons))
    phantoms, unsearched = find_phantoms(diff, base, head)
    unloaded, unlooked = find_unloaded(diff, base, head)
    reached = reached_surfaces(found, asked.surfaces, asked.touched)
    broken = (*asked.gaps, *_unread(diff, tests=False), *_new_registrations(base, head))
    nothing = () if head.tree.blobs or base.tree.blobs else ("the tree has no file in a language that rh reads",)
    limits = (
        *nothing,
        *seeds.unknown,
        *unsearched,
        *unlooked,
        *_unread(diff, tests=True),
        *_unread_before(diff),
        *_unread_languages(asked.unread_languages),
        *blind_spots(base, head, seeds, found.touched),
        *(_registrations(head) if seeds.base or seeds.head else ()),
    )
    tests, tests_shared = tests_referring(head, seeds.head)
    return ImpactAnswer(
        counts=counts_of(head),
        changed=(*diff.changed, *seeds.elsewhere),
        affected=found.entries,
        cross_cutting=found.cross_cutting,
        entries_added=registry.added,
        entries_removed=registry.removed,
        wired=(*phantoms, *unloaded, *wired),
        guards=guards,
        reached=reached,
        unknown=tuple(dict.fromkeys((*broken, *limits))),
        frameworks=tuple(sorted({each.framework for each in head.discoveries if each.entries})),
        other_routes=_other_routes(found, head),
        reached_count=found.reached_count,
        possible_count=found.possible_count,
        reading=Reading.BROKEN if broken else Reading.LIMITED if limits else Reading.WHOLE,
        tests=tests,
        tests_shared=tests_shared,
        unjudged=Unjudged(
            wiring=(*unsearched, *unlooked, *_mounts_lost(registry)),
            guards=tuple(_guards_unread(diff, base, head)),
            surfaces=unread_surfaces(found, reached, asked.surfaces, asked.touched),
        ),
    )


def _other_routes(found: Affected, head: SideView) -> tuple[tuple[str, SymbolId], ...]:
    affected = {each.entry.key for each in found.entries}
    return tuple((each.name, each.handler) for each in head.entries if each.kind == "http" and each.key not in affected)


def _with_attributes(found: Affected, head: SideView) -> Affected:
    """Fill flags, tables and hosts of what is affected; they tell which surfaces it carries."""
    reader = AttributeReader(head.program, head.graph)
    known = {each.key for each in head.entries}
    filled = []
    for index, each in enumerate(found.entries):
        wanted = index < ATTRIBUTES_COUNT and each.label is not Label.POSSIBLE and each.entry.key in known
        filled.append(replace(each, entry=reader.filled(each.entry)) if wanted else each)
    return found._replace(entries=tuple(filled))


def counts_of(side: SideView) -> Counts:
    """Return the denominators of one side."""
    counts, graph = side.tree.counts, side.graph
    return Counts(
        files_count=counts.files_count,
        files_parsed_count=counts.parsed_count,
        files_failed=tuple(counts.failed[:FAILED_SHOWN_COUNT]),
        files_partial_count=counts.partial_count,
        files_left_out=tuple(
            f"{len(paths)} files: {cause}" for cause, paths in sorted(counts.left_out.items()) if paths
        ),
        symbols_count=graph.nodes_count,
        edges_count=graph.edges_count,
        calls_count=graph.calls_count,
        unresolved_calls_count=graph.unresolved_calls_count,
        dropped=tuple(f"{count} {cause}" for cause, count in sorted(graph.dropped.items()) if count),
        entries_count=len(side.entries),
        module_level_languages=_module_level(side),
    )


def _module_level(side: SideView) -> tuple[str, ...]:
    found = {language_of(path) for path in side.tree.blobs} - {"python", "notebook", TEMPLATE, ""}
    return tuple(sorted(found))


def _unread(diff: SymbolDiff, *, tests: bool) -> Iterator[str]:
    """Yield what of the change itself could not be read at head; tests are no part of the product."""
    for path, why in sorted(diff.unread.items()):
        if is_test_path(path) is tests:
            yield f"{path} was changed and could not be read: {why}"
    for path in diff.partial:
        if not tests and not is_test_path(path):  # a test with one odd line hides no entry point
            yield f"{path} was changed and has syntax errors: only the rest of it was read"


def _unread_before(diff: SymbolDiff) -> Iterator[str]:
    for path, why in sorted(diff.unread_before.items()):
        yield f"{path} could not be read at the base, so nothing there can be compared: {why}"
    for path, why in sorted(diff.aside.items()):
        if why == TYPES_ALONE:
            continue
        yield f"{path} was changed and is left out: {why}"


def _guards_unread(diff: SymbolDiff, base: SideView, head: SideView) -> Iterator[str]:
    """Yield changed files whose guards cannot be compared, since one side of them was not read."""
    before = {**diff.unread_before, **dict.fromkeys(diff.partial_before, "it has syntax errors there")}
    for path, why in sorted(before.items()):
        if not is_test_path(path):
            yield f"which guards stood in {path} at the base is not known: {why}"
    for path, why in sorted(diff.aside.items()):
        if why != TYPES_ALONE and not is_test_path(path) and (path in base.tree.blobs or path in head.tree.blobs):
            yield f"which guards stand in {path} is known of one side of the change only: {why}"


def _mounts_lost(registry: Registry) -> Iterator[str]:
    """Yield entry points that were mounted at the base, and of which nobody can tell whether they still are."""
    for was, now in registry.pairs:
        if was.mounted and now.mounted is None:
            yield f"{now.key} was mounted at the base, and now nobody can tell: {now.why_not_mounted}"


def _unread_languages(languages: Mapping[str, int]) -> Iterator[str]:
    for language, count in sorted(languages.items()):
        yield f"{count} changed {'file is' if count == 1 else 'files are'} {language}, which rh does not read for entry points"


def _registrations(side: SideView) -> Iterator[str]:
    for found in side.discoveries:
        yield from found.unknown


def _new_registrations(base: SideView, head: SideView) -> Iterator[str]:
    """Yield registrations that the change itself made unreadable; line numbers are no difference."""
    before = {_NUMBERS.sub("", each) for each in _registrations(base)}
    yield from (each for each in _registrations(head) if _NUMBERS.sub("", each) not in before)
