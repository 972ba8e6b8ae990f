"""What a change really touches: reads the two trees, links them, and keeps the answer for the next question."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from release_harness.kernel.digests import digest_bytes
from release_harness.kernel.errors import InputError
from release_harness.kernel.progress import Progress
from release_harness.kernel.records import from_plain, to_plain
from release_harness.policy.globs import compile_globs
from release_harness.steps.changes.model import Change
from release_harness.steps.changes.rules.kinds import CODE_LANGUAGES, kinds_of
from release_harness.steps.evidence.impact.extract import READERS, language_of
from release_harness.steps.evidence.model.impact import EntryPoint, ImpactAnswer
from release_harness.steps.evidence.model.reading import Counts, Reading
from release_harness.steps.evidence.ports import EvidenceRepository, FactsCache, TreeWords, Workers
from release_harness.steps.evidence.rules.impact import reasons_of
from release_harness.steps.project.model import Rules

if TYPE_CHECKING:
    from release_harness.steps.evidence.impact.difference.side import SideView
    from release_harness.steps.evidence.impact.difference.words import WordPlace
    from release_harness.steps.evidence.impact.facts import FileFacts

KIND = "answer"
_NO_ENTRIES = frozenset(
    {"CSS", "HTML", "SQL", "Shell", "Bash", "Makefile", "Dockerfile", "PowerShell", "SCSS", "Less", "Sass"}
)
"""Languages whose files come into the product through something else, or are run by hand."""
_SHIPS_NOTHING = frozenset({"tests", "vendored", "generated", "docs"})


class ImpactNeeds(Protocol):
    """What answering needs."""

    @property
    def repository(self) -> EvidenceRepository:
        """The repository."""
        ...

    @property
    def facts_cache(self) -> FactsCache:
        """What was computed before."""
        ...

    @property
    def workers(self) -> Workers:
        """Processes that read."""
        ...

    @property
    def progress(self) -> Progress:
        """Where it says how far it is."""
        ...

    @property
    def tree_words(self) -> TreeWords:
        """Finds words in trees."""
        ...


class Words:
    """Finds words in one tree of the repository, see `WordSearch`."""

    def __init__(self, words: TreeWords, treeish: str) -> None:
        """Take the port and the tree."""
        self._words = words
        self._treeish = treeish

    def find(self, words: Sequence[str]) -> "Mapping[str, Sequence[WordPlace]] | None":
        """Return the places of each word, or None when they are too many."""
        from release_harness.steps.evidence.impact.difference.words import WordPlace

        found = self._words.find_words(self._treeish, words)
        return None if found is None else {word: [WordPlace(*row) for row in rows] for word, rows in found.items()}


def impact_for(needs: ImpactNeeds, change: Change, rules: Rules, touched: frozenset[str] = frozenset()) -> ImpactAnswer:
    """Return what a change really touches; where that cannot be told the answer says why, and is never empty.

    `touched` names the surfaces that the diff itself touches. Both trees are read as they are: nothing is checked out.
    """
    base, head = _sides_of(change)
    if not base or not head:
        return _unanswered(change)
    languages = _unread_languages(change)
    if not any(_may_matter(each.path) for each in change.files) and change.listing_complete:
        return _nothing_read(languages)
    asked = {
        "version": _version(needs),
        "base": base,
        "head": head,
        "surfaces": _surface_texts(rules),
        "touched": sorted(touched),
        "reasons": dict(reasons_of(change)),
        "languages": languages,
        "declared": declared_entries(rules),
    }
    name = digest_bytes(json.dumps(to_plain(asked), sort_keys=True).encode())
    kept = _read(needs, name)
    if kept is None:
        kept = _compute(needs, change, rules, base, head, touched)
        needs.facts_cache.put_many(KIND, {name: json.dumps(to_plain(kept), separators=(",", ":")).encode()})
    return _with_gaps(kept, change)


def _sides_of(change: Change) -> tuple[str, str]:
    """Return the two trees whose difference is this change and nothing else."""
    if change.merge_base is None or change.base is None:
        return "", ""
    if change.digests.result_tree is not None:
        return change.base, change.digests.result_tree
    return change.merge_base, change.head or ""


def _may_matter(path: str) -> bool:
    from release_harness.steps.evidence.impact.difference.elsewhere import may_matter

    return bool(language_of(path)) or may_matter(path)


def _unanswered(change: Change) -> ImpactAnswer:
    why = "there is no common base of the change and the branch to land on" if change.merge_base is None else ""
    why = why or "the change has neither a result tree nor a head that could be read"
    return ImpactAnswer(counts=Counts(), unknown=(why, *change.gaps), reading=Reading.BROKEN)


def _nothing_read(languages: Mapping[str, int]) -> ImpactAnswer:
    """Answer for a change in which nothing is code that rh reads, nor named by such code."""
    unknown = tuple(
        f"{count} changed {'file is' if count == 1 else 'files are'} {language}, which rh does not read for entry points"
        for language, count in sorted(languages.items())
    )
    return ImpactAnswer(counts=Counts(), unknown=unknown, reading=Reading.LIMITED if unknown else Reading.WHOLE)


def _with_gaps(answer: ImpactAnswer, change: Change) -> ImpactAnswer:
    """Add what is missing of the change itself, such as files that its list was cut short of."""
    gaps = () if change.listing_complete else ("the list of changed files was cut short",)
    conflicts = (f"it does not merge: {len(change.conflicts)} paths conflict",) if change.conflicts else ()
    if not gaps and not conflicts:
        return answer
    return replace(answer, unknown=(*gaps, *conflicts, *answer.unknown), reading=Reading.BROKEN)


def _unread_languages(change: Change) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in change.files:
        language = each.language
        if language_of(each.path) or language not in CODE_LANGUAGES or language in _NO_ENTRIES:
            continue
        if not each.vendored and not each.generated and not kinds_of(each.path) & _SHIPS_NOTHING:
            if language.lower() in READERS:  # such as a template: `.erb` counts as Ruby
                language = f"{language} with the ending .{each.path.rpartition('.')[2]}"
            found[language] = found.get(language, 0) + 1
    return found


def _version(needs: ImpactNeeds) -> str:
    from release_harness import __version__
    from release_harness.steps.evidence.impact.answer.whole import ANSWER_VERSION
    from release_harness.steps.evidence.impact.facts import EXTRACTOR_VERSION
    from release_harness.steps.evidence.impact.link.record import LINK_VERSION

    return f"{__version__}/{ANSWER_VERSION}/{LINK_VERSION}/{EXTRACTOR_VERSION}/{needs.workers.version_of('python')}"


def _surface_texts(rules: Rules) -> list[str]:
    return sorted({repr((each.name, each.paths)) for rule in rules.policies for each in rule.policy.surfaces})


def _read(needs: ImpactNeeds, name: str) -> ImpactAnswer | None:
    content = needs.facts_cache.get_many(KIND, [name]).get(name)
    if content is None:
        return None
    try:
        return from_plain(ImpactAnswer, json.loads(content))
    except (InputError, ValueError, TypeError):
        # Kept by another version, or damaged: it is computed again.
        return None


def _compute(
    needs: ImpactNeeds, change: Change, rules: Rules, base: str, head: str, touched: frozenset[str]
) -> ImpactAnswer:
    from release_harness.steps.evidence.impact.answer.hooks import called_by_library, dark_flag
    from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact

    asked = Asked(
        surfaces=_surfaces(rules),
        touched=touched,
        reasons=reasons_of(change),
        called_by_library=called_by_library,
        dark=dark_flag,
        unread_languages=_unread_languages(change),
    )
    declared = declared_entries(rules)
    shared = Shared(needs.facts_cache)
    with _without_collections():
        sides = [side_for(needs, each, declared, shared) for each in (base, head)]
        return answer_impact(sides[0], sides[1], asked)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Look for no cycles while two trees are built: there are millions of objects, and all of them live until the end."""
    import gc

    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _surfaces(rules: Rules) -> list[tuple[str, Callable[[str], bool]]]:
    found = {(each.name, each.paths) for rule in rules.policies for each in rule.policy.surfaces}
    return [(name, compile_globs(paths).matches) for name, paths in sorted(found, key=lambda each: each[0])]


