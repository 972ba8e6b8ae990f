"""Mines clean reverts and `Fixes:` trailers from landings. Pure.

What is left out, and counted by its reason: what names its own landing (it never shipped by itself), ids that exist nowhere on
the branch (squashed messages quote reverts of their own branch), reverts of reverts and landings that land something again,
messages that only quote a revert, and whatever would come before what it takes back. Order is the place on the first-parent
line, never a clock. Who is to blame for a `Fixes:`-less bug is not guessed (SZZ): half of such guesses are wrong.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from release_harness.kernel.records import record
from release_harness.steps.risk.model.labels import Label, Labels, Match
from release_harness.steps.risk.model.landings import NOT_COUNTED, Claim, Landing
from release_harness.steps.risk.rules.claims import bare_title

_LEAST_ID = 7


class Names:
    """Where each commit, pull request and title landed."""

    def __init__(self, landings: Sequence[Landing]) -> None:
        """Every claim of a landing, its own and those of what it brought in, is a name of it."""
        self._landings = landings
        self._ids = sorted((claim.id, place) for place, each in enumerate(landings) for claim in each.claims)
        self._numbers: dict[str, int] = {}
        self._titles: dict[str, list[int]] = {}
        for place, each in enumerate(landings):
            for claim in each.claims:
                for number in claim.own_numbers:
                    self._numbers.setdefault(number, place)
            subjects = [each.title, *(claim.subject for claim in each.claims)]
            for title in dict.fromkeys(bare_title(subject) for subject in subjects):
                self._titles.setdefault(title, []).append(place)
        self._own_repository = _own_repository(landings)

    def by_id(self, name: str, title: str = "") -> int | None:
        """Return the landing of a commit id; a short one that several landings share names none without a title."""
        if len(name) < _LEAST_ID:
            return None
        found: set[int] = set()
        start = bisect_left(self._ids, (name, -1))
        while start < len(self._ids) and self._ids[start][0].startswith(name):
            found.add(self._ids[start][1])
            start += 1
        if len(found) > 1 and title:
            found &= set(self._titles.get(bare_title(title), ()))
        return found.pop() if len(found) == 1 else None

    def by_number(self, number: str) -> int | None:
        """Return the landing of a pull request; one of another repository names none here."""
        repository, _, plain = number.rpartition("#")
        if repository and repository.lower() != self._own_repository:
            return None
        return self._numbers.get(plain)

    def by_title(self, title: str, before: int) -> int | None:
        """Return the newest landing of that title before a place."""
        places = self._titles.get(bare_title(title), ())
        older = bisect_left(places, before)
        return places[older - 1] if older else None


@record
class _Named:
    place: int
    how: str
    claim: Claim


def mine_labels(landings: Sequence[Landing]) -> Labels:
    """Return the labels of a history; landings are oldest first."""
    names = Names(landings)
    left_out: Counter[str] = Counter()
    reverted: dict[int, Label] = {}
    relanded: dict[int, int] = {}
    for place, landing in enumerate(landings):
        for named in _taken_back(place, landing, names, left_out):
            culprit = landings[named.place]
            reason = _why_not(place, landing, named.place, culprit)
            if reason == "lands again":
                relanded.update(dict.fromkeys(_undone(reverted, named.place), place))
            if reason:
                left_out[reason] += 1
                continue
            match = mirrors(culprit, landing)
            reverted.setdefault(named.place, Label(culprit=named.place, by=place, how=named.how, match=match))
    fixed = _mine_fixes(landings, names, left_out)
    return Labels(
        reverted=tuple(sorted(reverted.values(), key=lambda each: each.culprit)),
        fixed=tuple(sorted(fixed.values(), key=lambda each: each.culprit)),
        candidates=tuple(bool(each.files) and not each.takes_back and not each.lands_again for each in landings),
        relanded=tuple(sorted(relanded.items())),
        left_out=tuple(sorted(left_out.items())),
    )


def mirrors(culprit: Landing, by: Landing) -> Match:
    """Compare the lines of a landing, against its first parent, with those of its revert."""
    old = {each.path: (each.added, each.removed) for each in culprit.files}
    new = {each.path: (each.removed, each.added) for each in by.files}
    if not culprit.counted or not by.counted:
        return Match.UNKNOWN
    if old == new and all(NOT_COUNTED not in lines for lines in old.values()):
        return Match.EXACT
    return Match.PARTLY if old.keys() & new.keys() else Match.NONE


def _taken_back(place: int, landing: Landing, names: Names, left_out: Counter[str]) -> Iterator[_Named]:
    """Yield what a landing names as taken back; ids are surest, then numbers, then the title alone."""
    seen: set[int] = set()
    for claim in landing.claims:
        found = list(_named_by(place, claim, names, left_out))
        for named in found:
            if named.place not in seen:
                seen.add(named.place)
                yield named


def _named_by(place: int, claim: Claim, names: Names, left_out: Counter[str]) -> Iterator[_Named]:
    found: list[_Named] = []
    for name in claim.reverts:
        culprit = names.by_id(name)
        if culprit is None:
            left_out["commit is not on this branch"] += 1
        else:
            found.append(_Named(place=culprit, how="commit id", claim=claim))
    if not found:
        for number in claim.numbers:
            culprit = names.by_number(number)
            if culprit is None:
                left_out["number is not on this branch"] += 1
            else:
                found.append(_Named(place=culprit, how="number", claim=claim))
    if not found and claim.title:
        culprit = names.by_title(claim.title, place)
        if culprit is not None:
            found.append(_Named(place=culprit, how="title", claim=claim))
    yield from found


def _why_not(place: int, landing: Landing, culprit_place: int, culprit: Landing) -> str:
    if culprit_place == place:
        return "same landing"
    if culprit_place > place:
        return "named before it landed"
    if culprit.takes_back or landing.lands_again:
        return "lands again"
    if culprit.lands_again:
        return "was landed again before"
    if not landing.takes_back:
        return "only quoted"
    if not culprit.files:
        return "culprit is empty"
    return ""


def _undone(reverted: dict[int, Label], revert: int) -> Iterator[int]:
    """Yield the culprits that land again: those that the named landing took back, or the named landing itself."""
    culprits = [each.culprit for each in reverted.values() if each.by == revert]
    yield from culprits or ([revert] if revert in reverted else [])


def _mine_fixes(landings: Sequence[Landing], names: Names, left_out: Counter[str]) -> dict[int, Label]:
    found: dict[int, Label] = {}
    for place, landing in enumerate(landings):
        for claim in landing.claims:
            for name, title in claim.fixes:
                culprit = names.by_id(name, title)
                if culprit is None:
                    left_out["fixed commit is not on this branch"] += 1
                elif culprit == place:
                    left_out["fixed in the same landing"] += 1
                elif culprit > place:
                    left_out["fixed before it landed"] += 1
                else:
                    found.setdefault(culprit, Label(culprit=culprit, by=place, how="commit id"))
    return found


def _own_repository(landings: Sequence[Landing]) -> str:
    """Return the `owner/name` that reverts of this history mostly name; numbers of any other one are not its own."""
    named = Counter(
        number.rpartition("#")[0].lower()
        for landing in landings
        for claim in landing.claims
        for number in claim.numbers
        if "#" in number
    )
    return named.most_common(1)[0][0] if named else ""
