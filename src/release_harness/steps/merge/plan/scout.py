"""Prefix cuts with scouts: free runners try the next changes in groups of their own, so that searches do not queue up.

Cuts are nested, and four nested tests answer one question with five answers (at most 2.3 bits). Groups that share no
member answer four questions (4 bits). So one runner tests the prefix that lands the most on average, and the others go
ahead of it: a group that passes is cleared, and then rides in the next landing run at almost no risk; a group that fails
is set aside and halved (Dorfman, 1943; Sobel and Groll, 1959) while everything behind it goes on. Nothing is landed or
sent back on a hint: a landing is still the exact tree that passed on the tip, a rejection one change that fails there.

It overtakes: what is set aside waits until it is known who it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from release_harness.kernel.records import record
from release_harness.steps.merge.model.queue import Members, Memory, Options, Proposal, Snapshot, Waiting
from release_harness.steps.merge.plan.lineup import line_up, members_of
from release_harness.steps.merge.plan.pcut import choose_cuts, cuts_of, pass_ratios, shortest_failing
from release_harness.steps.merge.plan.settled import first_of_all, refuted, wanted_again

_NEARLY_EVEN = 0.45
"""A scouting group is as long as it still passes about as likely as not."""


def plan(seen: Snapshot, options: Options, memory: Memory) -> Proposal:
    """Propose a landing run, halves of what is suspected, and scouts ahead; see the module for the method."""
    whole = line_up(seen)
    first = first_of_all(seen, whole)
    if first is not None and not (first.land and _waits_for_more(seen, first.land)):
        return replace(first, memory=memory)
    cancel = refuted(seen)
    again = wanted_again(seen)
    desk = _Desk(seen, whole, options, cancel, len(again))
    for oldest_first in desk.tasks():
        desk.work_on(oldest_first)
    desk.add_rider()
    desk.scout_ahead()
    desk.halve_again()
    desk.try_singly()
    desk.cut_deeper()
    return Proposal(cancel=cancel, start=(*again, *desk.start), memory=memory)


@record
class _Task:
    oldest: int
    suspects: Members = frozenset()
    """Empty for the landing run."""


class _Desk:
    """Hands out the free runners of one planning step, in the order in which they are asked for."""

    def __init__(
        self, seen: Snapshot, whole: Sequence[Waiting], options: Options, cancel: Sequence[str], again_count: int
    ) -> None:
        self.options = options
        self.start: list[Members] = []
        self.free_count = max(0, seen.runners_count - len(seen.running) - again_count)
        self.running = [run.members for run in seen.running if run.id not in cancel]
        self.answered = seen.failed | seen.passed | seen.once_more
        self.bad = seen.failed | seen.merge_conflicts
        self.groups = _disjoint(seen.suspected | self.bad)
        self.needs = {each.number: each.needs for each in whole if each.needs}
        line = _without(whole, set().union(*self.groups))
        self.line = [_believed(each, options) for each in line[: options.most_count]]
        self.cleared = frozenset([each.number for each in whole if each.cleared])
        self.failing = shortest_failing(seen, self.line)
        self.cuts = cuts_of(seen, self.line)
        self.ratios = pass_ratios(self.line, self.failing)
        self.last = len(self.line) if self.failing is None else self.failing - 1

    def tasks(self) -> list[_Task]:
        """Return the landing run and the groups of suspects, the one with the oldest change first."""
        found = [_Task(oldest=min(group), suspects=group) for group in self.groups]
        if self.line:
            found.append(_Task(oldest=self.line[0].number))
        return sorted(found, key=lambda each: each.oldest)

    def work_on(self, task: _Task) -> None:
        """Begin a landing run if none runs, or halve a group of suspects that nobody looks into."""
        if not task.suspects:
            if not self.cuts:
                self._cut(self._best_landing())
        elif not any(each <= task.suspects for each in self._going()):
            self._test(_halves(task.suspects)[0])

    def add_rider(self) -> None:
        """Test everything that waits in one run, while that passes more likely than not."""
        likely = [length for length in range(1, self.last + 1) if self.ratios[length] >= self.options.rider_least_ratio]
        if likely and likely[-1] == len(self.line):
            self._cut(likely[-1])

    def scout_ahead(self) -> None:
        """Try what nobody tests yet, in groups that pass about as likely as not."""
        tested = frozenset().union(*self._going())
        fresh = [each for each in self.line if not each.cleared and each.number not in tested]
        for group in _even_groups(fresh):
            self._test(group)

    def halve_again(self) -> None:
        """Test the other halves, too, when there are runners to spare."""
        for group in self.groups:
            if len(group) > 1:
                self._test(_halves(group)[1])

    def try_singly(self) -> None:
        """Test every suspect by itself when there are still runners to spare."""
        for group in self.groups:
            for number in sorted(group - self.cleared):
                self._test(frozenset((number,)))

    def cut_deeper(self) -> None:
        """Give what is left to deeper cuts."""
        depth = self.options.least_depth_ratio
        for length in choose_cuts(
            self.line,
            self.cuts,
            self.failing,
            self.free_count,
            self.options,
            busy=bool(self._going()),
            least_depth=depth,
        ):
            self._cut(length)

    def _best_landing(self) -> int | None:
        """Return the length that lands the most changes on average among those that pass likely enough."""
        lengths = range(1, self.last + 1)
        likely = [length for length in lengths if self.ratios[length] >= self.options.landing_least_ratio]
        return max(likely or lengths[:1], key=lambda length: length * self.ratios[length], default=None)

    def _cut(self, length: int | None) -> None:
        if length is None or length in self.cuts:
            return
        if self._test(members_of(self.line[:length])):
            self.cuts.append(length)

    def _test(self, members: Members) -> bool:
        """Begin a run with all that the members need, unless its answer is known or on its way."""
        members = self._with_needed(members)
        if self.free_count <= 0 or members in self.answered or members in self._going():
            return False
        if any(each <= members for each in self.bad):
            return False
        self.start.append(members)
        self.free_count -= 1
        return True

    def _with_needed(self, members: Members) -> Members:
        more = frozenset().union(*(self.needs.get(number, ()) for number in members))
        return members if more <= members else self._with_needed(members | more)

    def _going(self) -> list[Members]:
        return [*self.running, *self.start]


def _believed(each: Waiting, options: Options) -> Waiting:
    return replace(each, pass_ratio=max(each.pass_ratio, options.cleared_ratio)) if each.cleared else each


def _without(whole: Sequence[Waiting], suspects: set[int]) -> list[Waiting]:
    """Return the line without the suspects and all that is built upon them."""
    line: list[Waiting] = []
    aside = set(suspects)
    for each in whole:
        if each.number in aside or not each.needs.isdisjoint(aside):
            aside.add(each.number)
        else:
            line.append(each)
    return line


def _waits_for_more(seen: Snapshot, land: Members) -> bool:
    """Tell whether a landing would take the ground from under a larger one that is still being tested."""
    bad = seen.failed | seen.merge_conflicts
    return any(
        run.holds
        and len(run.members) > len(land)
        and not land <= run.members
        and not any(each <= run.members for each in bad)
        for run in seen.running
    )


def _disjoint(suspected: Iterable[Members]) -> list[Members]:
    """Return groups of suspects that share no member, the narrowest first."""
    taken: set[int] = set()
    groups: list[Members] = []
    for each in sorted((one for one in suspected if one), key=lambda one: (len(one), min(one))):
        if taken.isdisjoint(each):
            groups.append(each)
            taken |= each
    return groups


def _halves(group: Members) -> tuple[Members, Members]:
    numbers = sorted(group)
    middle = max(1, len(numbers) // 2)
    return frozenset(numbers[:middle]), frozenset(numbers[middle:])


def _even_groups(fresh: Sequence[Waiting]) -> Iterator[Members]:
    group: list[Waiting] = []
    ratio = 1.0
    for each in fresh:
        if group and ratio * each.pass_ratio < _NEARLY_EVEN:
            yield members_of(group)
            group, ratio = [], 1.0
        group.append(each)
        ratio *= each.pass_ratio
    if group:
        yield members_of(group)
