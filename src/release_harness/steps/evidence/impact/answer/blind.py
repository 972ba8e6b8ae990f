"""Changed code of which nobody can tell what runs it: said, so that a zero beside it is not believed."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from release_harness.kernel.patterns import LazyPattern
from release_harness.steps.evidence.impact.difference.seeds import Seed, Seeds
from release_harness.steps.evidence.impact.difference.side import SideView
from release_harness.steps.evidence.impact.entries.reading import path_of, qualname_of
from release_harness.steps.evidence.impact.extract import language_of
from release_harness.steps.evidence.impact.link.families import family_of
from release_harness.steps.evidence.model.impact import SymbolId

_SHOWN_COUNT = 5
_OF_TOOLS = LazyPattern(
    r"(^|/)(\.[^/]*|[^/]*\.(config|conf|setup|stories)|gulpfile|gruntfile)\.[cm]?[jt]sx?$|(^|/)\.storybook/"
)
"""What a build, a linter or a test runner reads: no part of what users run."""
_BUILD = "setup.py"
"""At the top of a tree it is run to build it, and nothing imports it; below, it is a module like any other."""


def blind_spots(base: SideView, head: SideView, seeds: Seeds, touched: AbstractSet[SymbolId]) -> Iterator[str]:
    """Yield why changed code that no entry point was found to reach may be reached all the same; `touched` are the others."""
    yield from _without_entries(base, head, seeds, touched)
    yield from _too_common(base, head, seeds, touched)


def _without_entries(base: SideView, head: SideView, seeds: Seeds, touched: AbstractSet[SymbolId]) -> Iterator[str]:
    """Yield the languages of which the tree has code and no entry point: a front end in a repository of a server."""
    known = {
        family_of(symbol)
        for side in (base, head)
        for each in side.entries
        for symbol in (f"{each.path}:", each.handler)
    }
    files: dict[str, set[str]] = {}
    for seed in (*seeds.base, *seeds.head):
        path = path_of(seed.symbol)
        family = family_of(seed.symbol)
        if (
            seed.referrers
            or family in known
            or seed.symbol in touched
            or _OF_TOOLS.search(path)
            or not language_of(path)
        ):
            continue
        files.setdefault(family, set()).add(path)
    for family in sorted(files):
        paths = files[family]
        *others, last = sorted({language_of(path) for path in paths})
        languages = f"{', '.join(others)} and {last}" if others else last
        count = f"{len(paths)} changed {'file is' if len(paths) == 1 else 'files are'}"
        yield f"{count} {languages}, in which no entry point is known here: what runs them is not known"


def _too_common(base: SideView, head: SideView, seeds: Seeds, touched: AbstractSet[SymbolId]) -> Iterator[str]:
    """Yield the members whose users were not followed, since too many classes have one of that name."""
    causes: dict[str, list[str]] = {}
    for side, held in ((head, seeds.head), (base, seeds.base)):
        for symbol in _unreached(held, touched):
            why = "" if path_of(symbol) == _BUILD else side.graph.cut_short(symbol)
            said = qualname_of(symbol) or path_of(symbol)
            if why and said not in causes.setdefault(why, []):
                causes[why].append(said)
    for why, names in causes.items():
        shown = ", ".join(names[:_SHOWN_COUNT]) + (
            f" and {len(names) - _SHOWN_COUNT} more" if len(names) > _SHOWN_COUNT else ""
        )
        yield f"what uses {shown} could not be followed: {why}"


def _unreached(seeds: Sequence[Seed], touched: AbstractSet[SymbolId]) -> list[SymbolId]:
    """Return the changed symbols of which the answer says nothing yet, neither by themselves nor by their class."""
    return [
        each.symbol
        for each in seeds
        if each.sure and not each.on_import and not touched & {each.symbol, each.symbol.rpartition(".")[0]}
    ]
