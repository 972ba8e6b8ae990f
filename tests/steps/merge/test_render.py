"""Landings and refusals in the words of people and in the keys of programs."""

from dataclasses import replace
from datetime import UTC, datetime

from release_harness.kernel.digests import ChangeDigest, CommitId, PolicyDigest, TreeId
from release_harness.kernel.operations import View
from release_harness.kernel.records import to_plain
from release_harness.kernel.verdict import NextAction, Outcome
from release_harness.steps.merge.model import (
    CheckpointSeen,
    Landing,
    LandingProof,
    LandReport,
    Method,
    Place,
    Refusal,
    RefusalReason,
)
from release_harness.steps.merge.render import report_markdown, report_plain, report_text

PROOF = LandingProof(
    remote="origin",
    branch="main",
    method=Method.MERGE,
    base=CommitId("c" * 40),
    tip_before=CommitId("b" * 40),
    tip_after=CommitId("f" * 40),
    head=CommitId("a" * 40),
    change=ChangeDigest("sha256:" + "1" * 64),
    result_tree=TreeId("d" * 40),
    policy=PolicyDigest("sha256:" + "2" * 64),
    tier="low",
    evidence=("e1",),
    approvals=(),
    bypasses=(),
    forced=False,
    verdict=Outcome.PASS,
    verdict_says="The change may land.",
    checkpoint=CheckpointSeen(origin="o", size=4, root="9" * 64),
    title="add *x*",
    brief="",
    source="feature",
    flaky=("t1",),
)
PLACE = Place(branch="main", remote="origin")
LANDED = LandReport(outcome=Outcome.PASS, says="Landed x.", place=PLACE, revision="x", landed=True, proof=PROOF)
REFUSED = LandReport(
    outcome=Outcome.FAIL,
    says="origin/main fails with *this* change.",
    place=PLACE,
    revision="x",
    landed=False,
    refusal=Refusal(
        reason=RefusalReason.OWN_FAILURE,
        outcome=Outcome.FAIL,
        says="origin/main fails with *this* change.",
        evidence=("sha256:" + "7" * 64,),
        next_actions=(NextAction(do="Mend \x1b it.", command="rh evidence run", who="author"),),
    ),
)
VIEW = View(unicode=False)


def test_a_landing_shows_what_it_was_judged_by() -> None:
    """Digests, tip before and after, evidence, the ledger: the proof in a few lines."""
    text = report_text(LANDED, VIEW)

    for wanted in ("Landed x.", "dddddddddddd", "bbbbbbbbbbbb -> ffffffffffff (merge)", "4 entries", "flaky", "t1"):
        assert wanted in text


def test_approvals_that_filled_nothing_are_kept_apart() -> None:
    """Whoever reads the proof must not take the author's own word for a second pair of eyes."""
    proof = replace(PROOF, approvals=("a1",), approvals_beside=("a2", "a3"))

    text = report_text(replace(LANDED, proof=proof), VIEW)

    assert "1 (and 2 that filled nothing that was asked)" in text
    assert "filled nothing" not in report_text(LANDED, VIEW)


def test_a_forced_landing_never_reads_as_passed() -> None:
    """Break-glass stays visible for ever."""
    forced = replace(LANDED, proof=replace(PROOF, forced=True))

    assert "FORCED" in report_text(forced, VIEW)
    assert "FORCED" in report_markdown(forced)


def test_a_refusal_shows_reason_evidence_and_next_action_without_control_characters() -> None:
    """Whoever is refused knows what to do, and no change draws on the terminal."""
    text = report_text(REFUSED, VIEW)

    assert "own-failure" in text
    assert "sha256:777777777777" in text
    assert "[author]" in text
    assert "rh evidence run" in text
    assert "\x1b" not in text


def test_markdown_takes_the_words_of_a_change_as_words() -> None:
    """A title with markup must not become markup in a pull request."""
    text = report_markdown(REFUSED)

    assert "\\*this\\*" in text
    assert "Reason: `own-failure`" in text
    assert "`rh evidence run`" in text


def test_the_keys_for_programs_are_a_contract() -> None:
    """`rh.land/1`: later versions add keys and never change these."""
    plain = report_plain(REFUSED)

    assert list(plain) == [
        "outcome",
        "landed",
        "already",
        "dry_run",
        "recovered",
        "says",
        "revision",
        "target",
        "attempts_count",
        "refusal",
        "proof",
        "event",
        "notes",
        "landings",
    ]
    assert plain["refusal"]["reason"] == "own-failure"
    assert report_plain(LANDED)["proof"] == to_plain(PROOF)


def test_the_list_is_one_line_for_each_landing() -> None:
    """What reached the branch, newest first."""
    landing = Landing(event="e", at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC), proof=PROOF)
    listed = replace(LANDED, landings=(landing,), says="1 landing.")

    assert "2026-11-02T09:00:00.000Z ffffffffffff low add *x*" in report_text(listed, VIEW)
    assert "ffffffffffff" in report_markdown(listed)
