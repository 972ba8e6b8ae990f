"""Merges changes onto the tip one after the other, as the commits that would land."""

from collections.abc import Sequence

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.records import record
from release_harness.steps.merge.flow.queue.needs import QueueLands
from release_harness.steps.merge.model import Draft
from release_harness.steps.merge.model.queued import QueueEntry


@record
class Link:
    """One change on one commit."""

    commit: CommitId | None = None
    """None when it does not merge, or changes nothing."""
    tree: TreeId | None = None
    conflicts: tuple[str, ...] = ()
    problem: str = ""
    """Why it is not known what the merge gives; nobody is to blame."""
    empty: bool = False
    """True when all of it is there already."""


@record
class Chain:
    """Changes on a tip in the order of their numbers, as far as they merge."""

    tip: CommitId
    commit: CommitId
    tree: TreeId
    entries: tuple[QueueEntry, ...]
    stopped_at: QueueEntry | None = None
    """The change that could not be added."""
    link: Link | None = None
    """What became of it."""

    @property
    def whole(self) -> bool:
        """Whether every change is in it."""
        return self.stopped_at is None


class Chains:
    """Remembers what was merged, so that a planning step costs no more than what is new in it."""

    def __init__(self, needs: QueueLands) -> None:
        """Nothing was merged yet."""
        self._needs = needs
        self._links: dict[tuple[CommitId, CommitId], Link] = {}
        self._trees: dict[CommitId, TreeId] = {}

    def of(self, tip: CommitId, entries: Sequence[QueueEntry]) -> Chain:
        """Merge the changes in the order of their numbers; stops at the first one that cannot be added."""
        commit, tree = tip, self.tree_of(tip)
        added: list[QueueEntry] = []
        for entry in sorted(entries, key=lambda each: each.number):
            link = self.link(commit, tree, entry)
            if link.commit is None or link.tree is None:
                return Chain(tip=tip, commit=commit, tree=tree, entries=tuple(added), stopped_at=entry, link=link)
            commit, tree = link.commit, link.tree
            added.append(entry)
        return Chain(tip=tip, commit=commit, tree=tree, entries=tuple(added))

    def tree_of(self, commit: CommitId) -> TreeId:
        """Return the tree of a commit."""
        if commit not in self._trees:
            self._trees[commit] = self._needs.landing.tree_of(commit)
        return self._trees[commit]

    def link(self, onto: CommitId, tree: TreeId, entry: QueueEntry) -> Link:
        """Merge one change onto one commit."""
        key = (onto, entry.asked.head)
        if key not in self._links:
            self._links[key] = self._merge(onto, tree, entry)
            made = self._links[key]
            if made.commit is not None and made.tree is not None:
                self._trees[made.commit] = made.tree
        return self._links[key]

    def _merge(self, onto: CommitId, tree: TreeId, entry: QueueEntry) -> Link:
        merged = self._needs.repository.merge(onto, entry.asked.head)
        if merged.tree is None:
            return Link(conflicts=merged.conflicts, problem=merged.problem)
        if merged.tree == tree:
            return Link(empty=True)
        planned = entry.asked.planned
        draft = Draft(
            method=planned.method,
            tree=merged.tree,
            tip=onto,
            head=entry.asked.head,
            subject=planned.subject,
            trailers=planned.trailers,
            author=planned.author,
        )
        commit = self._needs.landing.build(draft)
        if commit is None:
            return Link(conflicts=("its commits cannot be replayed one by one",))
        return Link(commit=commit, tree=merged.tree)
