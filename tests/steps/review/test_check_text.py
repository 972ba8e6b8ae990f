"""What people read: `rh check`, `rh why` and the queue on a terminal of 80 columns."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from inline_snapshot import snapshot

from release_harness.kernel.operations import View
from release_harness.kernel.verdict import Outcome
from release_harness.steps.changes.model import ChangeSpec
from release_harness.steps.evidence.model import MissedLines
from release_harness.steps.evidence.model.relevance import Weakening
from release_harness.steps.evidence.rules.advice import advice_of_change
from release_harness.steps.review.model import CheckReport, VerdictShown
from release_harness.steps.review.render.markdown import card_markdown
from release_harness.steps.review.render.report import check_text
from release_harness.steps.review.render.tree import draw_tree
from release_harness.steps.review.rules.shown import show_check
from release_harness.testing.policies import QUIET, green_run
from release_harness.testing.review import examination_of, findings_of, small_change

if TYPE_CHECKING:
    from release_harness.kernel.facts import FactValue

NARROW = View(width=80)
PLAIN = View(width=80, unicode=False)
REFUNDS = ChangeSpec(revision="refunds")
CHECK = snapshot("""\
refunds → main
  Answer refunds by mail
  2 files, +16 -4 lines, by Ana (person)
  change cccccccccccc  result 111111111111  policy eeeeeeeeeeee

Card ───────────────────────────────────────────────────────────────────────────
  Goal          no brief; the commit says: Answer refunds by mail [missing]
                asked for: the goal: write a brief with `rh brief new NAME` and
                name it with a trailer `Brief: NAME`
  Scope         2 files, +16 -4 lines; touches auth [computed]
  Risk tier     high (surface:auth) [computed]
  Evidence      tests: unknown (no test result for this tree); changed lines
                exercised: unknown; no secret found; entry points: unknown
                [missing]
                asked for: a test result for exactly this tree: `rh evidence
                run`, or `rh evidence add FILE` from CI
  Ship          Behind a flag, internal ring first, then by percent. (auth)
                [policy]
  Rollback      Turn the flag off; revert the landing if sessions or grants were
                written. (auth) [policy]
  Watch         share of logins that succeed; rate of 401 and 403 answers
                [policy]

Tier: high ─────────────────────────────────────────────────────────────────────
  high: surface:auth: Who may do what is decided here.
    src/auth/login.py
  medium: default: no surface names src/app.py

Verdict: UNKNOWN ───────────────────────────────────────────────────────────────
? The change of tier high has not shown everything that is asked for yet.
├─ ? there is no tests evidence for this content
│    wanted: tests.run_count is more than 0 and tests.failed_count is 0 and
│            tests.errors_count is 0 and tests.exit_code is 0
│    seen:   none
├─ ✓ secrets_scan shows what is wanted: secrets.found_count is 0
├─ ✓ wired shows what is wanted: wiring.sound is true
├─ ✓ guards_kept shows what is wanted: guards.kept is true
├─ ✓ nothing_dark shows what is wanted: wiring.explained is true
├─ ✓ changed_lines shows what is wanted: coverage.exercised_ratio is 1
└─ ? people still have to look at this content
   │ wanted: all of them pass
   │ seen:   0 of 2 pass
   ├─ ? 0 of 2 asked people approved this content: 2 more needed
   │    wanted: 2 people proven by key (not the author or requester)
   │    seen:   nobody
   └─ ? 0 of 1 asked people approved this content: 1 more needed
        wanted: 1 person under the lens security proven by key (not the author
                or requester)
        seen:   nobody

Next ───────────────────────────────────────────────────────────────────────────
  1. Run the tests on the result: shows `tests`.
       rh evidence run refunds
  2. Look at the change under the lens security and approve it, signed with a
     key. (bo, clara, dora)
       rh approve refunds --lens security
  3. Look at the change and approve it, signed with a key. (bo, clara, dora)
       rh approve refunds\
