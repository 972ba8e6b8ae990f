"""A verdict is pass, fail or unknown, with what was seen, what was wanted and who can change it.

Unknown never counts as pass: nothing to judge, nothing measured and nothing known are all unknown.
"""

from collections.abc import Iterable, Iterator
from enum import Enum

from release_harness.kernel.records import record


class Outcome(Enum):
    """The three answers; the first member is the safest one."""

    UNKNOWN = "unknown"
    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - a verdict, no password


@record
class NextAction:
    """One thing that somebody can do to bring a verdict closer to pass."""

    do: str
    """What to do, as a sentence in the imperative."""
    command: str = ""
    """The command that does it; empty when it is not done with rh."""
    who: str = "anybody"
    """Who may do it: `author`, `anybody`, or the roles, owners and people that are asked for."""
    shows: tuple[str, ...] = ()
    """Names of the evidence that is there once it is done; one command can bring several."""


@record
class Verdict:
    """One node of the tree that says why."""

    outcome: Outcome
    says: str
    """The answer as a sentence."""
    rule: str = ""
    """Identifier of the rule that asked, unique within the tree."""
    seen: str = ""
    wanted: str = ""
    actions: tuple[NextAction, ...] = ()
    children: tuple["Verdict", ...] = ()
    one_suffices: bool = False
    """True when one child that passes is enough; otherwise every child must pass."""

    def leaves(self) -> Iterator["Verdict"]:
        """Yield every node that has no children, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def combine_all(outcomes: Iterable[Outcome]) -> Outcome:
    """Answer for `all`: fail if one fails, else unknown if one is unknown or there is none, else pass."""
    found = set(outcomes)
    if Outcome.FAIL in found:
        return Outcome.FAIL
    if Outcome.UNKNOWN in found or not found:
        return Outcome.UNKNOWN
    return Outcome.PASS


def combine_any(outcomes: Iterable[Outcome]) -> Outcome:
    """Answer for `any`: pass if one passes, else unknown if one is unknown or there is none, else fail."""
    found = set(outcomes)
    if Outcome.PASS in found:
        return Outcome.PASS
    if Outcome.UNKNOWN in found or not found:
        return Outcome.UNKNOWN
    return Outcome.FAIL


def all_of(says: str, children: Iterable[Verdict], *, rule: str = "", wanted: str = "") -> Verdict:
    """Build the node that passes only when every child is known to pass."""
    listed = tuple(children)
    outcome = combine_all(child.outcome for child in listed)
    passed = sum(child.outcome is Outcome.PASS for child in listed)
    return Verdict(
        outcome=outcome,
        says=says,
        rule=rule,
        seen=f"{passed} of {len(listed)} pass",
        wanted=wanted or "all of them pass",
        children=listed,
    )


def any_of(says: str, children: Iterable[Verdict], *, rule: str = "", wanted: str = "") -> Verdict:
    """Build the node that passes when one child is known to pass."""
    listed = tuple(children)
    passed = sum(child.outcome is Outcome.PASS for child in listed)
    return Verdict(
        outcome=combine_any(child.outcome for child in listed),
        says=says,
        rule=rule,
        seen=f"{passed} of {len(listed)} pass",
        wanted=wanted or "one of them passes",
        children=listed,
        one_suffices=True,
    )
