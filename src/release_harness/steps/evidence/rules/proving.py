"""Does a test of the change notice when the change is taken back? Pure: what to put back, and what the two runs say."""

from collections.abc import Callable, Iterable, Sequence

from release_harness.kernel.facts import Fact, Known, Unknown
from release_harness.kernel.records import record
from release_harness.steps.evidence.model import TestCase, TestStatus

_BROKEN = frozenset({TestStatus.FAILED, TestStatus.ERROR})
_PASSED = frozenset({TestStatus.PASSED})
_SOURCE = "computed here: the change was taken back and its tests were run"
_SHOWN_COUNT = 50


@record
class TakenBack:
    """Which files of the result tree are put back to the base, and which tests remain as the change has them."""

    restored: tuple[str, ...]
    """Paths whose content is that of the base; those that the base does not have are removed."""
    tests: tuple[str, ...]
    """Changed test files, which stay."""


@record
class Proof:
    """What came of taking a change back."""

    proved: bool | None
    """None when nobody can tell; then `why` says what is missing."""
    noticed: tuple[str, ...] = ()
    """Tests that passed with the change and fail without it, at most 50."""
    why: str = ""


def take_back(paths: Iterable[str], is_test: Callable[[str], bool], is_code: Callable[[str], bool]) -> TakenBack:
    """Part the changed files of a change into code to put back and tests to keep; other files stay as they are."""
    listed = tuple(dict.fromkeys(paths))
    tests = tuple(each for each in listed if is_test(each))
    return TakenBack(restored=tuple(each for each in listed if is_code(each) and each not in tests), tests=tests)


def judge_proof(
    taken: TakenBack, with_change: Sequence[TestCase] | None, without_change: Sequence[TestCase] | None
) -> Proof:
    """Say whether a test tells the tree with the change from the tree without it.

    A run that broke as a whole shows nothing: a test that cannot be loaded without the new code counts only when it
    stands in the report as a test that passed before. A flaky test proves nothing either.
    """
    if not taken.restored:
        return Proof(proved=None, why="the change alters no code that could be taken back")
    if with_change is None:
        return Proof(proved=None, why="the run with the change left no list of tests")
    passed = {case.id for case in with_change if case.status in _PASSED}
    if not passed:
        return Proof(proved=None, why="no test passed with the change")
    if without_change is None:
        return Proof(proved=None, why="the run without the change left no list of tests")
    after = {case.id: case.status for case in without_change}
    noticed = sorted(each for each in passed if after.get(each) in _BROKEN)
    # pytest reports a file that cannot be imported under the name of the file, and none of its tests.
    unloaded = [each for each, status in after.items() if status is TestStatus.ERROR and each not in passed]
    noticed += sorted(each for each in passed if each not in after and any(_is_of(each, file) for file in unloaded))
    if noticed:
        return Proof(proved=True, noticed=tuple(noticed[:_SHOWN_COUNT]))
    if not set(after) & passed:
        return Proof(proved=None, why="none of the tests that passed with the change was run without it")
    return Proof(proved=False, why="every test that passed with the change passes without it, too")


def _is_of(test_id: str, file: str) -> bool:
    owner = file.removeprefix("::").removesuffix(".py").replace("/", ".").replace("::", ".").strip(".")
    return bool(owner) and test_id.startswith((f"{owner}.", f"{owner}::"))


def proved_fact(proof: Proof) -> Fact:
    """Return `tests.proved`."""
    if proof.proved is None:
        return Unknown(why=proof.why)
    return Known(value=proof.proved, source=_SOURCE)
