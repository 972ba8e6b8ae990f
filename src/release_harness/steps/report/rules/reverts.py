"""Finds which landings were taken back later.

Four ways of saying so are read: the full sentence, a bare `Reverts <commit>`, `Reverts #N` or `owner/repo#N`, and the title
alone. What never shipped by itself is not counted (a commit that its own branch took back; ids in squashed messages
that exist nowhere); taking a revert back is landing again, not a failure. Order comes from the history, never from clocks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from release_harness.kernel.digests import CommitId
from release_harness.kernel.records import record
from release_harness.steps.changes.model import CommitFacts

_SENTENCE = re.compile(r"\bThis reverts commits?\s+((?:[0-9a-f]{7,64}[\s,]*(?:and\s+)?)+)", re.IGNORECASE)
_BARE = re.compile(r"^[ \t*-]*Reverts?:?[ \t]+([0-9a-f]{7,64})\b", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(
    r"^[ \t*-]*(?:This )?Reverts?:?[ \t]+(?:(?:pull request|PR|merge request)[ \t]+)?(?:[\w.-]+/[\w.-]+)?[#!](\d{1,9})\b",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE = re.compile(
    r'^(?:\[[^\]]*\]\s*)?Revert:?\s+"(.+)"(?:\s*\([#!]\d+\))*\s*(?:\([#!]\d+\))?$', re.IGNORECASE | re.DOTALL
)
_TITLE_START = re.compile(r"^(?:\[[^\]]*\]\s*)?Revert(?:s|ing|ed)?\b", re.IGNORECASE)
_AGAIN = re.compile(
    r'^(?:\[[^\]]*\]\s*)?(?:Reland|Re-land|Reapply|Roll(?:ing)? forward|Revert:?\s+"Revert)\b', re.IGNORECASE
)
_OWN_NUMBER = re.compile(r"(?:\(#(\d{1,9})\)\s*$)|(?:^Merge pull request #(\d{1,9})\b)")
_MERGE_REQUEST = re.compile(r"^See merge request \S*!(\d{1,9})\s*$", re.MULTILINE)
_HEX = re.compile(r"[0-9a-f]{7,64}")
_SHORT = 12


@record
class Reverted:
    """One landing that a later one took back."""

    culprit: int
    """Place in the list of landings, which is newest first."""
    by: int
    how: str
    relanded_by: int | None = None


@record
class _Index:
    """Where each commit, number and title landed."""

    by_commit: Mapping[str, int]
    by_prefix: Mapping[str, int]
    by_number: Mapping[str, int]
    by_title: Mapping[str, tuple[int, ...]]


def takes_back(commit: CommitFacts, title: str = "") -> bool:
    """Tell whether a landing says of itself that it takes an earlier one back (and does not land it again)."""
    subject = title or commit.subject
    if _AGAIN.match(subject) or _AGAIN.match(commit.subject):
        return False
    return bool(_TITLE_START.match(subject) or _TITLE_START.match(commit.subject))


def find_reversals(
    landings: Sequence[CommitFacts], inner: Sequence[Sequence[CommitFacts]], titles: Sequence[str]
) -> dict[int, Reverted]:
    """Return the first reversal of each landing, by its place; lists are newest first."""
    index = _index(landings, inner, titles)
    found: dict[int, Reverted] = {}
    again: dict[int, int] = {}
    for place in range(len(landings) - 1, -1, -1):
        relands = _AGAIN.match(titles[place]) or _AGAIN.match(landings[place].subject)
        for culprit, how in _named(place, landings[place], inner[place], titles[place], index):
            if culprit <= place:
                continue
            if takes_back(landings[culprit], titles[culprit]):
                # Taking a revert back lands its own culprit again.
                again.update({each.culprit: place for each in found.values() if each.by == culprit})
            elif relands:
                again[culprit] = place
            else:
                found.setdefault(culprit, Reverted(culprit=culprit, by=place, how=how))
    return {
        culprit: Reverted(culprit=culprit, by=each.by, how=each.how, relanded_by=again.get(culprit))
        for culprit, each in found.items()
    }


def _index(landings: Sequence[CommitFacts], inner: Sequence[Sequence[CommitFacts]], titles: Sequence[str]) -> _Index:
    by_commit: dict[str, int] = {}
    by_number: dict[str, int] = {}
    by_title: dict[str, list[int]] = {}
    for place, landing in enumerate(landings):
        for each in (landing, *inner[place]):
            by_commit[each.id] = place
        for number in _numbers(landing):
            by_number.setdefault(number, place)
        for title in {titles[place], landing.subject, _bare_title(titles[place]), _bare_title(landing.subject)}:
            by_title.setdefault(title, []).append(place)
    by_prefix: dict[str, int] = {}
    for commit, place in by_commit.items():
        # A short id that two commits share names neither.
        by_prefix[commit[:_SHORT]] = place if commit[:_SHORT] not in by_prefix else -1
    return _Index(
        by_commit=by_commit,
        by_prefix=by_prefix,
        by_number=by_number,
        by_title={title: tuple(places) for title, places in by_title.items() if title},
    )


def _named(
    place: int, landing: CommitFacts, inner: Sequence[CommitFacts], title: str, index: _Index
) -> Iterator[tuple[int, str]]:
    """Yield the landings that this one says it takes back, and how it names them; commit ids are surest."""
    sure = set()
    for commit in (landing, *inner):
        for name in _ids(commit):
            culprit = _look_up(name, index)
            if culprit is not None and culprit != place:
                sure.add(culprit)
    yield from ((culprit, "commit id") for culprit in sorted(sure))
    if sure:
        return
    if not _TITLE_START.match(title) and not _TITLE_START.match(landing.subject):
        return
    for number in _NUMBER.findall(f"{landing.subject}\n{landing.body}"):
        if number in index.by_number and index.by_number[number] != place:
            yield index.by_number[number], "number"
            return
    for text in (title, landing.subject):
        match = _TITLE.match(text)
        older = [each for each in index.by_title.get(match.group(1), ()) if each > place] if match else []
        if older:
            yield older[0], "title"
            return


def _ids(commit: CommitFacts) -> list[str]:
    found = [name for listed in _SENTENCE.findall(commit.body) for name in _HEX.findall(listed.lower())]
    return [*found, *(name.lower() for name in _BARE.findall(f"{commit.subject}\n{commit.body}"))]


def _look_up(name: str, index: _Index) -> int | None:
    if name in index.by_commit:
        return index.by_commit[name]
    if len(name) >= _SHORT:
        place = index.by_prefix.get(name[:_SHORT], -1)
        return place if place >= 0 else None
    matches = {place for commit, place in index.by_commit.items() if commit.startswith(name)}
    return matches.pop() if len(matches) == 1 else None


def _numbers(landing: CommitFacts) -> list[str]:
    found = [number for pair in _OWN_NUMBER.findall(landing.subject) for number in pair if number]
    return found + _MERGE_REQUEST.findall(landing.body)


def _bare_title(title: str) -> str:
    return re.sub(r"(?:\s*\([#!]\d+\))+$", "", title)


def commit_of(landings: Sequence[CommitFacts], place: int | None) -> CommitId | None:
    """Return the commit of a place, or None."""
    return None if place is None else landings[place].id
