"""Finds the entry points of a tree: what an earlier tree had is taken over where nothing moved that it rests on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_harness import __version__
from release_harness.steps.evidence.impact.answer.whole import ANSWER_VERSION
from release_harness.steps.evidence.impact.discovery_rows import from_row, to_row
from release_harness.steps.evidence.impact.entries.contract import Discovery, Framework
from release_harness.steps.evidence.impact.entries.registry import assemble, put_together
from release_harness.steps.evidence.impact.facts import EXTRACTOR_VERSION
from release_harness.steps.evidence.impact.link.building import LinkCache
from release_harness.steps.evidence.impact.link.linked import Linked
from release_harness.steps.evidence.impact.link.record import LINK_VERSION
from release_harness.steps.evidence.impact.noting import Noting, Rests, TreeDigests, digest_of, still_holds

KIND = "entries"
_ALIKE = frozenset({"python", "notebook"})
_DAMAGED = (ValueError, TypeError, KeyError, IndexError, RecursionError)


class Found(NamedTuple):
    """What one framework's adapter found in a tree, and what that rests on; each as it is kept."""

    name: str
    """Digest of the content."""
    content: bytes

    def discovery(self) -> Discovery:
        """Return what was found."""
        return from_row(json.loads(self.content)[0])

    def rests(self) -> Rests:
        """Return what it rests on."""
        return Rests(*json.loads(self.content)[1])


class Discovered:
    """The entry points of trees that are looked at one after the other."""

    def __init__(self, cache: LinkCache | None = None) -> None:
        """`cache` keeps what was found between commands."""
        self._cache = cache
        self._trees: dict[str, dict[str, Found]] = {}
        self._read: dict[str, tuple[Discovery, Rests]] = {}

    def discover(self, linked: Linked, frameworks: Sequence[Framework]) -> tuple[Discovery, ...]:
        """Return what every framework finds in a linked tree."""
        digests = TreeDigests(linked.paths)
        asked = [
            [__version__, LINK_VERSION, EXTRACTOR_VERSION, ANSWER_VERSION, [each.name for each in frameworks]],
            list(linked.program.declared()),
        ]
        setting = digest_of([json.dumps(asked, sort_keys=True)])
        name = f"{setting}:{digests.whole}"
        found = self._of_tree(name)
        if found is None:
            found = dict(self._find(linked, frameworks, digests, self._earlier(linked, setting)))
            self._keep(name, found)
        self._trees[name] = found
        return put_together(linked, [self._taken(each)[0] for each in found.values()])

    def _earlier(self, linked: Linked, setting: str) -> dict[str, Found]:
        if linked.since is None:
            return {}
        return self._of_tree(f"{setting}:{TreeDigests(linked.since.paths).whole}") or {}

    def _find(
        self, linked: Linked, frameworks: Sequence[Framework], digests: TreeDigests, earlier: Mapping[str, Found]
    ) -> Iterator[tuple[str, Found]]:
        noting = Noting(linked.program, linked.paths, digests)
        since = linked.since
        for framework in frameworks:
            known = earlier.get(framework.name)
            if since is not None and earlier and framework.name not in since.registered:
                if known is None and not getattr(framework, "whole_tree", False):
                    continue
                moved = since.keys, since.starts
                if known is not None and still_holds(
                    self._taken(known)[1], linked.program, linked.paths, digests, moved
                ):
                    yield framework.name, known
                    continue
            noting.begin(others=not framework.languages <= _ALIKE)
            discovery = assemble(framework, linked, noting)
            if discovery is not None:
                rests = noting.rests()
                content = json.dumps([to_row(discovery), rests], ensure_ascii=True, separators=(",", ":")).encode()
                each = Found(digest_of([framework.name, content.decode()]), content)
                self._read[each.name] = discovery, rests
                yield framework.name, each

    def _taken(self, found: Found) -> tuple[Discovery, Rests]:
        known = self._read.get(found.name)
        if known is None:
            known = self._read[found.name] = found.discovery(), found.rests()
        return known

    def _of_tree(self, name: str) -> dict[str, Found] | None:
        """Return what was found in a tree, if all of it is at hand."""
        known = self._trees.get(name)
        if known is not None or self._cache is None:
            return known
        row = self._cache.get_many(KIND, [name]).get(name)
        try:
            names: dict[str, str] = {} if row is None else dict(json.loads(row)["found"])
            contents = self._cache.get_many(KIND, list(names.values()))
            found = {framework: Found(each, contents[each]) for framework, each in names.items()}
            for each in found.values():
                self._taken(each)
        except _DAMAGED:
            return None
        return None if row is None else found

    def _keep(self, name: str, found: Mapping[str, Found]) -> None:
        if self._cache is None:
            return
        row: dict[str, Any] = {framework: each.name for framework, each in found.items()}
        contents = {each.name: each.content for each in found.values()}
        known = self._cache.get_many(KIND, list(contents))
        new = {each: content for each, content in contents.items() if each not in known}
        self._cache.put_many(KIND, {**new, name: json.dumps({"found": row}).encode()})
