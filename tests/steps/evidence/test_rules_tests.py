"""What test reports say of a change, and what they leave open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.steps.evidence.model import TestCase, TestReport, TestStatus
from release_harness.steps.evidence.rules.tests import (
    NAMES,
    BaseTests,
    TestAnswer,
    canonical_id,
    case_rows,
    count_tests,
    learn_base,
    merge_reports,
    merge_rerun,
    read_case_rows,
    read_listed_ids,
)

P, F, E, S, K = TestStatus.PASSED, TestStatus.FAILED, TestStatus.ERROR, TestStatus.SKIPPED, TestStatus.FLAKY
NO_BASE = BaseTests(statuses={}, why_unknown="the base was not tested (--no-base)")


def cases(**statuses: TestStatus) -> tuple[TestCase, ...]:
    """Return cases of one file by name."""
    return tuple(TestCase(id=f"tests.test_a::{name}", status=status) for name, status in statuses.items())


def count(
    found: tuple[TestCase, ...] | None,
    *,
    exit_code: int | None = 0,
    known: set[str] | None = None,
    base: BaseTests = NO_BASE,
    changed: tuple[str, ...] = (),
) -> TestAnswer:
    """Count with the usual surroundings."""
    known_ids = None if known is None else frozenset(f"tests.test_a::{each}" for each in known)
    return count_tests(
        found,
        exit_code=exit_code,
        why_no_exit="it was stopped",
        why_no_cases="no report",
        known_ids=known_ids,
        base=base,
        changed_paths=changed,
    )


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        ("tests/test_a.py::test_x", "tests.test_a::test_x"),
        ("tests/sub/test_a.py::TestX::test_y", "tests.sub.test_a.TestX::test_y"),
        ("tests/test_a.py::test_x[a/b.py::c]", "tests.test_a::test_x[a/b.py::c]"),
        ("com.shop.CartTest::total", "com.shop.CartTest::total"),
        ("a test in words", "a test in words"),
    ],
)
def test_a_listed_test_gets_the_name_that_junit_gives_it(listed: str, wanted: str) -> None:
    """Only ids that are spelt alike can tell which tests did not run."""
    assert canonical_id(listed) == wanted


def test_the_talk_of_a_list_command_is_no_test() -> None:
    """`pytest --collect-only -q` ends with a sentence; counting it would report a test that never runs."""
    output = "tests/test_a.py::test_x\ntests/test_a.py::test_y[a b]\n\n2 tests collected in 0.01s\n"
    assert read_listed_ids(output) == {"tests.test_a::test_x", "tests.test_a::test_y[a b]"}


def test_without_a_report_nothing_but_the_exit_code_is_known() -> None:
    """A command that ends with 0 and shows no test has tested nothing that anybody knows of."""
    answer = count(None, exit_code=0)
    assert answer.facts == {"tests.exit_code": 0}
    assert set(answer.unknown) == set(NAMES) - {"tests.exit_code"}


def test_a_stopped_command_has_no_exit_code() -> None:
    """0 or 1 would both be made up."""
    assert count(cases(a=P), exit_code=None).unknown["tests.exit_code"] == "it was stopped"


def test_every_status_is_counted_once() -> None:
    """Skipped tests have not run; flaky ones have."""
    facts = count(cases(a=P, b=F, c=E, d=S, e=K, f=P)).facts
    assert (facts["tests.run_count"], facts["tests.failed_count"], facts["tests.errors_count"]) == (5, 1, 1)
    assert (facts["tests.skipped_count"], facts["tests.flaky_count"]) == (1, 1)


def test_a_collected_test_that_is_in_no_report_was_not_run() -> None:
    """`-x`, a crash or a worker that died: the tests after it are silent, and silence is no pass."""
    answer = count(cases(a=P), known={"a", "b"})
    assert answer.facts["tests.not_run_count"] == 1
    assert answer.lists.not_run == ("tests.test_a::b",)


def test_a_skipped_test_was_not_silent() -> None:
    """Skipping is shown and counted on its own."""
    assert count(cases(a=S), known={"a"}).facts["tests.not_run_count"] == 0


def test_nobody_who_lists_the_tests_means_unknown() -> None:
    """Without a list and without the base, a missing test cannot be noticed."""
    assert "nobody knows which tests there are" in count(cases(a=P)).unknown["tests.not_run_count"]


def test_a_test_of_the_base_that_vanished_from_an_untouched_file_was_not_run() -> None:
    """A changed setting can keep whole files from being collected, with an exit code of 0."""
    base = BaseTests(statuses={"tests.test_b::x": P, "tests.test_a::a": P})
    answer = count(cases(a=P), known={"a"}, base=base, changed=("src/app.py",))
    assert answer.lists.not_run == ("tests.test_b::x",)


def test_a_test_that_the_change_takes_out_of_its_file_is_seen_in_the_diff() -> None:
    """Removing a test is for reviewers to judge; it did not fail to run."""
    base = BaseTests(statuses={"tests.test_b::x": P})
    answer = count(cases(a=P), known={"a"}, base=base, changed=("tests/test_b.py",))
    assert answer.facts["tests.not_run_count"] == 0


def test_without_a_list_a_test_missing_from_a_touched_file_leaves_the_answer_open() -> None:
    """It may have been removed or may not have run; a report alone cannot tell."""
    base = BaseTests(statuses={"tests.test_b::x": P})
    answer = count(cases(a=P), base=base, changed=("tests/test_b.py",))
    assert "tests.not_run_count" in answer.unknown


def test_lists_that_name_tests_differently_are_not_compared() -> None:
    """Every test would count as not run, which helps nobody."""
    assert "name their tests differently" in count(cases(a=P), known={"b"}).unknown["tests.not_run_count"]


def test_a_runner_that_broke_before_its_tests_ran_none_of_them() -> None:
    """A pytest run stops when one file cannot be imported; then its own list and its own report share no test at all."""
    broken = (TestCase(id="pytest::tests.test_cli", status=E),)
    answer = count_tests(
        broken,
        exit_code=2,
        why_no_exit="",
        why_no_cases="",
        known_ids=frozenset({"tests.test_a::a", "tests.test_a::b"}),
        names_agree=True,
        base=NO_BASE,
        changed_paths=(),
    )
    assert answer.facts["tests.not_run_count"] == 2


def test_newly_skipped_is_what_ran_on_the_base_or_is_new() -> None:
    """Switching a test off is the easiest way to a green run."""
    base = BaseTests(statuses={"tests.test_a::a": P, "tests.test_a::b": S})
    answer = count(cases(a=S, b=S, c=S, d=P), known={"a", "b", "c", "d"}, base=base)
    assert answer.lists.newly_skipped == ("tests.test_a::a", "tests.test_a::c")


def test_newly_skipped_is_known_without_a_base_only_when_nothing_is_skipped() -> None:
    """No skipped test is no newly skipped test, whatever the base had."""
    assert count(cases(a=P)).facts["tests.newly_skipped_count"] == 0
    assert "tests.newly_skipped_count" in count(cases(a=S)).unknown


BROKEN_FILE = TestCase(id="pytest::tests.test_cli", status=E, message="collection failure")
SKIPPED_FILE = TestCase(id="pytest::tests.test_a", status=S, message="collection skipped")


@pytest.mark.parametrize(
    "row", [BROKEN_FILE, SKIPPED_FILE, TestCase(id="unittest.loader._FailedTest::tests.test_cli", status=E)]
)
def test_a_file_that_the_base_could_not_load_is_no_test_that_went_missing(row: TestCase) -> None:
    """Once the file is mended its row is gone from the report; that must not read as a test that did not run."""
    answer = count(cases(a=P), known={"a"}, base=learn_base((row, *cases(a=P))))
    assert answer.facts["tests.not_run_count"] == 0


def test_a_test_that_could_not_be_set_up_still_goes_missing() -> None:
    """Only rows of files are left out; an error in a fixture is the error of a test."""
    broken = TestCase(id="tests.test_b::x", status=E, message='failed on setup with "ValueError"')
    answer = count(cases(a=P), known={"a"}, base=learn_base((broken, *cases(a=P))))
    assert answer.lists.not_run == ("tests.test_b::x",)


def test_a_base_that_was_not_loaded_whole_does_not_say_which_tests_there_are() -> None:
    """Without a list of tests, those of the broken file would be missed by nobody."""
    answer = count(cases(a=P), base=learn_base((BROKEN_FILE,)))
    assert "tests.test_cli could not be loaded" in answer.unknown["tests.not_run_count"]


def test_a_base_that_was_not_loaded_whole_makes_no_test_newly_skipped() -> None:
    """pytest stops at a file that it cannot load; the tests that it then did not reach may always have been skipped."""
    answer = count(cases(a=S), known={"a"}, base=learn_base((BROKEN_FILE,)))
    assert "tests.newly_skipped_count" not in answer.facts
    assert "could not be loaded" in answer.unknown["tests.newly_skipped_count"]
    known = count(cases(a=S, b=S), known={"a", "b"}, base=learn_base((BROKEN_FILE, *cases(b=P))))
    assert known.lists.newly_skipped == ("tests.test_a::b",)


def test_a_test_of_a_file_that_the_base_skips_whole_is_not_newly_skipped() -> None:
    """`importorskip` skips a file; that its tests are skipped one by one now takes nothing away."""
    base = learn_base((SKIPPED_FILE,))
    skipped = (TestCase(id="tests.test_a.TestX::y", status=S), SKIPPED_FILE)
    assert count((*cases(a=S), *skipped), base=base).facts["tests.newly_skipped_count"] == 0
    other = TestCase(id="tests.test_ab::a", status=S)
    assert count((other,), base=base).lists.newly_skipped == ("tests.test_ab::a",)


def test_shards_keep_the_worst_answer_of_a_case() -> None:
    """A test that fails on one Python and passes on another is broken, not flaky."""
    merged = merge_reports([TestReport(cases=cases(a=P, b=F)), TestReport(cases=cases(a=F, b=P))])
    assert [case.status for case in merged] == [F, F]


@pytest.mark.parametrize(
    ("first", "again", "wanted"),
    [(F, P, K), (E, P, K), (P, F, K), (F, F, F), (F, E, E), (P, P, P), (S, P, S), (F, S, F), (K, P, K)],
)
def test_a_rerun_tells_flaky_from_broken(first: TestStatus, again: TestStatus, wanted: TestStatus) -> None:
    """What broke and then passed is never simply passed, and skipping it the second time mends nothing."""
    assert merge_rerun(cases(a=first), cases(a=again))[0].status is wanted


def test_a_case_that_the_rerun_leaves_out_keeps_its_answer() -> None:
    """A rerun that runs nothing would otherwise clear everything."""
    assert merge_rerun(cases(a=F), ())[0].status is F


STATUS = st.sampled_from(list(TestStatus))
CASES = st.dictionaries(st.sampled_from("abcdefgh"), STATUS).map(lambda each: cases(**each))


@pytest.mark.slow
@given(CASES)
def test_cases_survive_being_written_down(found: tuple[TestCase, ...]) -> None:
    """The base's cases are read back from the content store to know what was skipped before."""
    assert read_case_rows(case_rows(found)) == found


@pytest.mark.slow
@given(CASES, st.sets(st.sampled_from("abcdefgh")))
def test_dropping_cases_of_a_report_never_hides_a_known_test(found: tuple[TestCase, ...], dropped: set[str]) -> None:
    """A report that was thinned out shows more tests not run, never fewer."""
    known = set("abcdefgh")
    thinned = tuple(case for case in found if case.id[-1] not in dropped)
    before, after = count(found, known=known), count(thinned, known=known)
    if "tests.not_run_count" in before.facts and "tests.not_run_count" in after.facts:
        assert set(after.lists.not_run) >= set(before.lists.not_run)
