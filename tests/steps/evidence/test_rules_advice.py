"""What has to be mended is named: files with lines, tests, places; never more than can be read, never a secret."""

from dataclasses import replace

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.model import Finding, MissedLines, TestLists
from release_harness.steps.evidence.rules.advice import (
    advice_of_change,
    advice_of_record,
    advise_lines,
    line_ranges,
    missed_fact,
)
from release_harness.steps.evidence.rules.statement import TEST_RESULT
from release_harness.testing.evidence import record_of


def missed(path: str, lines: tuple[int, ...], exercised: tuple[int, ...] = ()) -> MissedLines:
    """Make the lines of one file."""
    return MissedLines(path=path, exercised=exercised, missed=lines)


def test_lines_that_follow_each_other_are_one_range() -> None:
    """Forty numbers in a row are read by nobody."""
    assert [(each.first, each.last) for each in line_ranges((5, 3, 4, 9, 3))] == [(3, 5), (9, 9)]


def test_missed_lines_are_named_by_file_and_range() -> None:
    """The author can go straight to the lines."""
    says = advise_lines((missed("src/flask/helpers.py", (687, 688, 689), (690,)), missed("src/ok.py", (), (1,))))

    assert says == "Add tests that run the changed lines src/flask/helpers.py:687-689 (3 of 5 lines are not run)."
    assert advise_lines((missed("src/ok.py", (), (1,)),)) == ""


def test_long_lists_are_cut_and_counted() -> None:
    """A change of a thousand files still gives one sentence."""
    says = advise_lines(tuple(missed(f"f{number}.py", (1,)) for number in range(8)))
    rows = missed("g.py", tuple(range(1, 20, 2)))

    assert (
        says
        == "Add tests that run the changed lines f0.py:1, f1.py:1, f2.py:1, f3.py:1, f4.py:1 + 3 more (8 of 8 lines are not run)."
    )
    assert missed_fact((rows,), "computed here", "") == Known(
        value=("g.py:1,3,5,7,9 + 5 more",), source="computed here"
    )
    assert missed_fact(None, "", "no coverage") == Unknown(why="no coverage")


def test_failed_tests_are_named() -> None:
    """Of seven, the first five; what is cut is counted by the facts, since the list is cut as well."""
    lists = TestLists(failed=tuple(f"t::{number}" for number in range(6)))
    record = replace(record_of(TEST_RESULT, {"tests.failed_count": 5, "tests.errors_count": 2}), tests=lists)

    advice = advice_of_record(record)

    assert advice["tests.failed_count"] == "Mend the tests that fail: t::0, t::1, t::2, t::3, t::4 + 2 more."
    assert advice["tests.failed_count"] == advice["tests.errors_count"] == advice["tests.exit_code"]
    assert advice_of_record(replace(record, tests=None)) == {}


def test_a_secret_is_named_by_its_place_alone() -> None:
    """The sentence goes into logs and pull requests; the secret must not follow it there."""
    finding = Finding(rule="aws", path="a\x1b.py", line=3, says="looks like a key AKIA1234")

    says = advice_of_change((), (finding, finding))["secrets.found_count"]

    assert says.startswith("Take the secret out of a\\x1b.py:3. Revoke it")
    assert "AKIA" not in says
    assert advice_of_change((), ()) == {}