""")


def report(*paths: str) -> CheckReport:
    """Report a small change without tests."""
    return show_check(examination_of(small_change(*paths)), REFUNDS)


def test_check_shows_card_tier_verdict_and_what_to_do_next() -> None:
    """This is the page that everybody reads every day."""
    assert check_text(report("src/app.py", "src/auth/login.py"), NARROW) == CHECK


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_wider_than_the_terminal_but_commands(width: int, unicode: bool) -> None:  # noqa: FBT001 - parametrized
    """Lines that the terminal breaks cannot be read; commands are never broken, so that they can be copied."""
    paths = ("src/auth/" + "very_long_folder_name/" * 8 + "login.py", "src/app.py")
    text = check_text(report(*paths), View(width=width, unicode=unicode))
    too_long = [
        line for line in text.splitlines() if len(line) > width and not line.strip().startswith(("rh ", "git "))
    ]
    assert too_long == []


def test_long_lists_say_how_much_was_left_out() -> None:
    """Nothing is ever cut silently."""
    text = check_text(report(*(f"src/auth/file{number:03}.py" for number in range(40))), NARROW)
    assert "+ 36 more files" in text


def test_a_wide_tree_says_how_many_nodes_it_leaves_out_and_how_many_of_them_pass() -> None:
    """A tree of a hundred rules stays readable, and nobody takes what is hidden for passed."""
    leaf = VerdictShown(outcome=Outcome.FAIL, says="no", seen="", wanted="", children=(), rule="x")
    root = replace(leaf, children=(leaf,) * 40)
    assert draw_tree(root, PLAIN)[-1] == "`- + 15 more (0 of them pass); --format json lists all"


def test_hostile_names_cannot_control_the_terminal() -> None:
    """File names, titles and authors come from strangers; an escape sequence must be shown, not obeyed."""
    change = replace(
        small_change("src/auth/\x1b[2Jx\n.py", "\u202eexe.py"),
        title="\x1b]0;owned\x07",
        branch="b\x1b[31m",
        target="t\r",
    )
    text = check_text(show_check(examination_of(change), ChangeSpec()), NARROW)
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(text)


def test_colours_only_when_the_reader_sees_them() -> None:
    """A log file must not be full of escape sequences."""
    assert "\x1b" not in check_text(report(), NARROW)
    assert "\x1b[" in check_text(report(), View(width=80, colour=True))


def test_what_was_forced_never_looks_like_passed() -> None:
    """A green tick beside a rule that somebody went past would be a lie."""
    missing = VerdictShown(outcome=Outcome.UNKNOWN, says="no tests", seen="none", wanted="tests", children=(), rule="")
    forced = replace(
        missing, outcome=Outcome.PASS, says="FORCED by bo for INC-7: down", children=(missing,), rule="evidence:tests"
    )
    root = replace(missing, outcome=Outcome.PASS, says="FORCED: goes past", children=(forced,), rule="tier:medium")
    assert draw_tree(root, NARROW, whole=False) == [
        "! FORCED: goes past",
        "└─ ! FORCED by bo for INC-7: down",
        "   └─ ? no tests",
        "        wanted: tests",
        "        seen:   none",
    ]


def test_nothing_to_judge_is_a_short_page() -> None:
    """A card of questions about nothing helps nobody."""
    change = replace(small_change(), files=(), commits=(), authors=(), title="")
    text = check_text(show_check(examination_of(change), ChangeSpec()), NARROW)
    assert "There is nothing to judge." in text
    assert "Card" not in text
    assert text.splitlines()[-1].strip() == "rh check --worktree"


WITHOUT_COVERAGE = {name: value for name, value in QUIET.items() if not name.startswith("coverage.")}


def test_one_run_is_asked_for_once_with_all_that_it_shows() -> None:
    """Two lines with the same command would make people run it twice."""
    shown = show_check(examination_of(small_change("src/app.py", known=WITHOUT_COVERAGE)), REFUNDS)

    (run,) = (each for each in shown.next_actions if each.command.startswith("rh evidence"))
    assert run.do == "Run the tests on the result: shows `tests` and `changed_lines`."
    assert run.shows == ("tests", "changed_lines")


def test_tests_that_are_gone_or_say_less_are_named_on_the_page() -> None:
    """A change that only deletes the test of a redirect looked like a change of nothing."""
    gone = [
        Weakening(path="tests/test_a.py", test=f"TestA::test_{n}", kind="deleted", line=n, says="") for n in range(5)
    ]
    lost = Weakening(
        path="tests/test_b.py", test="test_b", kind="removed assert", line=7, says="no longer asserts `a == b`"
    )
    alone = Weakening(path="tests/test_c.py", test="test_c", kind="deleted", line=3, says="test_c is gone")
    findings = replace(
        findings_of(known={"tests.weakened_count": 7, "secrets.found_count": 0}), weakened=(*gone, lost, alone)
    )
    shown = show_check(examination_of(small_change("src/app.py"), findings=findings), REFUNDS)
    text, markdown = check_text(shown, View(width=200)), card_markdown(shown)

    assert "  5 tests are gone from tests/test_a.py: TestA::test_0, TestA::test_1, TestA::test_2 and 2 more\n" in text
    assert "  a test is gone: test_c (base tests/test_c.py:3)\n" in text
    assert "  a test says less: test_b no longer asserts `a == b` (tests/test_b.py:7)\n" in text
    assert "7 tests gone or weakened" in shown.card.verification_evidence.says
    assert "a test is gone" in markdown


def test_lines_that_no_test_runs_are_named_on_the_page_and_in_what_to_do() -> None:
    """`until the ratio is 0.8` sends the author searching; the lines are known."""
    missed = (MissedLines(path="src/app.py", exercised=(1,), missed=(4, 5, 6)),)
    values: dict[str, FactValue] = {
        "coverage.exercised_ratio": 0.25,
        "coverage.changed_lines_count": 4,
        "coverage.missed_lines": ("src/app.py:4-6",),
        "secrets.found_count": 0,
    }
    findings = replace(findings_of(green_run(), known=values), missed=missed, advice=advice_of_change(missed, ()))
    shown = show_check(examination_of(small_change("src/app.py", known=WITHOUT_COVERAGE), findings=findings), REFUNDS)

    text, markdown = check_text(shown, View(width=200)), card_markdown(shown)

    assert "  no test runs src/app.py:4-6\n" in text
    assert "Add tests that run the changed lines src/app.py:4-6 (3 of 4 lines are not run). (author)" in text
    assert "- `src/app.py:4-6`" in markdown
    assert shown.facts["coverage.missed_lines"].value == ("src/app.py:4-6",)
