"""Which landings of a look back were taken back later, as the miner of risk reads it; lists are newest first here."""

from collections.abc import Sequence

from release_harness.kernel.records import record
from release_harness.steps.changes.model import CommitFacts
from release_harness.steps.risk.model.landings import NOT_COUNTED, Claim, FileRow, Landing
from release_harness.steps.risk.rules.claims import read_claim
from release_harness.steps.risk.rules.labels import mine_labels

_SOME_FILES = (FileRow("", "M", NOT_COUNTED, NOT_COUNTED),)
"""Which files a landing changed does not matter here, only that it changed some."""


@record
class Reverted:
    """One landing that a later one took back."""

    culprit: int
    """Place in the list of landings, which is newest first."""
    by: int
    how: str
    relanded_by: int | None = None


def takes_back(commit: CommitFacts, title: str = "") -> bool:
    """Tell whether a landing says of itself that it takes an earlier one back (and does not land it again)."""
    own = _claim(commit)
    if own.lands_again or not title or title == commit.subject:
        return own.takes_back
    called = read_claim(commit.id, commit.author.id, title, commit.body, is_merge=False)
    return (own.takes_back or called.takes_back) and not called.lands_again


def find_reversals(
    landings: Sequence[CommitFacts], inner: Sequence[Sequence[CommitFacts]], titles: Sequence[str]
) -> dict[int, Reverted]:
    """Return the first reversal of each landing, by its place; lists are newest first."""
    last = len(landings) - 1
    labels = mine_labels([_landing(landings[at], inner[at], titles[at]) for at in range(last, -1, -1)])
    again = dict(labels.relanded)
    return {
        last - each.culprit: Reverted(
            culprit=last - each.culprit,
            by=last - each.by,
            how=each.how,
            relanded_by=last - again[each.culprit] if each.culprit in again else None,
        )
        for each in labels.reverted
    }


def _landing(commit: CommitFacts, inner: Sequence[CommitFacts], title: str) -> Landing:
    return Landing(
        id=commit.id,
        parents_count=commit.parents_count,
        committed_seconds=0,
        author=commit.author.id,
        title=title,
        counted=False,
        files=_SOME_FILES,
        claims=tuple(_claim(each) for each in (commit, *inner)),
    )


def _claim(commit: CommitFacts) -> Claim:
    merged = commit.parents_count > 1
    return read_claim(commit.id, commit.author.id, commit.subject, commit.body, is_merge=merged)
