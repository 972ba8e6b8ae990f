"""What a message is read as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.steps.risk.rules.claims import bare_title, read_claim

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_several_commits_of_one_sentence_are_all_read() -> None:
    """One revert may take several commits back."""
    claim = read_claim("c", "a", "Revert two", f"This reverts commits {SHA} and {SHA[::-1]}.", is_merge=False)
    assert claim.reverts == (SHA, SHA[::-1])
    assert claim.takes_back


@pytest.mark.parametrize(
    ("subject", "number"),
    [("Add x (#12)", "12"), ("Merge pull request #12 from ana/x", "12"), ("Merge PR #12 into devel", "12")],
)
def test_a_landing_knows_its_own_number(subject: str, number: str) -> None:
    """Reverts by number can only be resolved when landings say which pull request they were."""
    assert read_claim("c", "a", subject, "", is_merge=False).own_numbers == (number,)


def test_a_merge_request_knows_its_own_number() -> None:
    """GitLab writes it into the body."""
    claim = read_claim(
        "c", "a", "Merge branch 'x' into 'main'", "Add x\n\nSee merge request acme/shop!12", is_merge=True
    )
    assert claim.own_numbers == ("12",)


def test_the_quoted_title_of_a_trailer_is_kept() -> None:
    """It settles which commit a short id means."""
    claim = read_claim("c", "a", "mend", 'text\n\nFixes: 0123456789ab ("net: add x")\nCc: ana', is_merge=False)
    assert claim.fixes == (("0123456789ab", "net: add x"),)


def test_a_fix_of_an_issue_names_no_commit() -> None:
    """`Fixes: 1234567` is a commit, `Fixes: #123` and a sentence are not."""
    assert read_claim("c", "a", "mend", "Fixes: #123\nFixes: the thing", is_merge=False).fixes == ()


def test_numbers_at_the_end_of_a_title_do_not_belong_to_it() -> None:
    """Squashes add them, and a revert quotes the title with or without."""
    assert bare_title("Add x (#1) (#22)") == "Add x"


@pytest.mark.slow
@given(st.text(), st.text())
def test_no_message_breaks_the_reader(subject: str, body: str) -> None:
    """Messages are written by strangers."""
    claim = read_claim("c", "a", subject, body, is_merge=False)
    assert not (claim.takes_back and claim.lands_again)
