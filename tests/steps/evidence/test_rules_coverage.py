"""Which changed lines the tests ran; a report about other code proves nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.steps.changes.model import FileStatus
from release_harness.steps.evidence.model import CoverageReport, LineCoverage
from release_harness.steps.evidence.rules.coverage import (
    NAMES,
    CoverageAnswer,
    is_test_path,
    judge_lines,
    match_paths,
    merge_coverage,
)
from release_harness.testing.evidence import change_of, file_change

TREE_PATHS = ("src/shop/cart.py", "src/shop/util.py", "src/admin/util.py", "web/app.ts", "README.md")


def covered(path: str, executable: set[int], exercised: set[int]) -> LineCoverage:
    """Return the coverage of one file."""
    return LineCoverage(path=path, executable=frozenset(executable), exercised=frozenset(exercised))


def judge(added: dict[str, list[tuple[int, str]]], *files: LineCoverage) -> CoverageAnswer:
    """Judge added lines against a report whose paths are those of the tree."""
    return judge_lines(change_of(added), {each.path: each for each in files}, reported_count=len(files))


def test_changed_lines_are_exercised_missed_or_cannot_run() -> None:
    """A comment that was added is no line that a test could run."""
    answer = judge(
        {"src/shop/cart.py": [(1, "a"), (2, "b"), (3, "# c"), (4, "d")]},
        covered("src/shop/cart.py", {1, 2, 4, 9}, {1, 9}),
    )
    assert answer.facts == {
        "coverage.changed_lines_count": 3,
        "coverage.exercised_lines_count": 1,
        "coverage.missed_lines_count": 2,
        "coverage.exercised_ratio": 1 / 3,
    }
    assert answer.lines[0].missed == (2, 4)


def test_a_report_about_other_code_is_unknown_and_says_so() -> None:
    """An editable installation of another checkout was tested: the numbers are of other content."""
    answer = judge_lines(change_of({"src/shop/cart.py": [(1, "a")]}), {}, reported_count=12)
    assert set(answer.unknown) == set(NAMES)
    assert "the tests ran other code: none of the 12 files" in answer.unknown["coverage.exercised_ratio"]


def test_a_new_file_that_no_test_loads_counts_as_missed() -> None:
    """Coverage tools leave out what was never imported; leaving it out here would make unwired code look tested."""
    answer = judge(
        {"src/shop/new.py": [(1, "import os"), (2, ""), (3, "# note"), (4, "x = 1")]},
        covered("src/shop/cart.py", {1}, {1}),
    )
    assert answer.facts["coverage.missed_lines_count"] == 2
    assert not answer.lines[0].reported


def test_a_language_that_nobody_measured_leaves_the_answer_open() -> None:
    """The Python coverage of a repository says nothing of its TypeScript."""
    answer = judge({"web/app.ts": [(1, "x()")]}, covered("src/shop/cart.py", {1}, {1}))
    assert "no coverage report speaks of any file like web/app.ts" in answer.unknown["coverage.exercised_ratio"]


def test_a_change_without_code_needs_no_report() -> None:
    """Documentation has no line that can run; then there is no ratio either, and it is not 100 %."""
    answer = judge_lines(change_of({"README.md": [(1, "words")]}), None, reported_count=0)
    assert answer.facts["coverage.changed_lines_count"] == 0
    assert "coverage.exercised_ratio" in answer.unknown


def test_code_without_a_report_is_unknown() -> None:
    """0 of 0 would be a pass in disguise."""
    answer = judge_lines(
        change_of({"src/shop/cart.py": [(1, "a")]}), None, reported_count=0, why_none="no report was left"
    )
    assert answer.unknown == dict.fromkeys(NAMES, "no report was left")


def test_an_incomplete_list_of_lines_is_unknown() -> None:
    """Lines that nobody counted may be the ones that no test ran."""
    change = change_of({"src/shop/cart.py": [(1, "a")]}, lines_complete=False)
    answer = judge_lines(change, {"src/shop/cart.py": covered("src/shop/cart.py", {1}, {1})}, reported_count=1)
    assert set(answer.unknown) == set(NAMES)


def test_generated_and_vendored_code_is_not_let_off() -> None:
    """Whether a file is generated is said by attributes that the author of the change may write."""
    files = (file_change("src/shop/cart.py", generated=True, vendored=True),)
    change = change_of({"src/shop/cart.py": [(1, "a")]}, files=files)
    answer = judge_lines(change, {"src/shop/cart.py": covered("src/shop/cart.py", {1}, set())}, reported_count=1)
    assert answer.facts["coverage.missed_lines_count"] == 1


def test_a_deleted_file_and_a_test_that_is_not_measured_ask_for_nothing() -> None:
    """There is nothing to run in the one, and projects measure their code, not their tests."""
    files = (file_change("src/gone.py", status=FileStatus.DELETED), file_change("tests/test_a.py"))
    change = change_of({"tests/test_a.py": [(1, "a")]}, files=files)
    assert judge_lines(change, None, reported_count=0).facts["coverage.changed_lines_count"] == 0


def test_a_change_within_a_long_statement_counts_at_its_first_line() -> None:
    """Reports count a call of five lines once; the change of its third line is still a change of code."""
    change = change_of({"src/shop/cart.py": [(3, "    b,")]})
    answer = judge_lines(
        change,
        {"src/shop/cart.py": covered("src/shop/cart.py", {2}, set())},
        reported_count=1,
        starts={"src/shop/cart.py": {2: 2, 3: 2, 4: 2}},
    )
    assert answer.lines[0].missed == (2,)


def test_paths_of_a_ci_machine_are_found_by_their_end() -> None:
    """The report names the folders of the machine that wrote it."""
    match = match_paths(["/builds/repo/src/shop/cart.py", "/usr/lib/python3/abc.py"], TREE_PATHS)
    assert match.found == {"/builds/repo/src/shop/cart.py": "src/shop/cart.py"}
    assert match.unmatched_count == 1


def test_paths_relative_to_a_source_folder_are_found() -> None:
    """`shop/cart.py` of a report means `src/shop/cart.py`."""
    assert match_paths(["shop/cart.py", "shop/util.py"], TREE_PATHS).found == {
        "shop/cart.py": "src/shop/cart.py",
        "shop/util.py": "src/shop/util.py",
    }


def test_a_path_that_could_be_two_files_is_ambiguous() -> None:
    """Guessing would give one file the coverage of another."""
    match = match_paths(["util.py"], TREE_PATHS)
    assert (match.found, match.ambiguous) == ({}, ("util.py",))


def test_the_rest_of_the_report_settles_a_path_that_could_be_two_files() -> None:
    """`util.py` beside `cart.py` is the one of the shop."""
    assert match_paths(["util.py", "cart.py"], TREE_PATHS).found["util.py"] == "src/shop/util.py"


def test_an_ambiguous_path_of_a_changed_file_leaves_the_answer_open() -> None:
    """And it says which file is meant."""
    report = CoverageReport(files=(covered("util.py", {1}, {1}), covered("web/app.ts", {1}, {1})), tool="t")
    files, ambiguous, count = merge_coverage([report], TREE_PATHS)
    change = change_of({"src/shop/util.py": [(1, "a")]})
    answer = judge_lines(change, files, reported_count=count, ambiguous=ambiguous)
    assert "ambiguous about src/shop/util.py" in answer.unknown["coverage.exercised_ratio"]


def test_paths_below_our_own_checkout_are_exact() -> None:
    """A file at the root must not take the coverage of one that ends alike."""
    match = match_paths(["/checkout/tree/util.py"], ("util.py", "src/util.py"), root="/checkout/tree")
    assert match.found == {"/checkout/tree/util.py": "util.py"}


def test_windows_paths_are_found() -> None:
    """Coverage of a Windows runner."""
    assert match_paths(["C:\\ci\\src\\shop\\cart.py"], TREE_PATHS).found == {
        "C:\\ci\\src\\shop\\cart.py": "src/shop/cart.py"
    }


def test_tests_are_told_from_code_by_convention() -> None:
    """Their lines need no coverage of their own."""
    assert all(
        is_test_path(each) for each in ("tests/a.py", "src/test_a.py", "a_test.go", "x/b.spec.ts", "conftest.py")
    )
    assert not any(is_test_path(each) for each in ("src/a.py", "contest.py", "attest/a.py", "src/latest.go"))


LINES = st.sets(st.integers(1, 30))


@pytest.mark.slow
@given(LINES, LINES, LINES)
def test_taking_coverage_away_never_makes_the_answer_better(added: set[int], ran: set[int], dropped: set[int]) -> None:
    """Dropping evidence never adds a pass."""
    everything = set(range(1, 31))
    texts = [(number, "x") for number in sorted(added)]
    before = judge({"src/a.py": texts}, covered("src/a.py", everything, ran))
    after = judge({"src/a.py": texts}, covered("src/a.py", everything, ran - dropped))
    assert after.facts["coverage.missed_lines_count"] >= before.facts["coverage.missed_lines_count"]  # type: ignore[operator]
    without = judge_lines(change_of({"src/a.py": texts}), None, reported_count=0)
    assert not added or "coverage.exercised_ratio" not in without.facts