class Shared:
    """What trees that are looked at together have in common is unpacked and linked once."""

    def __init__(self, cache: FactsCache) -> None:
        """Begin with what is kept."""
        from release_harness.steps.evidence.impact.discovered import Discovered
        from release_harness.steps.evidence.impact.link.layers import Newest

        self.unpacked: dict[bytes, FileFacts] = {}
        self.newest = Newest()
        self.discovered = Discovered(cache)


def side_for(
    needs: ImpactNeeds, treeish: str, declared: Sequence[Mapping[str, Any]] = (), shared: Shared | None = None
) -> "SideView":
    """Return one tree, linked, with its entry points; `declared` are the patterns that the project names itself."""
    from release_harness.steps.evidence.flow.index import tree_facts
    from release_harness.steps.evidence.impact.sides import view_side

    words = Words(needs.tree_words, treeish)
    tree = tree_facts(needs, treeish, None if shared is None else shared.unpacked)
    return view_side(
        tree,
        words,
        declared=declared,
        cache=needs.facts_cache,
        spread=needs.workers.map,
        newest=None if shared is None else shared.newest,
        discovered=None if shared is None else shared.discovered,
    )


def declared_entries(rules: Rules) -> list[Mapping[str, Any]]:
    """Return the entry patterns of the project file as plain data."""
    return [each.plain for each in rules.project.entry_points]


def entries_of(
    needs: ImpactNeeds, treeish: str, declared: Sequence[Mapping[str, Any]] = ()
) -> tuple[tuple[EntryPoint, ...], Counts, tuple[str, ...]]:
    """Return the entry points of a tree with flags, tables and hosts, its denominators, and what could not be read."""
    from release_harness.steps.evidence.impact.answer.whole import counts_of
    from release_harness.steps.evidence.impact.entries.attributes import AttributeReader

    side = side_for(needs, treeish, declared)
    reader = AttributeReader(side.program, side.graph)
    unknown = tuple(each for found in side.discoveries for each in found.unknown)
    return tuple(reader.filled(each) for each in side.entries), counts_of(side), unknown
