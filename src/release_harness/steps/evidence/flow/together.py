"""What several changes do to each other: each is read against the same base, and all are merged in memory."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from release_harness.kernel.digests import CommitId, TreeId
from release_harness.kernel.errors import InputError, OutsideError
from release_harness.steps.changes.model import Change
from release_harness.steps.evidence.flow.impact import ImpactNeeds, Shared, declared_entries, side_for
from release_harness.steps.evidence.model.together import (
    CoherenceReport,
    Contribution,
    MergedBranch,
    Place,
    TogetherAnswer,
)
from release_harness.steps.evidence.ports import JoiningRepository
from release_harness.steps.evidence.rules.together import invisible_among, text_clash
from release_harness.steps.project.flow import RulesNeeds, rules_for
from release_harness.steps.project.ports import TreeReader

if TYPE_CHECKING:
    from release_harness.steps.evidence.impact.difference.side import SideView
    from release_harness.steps.evidence.model.impact import WiredSymbol
    from release_harness.steps.evidence.model.together import Clash

BRANCHES_LIMIT_COUNT = 64


class TogetherRepository(JoiningRepository, TreeReader, Protocol):
    """What comparing several changes reads from git."""


class TogetherNeeds(RulesNeeds, ImpactNeeds, Protocol):
    """What comparing several changes needs."""

    @property
    def repository(self) -> TogetherRepository:
        """The repository, with a way to join trees."""
        ...


class Sides:
    """Linked trees, each made once however many changes are compared."""

    def __init__(self, needs: TogetherNeeds, change: Change) -> None:
        """Take the entry patterns that the project declares where the first change lands."""
        rules = rules_for(needs, merge_base=change.merge_base, base=change.base, result_tree=change.digests.result_tree)
        self._needs = needs
        self._declared = declared_entries(rules)
        self._made: dict[str, SideView] = {}
        self._shared = Shared(needs.facts_cache)

    def view(self, treeish: str) -> "SideView":
        """Return one tree, linked, with its entry points."""
        if treeish not in self._made:
            self._made[treeish] = side_for(self._needs, treeish, self._declared, self._shared)
        return self._made[treeish]


def together_for(needs: TogetherNeeds, changes: Sequence[tuple[str, Change]]) -> TogetherAnswer:
    """Return what the changes, each with the name it was asked for by, do to each other; raises InputError for fewer than two."""
    _check_count(len(changes))
    return _compare(needs, changes, Sides(needs, changes[0][1]))


def coherence_of(needs: TogetherNeeds, changes: Sequence[tuple[str, Change]]) -> CoherenceReport:
    """Compare all branches, merge them in order, and tell what stays invisible in the common tree."""
    _check_count(len(changes))
    sides = Sides(needs, changes[0][1])
    base = _common_base(changes)
    merged, tip, tree = _merge_all(needs, changes, base)
    invisible: tuple[WiredSymbol, ...] = ()
    unknown = tuple(gap for _, change in changes for gap in change.gaps)
    if tree is not None and tip != base:
        from release_harness.steps.evidence.impact.answer.hooks import called_by_library, dark_flag
        from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact

        asked = Asked(called_by_library=called_by_library, dark=dark_flag)
        answer = answer_impact(sides.view(base), sides.view(tree), asked)
        invisible, unknown = invisible_among(answer.wired), (*unknown, *answer.unknown)
    return CoherenceReport(
        base=base,
        branches=merged,
        tree=tree,
        together=_compare(needs, changes, sides),
        invisible=invisible,
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _check_count(count: int) -> None:
    if not 2 <= count <= BRANCHES_LIMIT_COUNT:  # noqa: PLR2004 - a pair
        raise InputError(
            code="BRANCHES_COUNT",
            says=f"{count} changes were named; between 2 and {BRANCHES_LIMIT_COUNT} can be compared.",
            hint="`rh coherence ONE OTHER …` names branches, `rh check ONE --with OTHER` compares with one more.",
        )


def _common_base(changes: Sequence[tuple[str, Change]]) -> CommitId:
    bases = {change.base for _, change in changes}
    base = next(iter(bases))
    if len(bases) != 1 or base is None:
        raise InputError(
            code="BASES_DIFFER",
            says="The changes do not land on the same commit, so they cannot be compared.",
            hint="Name the branch that they land on with --base.",
        )
    return base


def _compare(needs: TogetherNeeds, changes: Sequence[tuple[str, Change]], sides: Sides) -> TogetherAnswer:
    from release_harness.steps.evidence.impact.together import find_clashes

    needs.progress.start("comparing changes", len(changes))
    contributions = []
    for name, change in changes:
        contributions.append(_contribution(name, change, sides))
        needs.progress.advance()
    needs.progress.finish()
    unknown = tuple(f"{each.name}: {why}" for each in contributions for why in each.unknown)
    texts, unmerged = _text_clashes(needs, changes)
    return TogetherAnswer(
        clashes=(*texts, *find_clashes(contributions)),
        unknown=(*unknown, *unmerged),
        compared=tuple(name for name, _ in changes),
    )


def _contribution(name: str, change: Change, sides: Sides) -> Contribution:
    from release_harness.steps.evidence.impact.together.contributing import contribution_of

    if change.merge_base is None or change.head is None:
        return Contribution(name=name, unknown=("there is no common base, so nothing can be compared", *change.gaps))
    # What a change brings is read on its own branch: what happened on the target since then is not its doing.
    return contribution_of(name, sides.view(change.merge_base), sides.view(change.head), change.gaps)


def _text_clashes(
    needs: TogetherNeeds, changes: Sequence[tuple[str, Change]]
) -> tuple[tuple["Clash", ...], tuple[str, ...]]:
    clashes, unknown = [], []
    for index, (one, first) in enumerate(changes):
        for other, second in changes[index + 1 :]:
            if first.head is None or second.head is None:
                continue
            outcome = needs.repository.merge(first.head, second.head)
            clashes += [text_clash(one, other, Place(path)) for path in outcome.conflicts]
            if outcome.problem:
                unknown.append(f"{one} and {other} could not be merged: {outcome.problem}")
    return tuple(clashes), tuple(unknown)


def _merge_all(
    needs: TogetherNeeds, changes: Sequence[tuple[str, Change]], base: CommitId
) -> tuple[tuple[MergedBranch, ...], CommitId, TreeId | None]:
    """Merge one branch after the other in memory; one that does not merge is left out and named."""
    tip, tree = base, None
    branches = []
    for name, change in changes:
        head = change.head
        if head is None:
            raise InputError(
                code="NOT_COMMITTED",
                says=f"{name} is a working tree; only commits can be merged.",
                hint="Commit it, or name a branch.",
            )
        outcome = needs.repository.merge(tip, head)
        if outcome.problem:
            raise OutsideError(code="MERGE_FAILED", says=outcome.problem, hint="`git merge` in a work tree says more.")
        merged = outcome.tree is not None
        branches.append(MergedBranch(name=name, head=head, merged=merged, conflicts=outcome.conflicts))
        if outcome.tree is not None:
            tree = outcome.tree
            tip = needs.repository.join(outcome.tree, (tip, head))
    return tuple(branches), tip, tree
