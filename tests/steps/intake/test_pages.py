"""How a Markdown page becomes a brief."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_harness.kernel.verdict import Outcome
from release_harness.steps.intake.model import MOST_BRIEF_BYTES
from release_harness.steps.intake.rules import judge_brief, name_of_brief, parse_brief, split_items, write_template

HEADINGS = "# T\n## Goal\n{goal}\n## Non-goals\n- a\n## Principles\n- b\n## Success signals\n- c\n## Risks\n- d\n## Acceptance\n- e\n"


def test_headings_inside_a_code_block_belong_to_their_section() -> None:
    """A brief about Markdown would otherwise lose its text to headings that nobody wrote."""
    brief = parse_brief("# T\n## Goal\n```\n## Risks\n- x\n```\nmore\n", name="t")

    assert brief.goal.endswith("more")
    assert brief.risks == ""


def test_an_untouched_template_has_no_substance_at_all() -> None:
    """The comments of the template ask; they must never count as answers."""
    brief = parse_brief(write_template("CSV export"), name="t", path="t.md")
    verdict = judge_brief(brief)

    assert brief.title == "CSV export"
    assert verdict.outcome is Outcome.FAIL
    assert all(leaf.outcome is Outcome.FAIL for leaf in verdict.leaves())


def test_a_misspelt_heading_is_named_with_the_one_that_was_meant() -> None:
    """A section that is silently ignored reads as empty, and nobody finds the reason."""
    problems = parse_brief("# T\n## Sucess signals\n- x\n", name="t").problems

    assert [(each.line, "Did you mean 'Success signals'?" in each.says) for each in problems] == [(2, True)]


def test_nested_bullets_belong_to_their_parent() -> None:
    """An owner is often written as a bullet below the risk."""
    items = split_items("* Retries hammer a partner\n  - Owner: @integrations\n* Next\n\n  still next", 10)

    assert [(each.line, each.text) for each in items] == [
        (10, "Retries hammer a partner Owner: @integrations"),
        (12, "Next still next"),
    ]


def test_paragraphs_are_items_when_there_is_no_bullet() -> None:
    """Prose is judged paragraph by paragraph, not line by line."""
    assert [each.text for each in split_items("one\ntwo\n\nthree", 1)] == ["one two", "three"]


def test_bytes_that_are_no_text_fail_and_do_not_raise() -> None:
    """A brief comes from a stranger's commit; it may not break the command that judges it."""
    brief = parse_brief(b"# T\n\xff\xfe\x00".decode("utf-8", "replace"), name="t", path="t.md")

    assert judge_brief(brief).outcome is Outcome.FAIL


def test_control_characters_of_a_brief_never_reach_the_terminal() -> None:
    """An escape sequence in a brief could rewrite what the reviewer sees."""
    verdict = judge_brief(
        parse_brief("# T\x1b[2J\n## \x1b[31mRisks\n- \x1b[8mhidden\n## Goal\n\x07 tbd\n", name="t\x1b", path="\x1b")
    )

    shown = verdict.says + "".join(leaf.says + leaf.seen for leaf in verdict.leaves())
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_a_brief_in_another_language_is_unknown_and_never_passed_or_blamed() -> None:
    """The word lists are English; guessing would pass hollow text or refuse honest text."""
    german = (
        "# Export\n## Goal\nBuchhalter geben die Rechnungen des letzten Monats ohne Abtippen an das Finanzamt weiter, weil "
        "heute zwei Leute zwei Tage lang kopieren.\n## Non-goals\n- Entwürfe\n## Principles\n- Lieber spät als falsch\n"
        "## Success signals\n- Die Leute sind zufrieden\n## Risks\n- Daten gehen verloren\n## Acceptance\n- Es läuft\n"
    )
    verdict = judge_brief(parse_brief(german, name="t", path="t.md"))

    assert verdict.outcome is Outcome.UNKNOWN
    assert any("not English" in leaf.says for leaf in verdict.leaves())


def test_deeper_headings_stay_in_their_section() -> None:
    """`### How` below Acceptance is part of the acceptance."""
    assert "### How" in parse_brief("# T\n## Acceptance\n- a\n### How\n- b\n", name="t").acceptance


@pytest.mark.slow
@given(st.text(max_size=400))
def test_no_text_makes_the_rules_raise_or_pass(text: str) -> None:
    """Whatever a page holds, there is a verdict; text without the six headings never passes."""
    verdict = judge_brief(parse_brief(text, name="t", path="t.md"))

    assert verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN)


@given(st.sampled_from(["non_goals", "principles", "success_signals", "risks", "acceptance", "goal"]), st.data())
def test_taking_a_section_away_never_turns_a_brief_into_a_pass(field: str, data: st.DataObject) -> None:
    """Less substance is never better."""
    text = data.draw(
        st.sampled_from(["None: nobody reads it, only a comment moves.", "95 % within 2 s (@ana)", "TBD", ""])
    )
    brief = parse_brief(HEADINGS.format(goal=text), name="t", path="t.md")
    parts = {each: getattr(brief, each) for each in type(brief).__dataclass_fields__}

    assert judge_brief(type(brief)(**{**parts, field: ""})).outcome is Outcome.FAIL


def test_only_plain_names_are_names_of_briefs() -> None:
    """Names come from commit trailers; a path out of the folder would read other files."""
    assert name_of_brief("csv-export") == "csv-export"
    assert name_of_brief(" .rh/briefs/csv-export.md ") == "csv-export"
    for hostile in (
        "../policy",
        "/etc/passwd",
        "a/b",
        "..",
        ".",
        "",
        "a\x00b",
        "-rf",
        "a\nb",
        "x" * 200,
        ".hidden",
        "a..b",
        "ü",
    ):
        assert name_of_brief(hostile) == "", hostile


def test_empty_and_closed_headings_are_read() -> None:
    """`## Goal ##` is Markdown, and a bare `##` is a heading without a name, not a crash."""
    brief = parse_brief("# T #\n## Goal ##\ntext\n## \n##\t\nmore", name="t")

    assert (brief.title, brief.goal) == ("T", "text")
    assert [problem.line for problem in brief.problems] == [4, 5]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["a-", "a.", "@", "\u201c", "<a", "# \t", "- x\n", "x\n", "## Goal\n", "A a ", "(A", "1 "]
)
def test_no_text_makes_the_rules_slow(piece: str) -> None:
    """A page of the largest size is judged in a second or so: regular expressions must not blow up. Slow: big input."""
    text = parse_hostile(piece)
    started = perf_counter()
    judge_brief(parse_brief(text, name="t", path="t.md"))

    assert perf_counter() - started < 5


def parse_hostile(piece: str) -> str:
    """Fill every section of a page of the largest size with one repeated piece."""
    names = ("Goal", "Non-goals", "Principles", "Success signals", "Risks", "Acceptance")
    body = piece * (MOST_BRIEF_BYTES // 6 // len(piece))
    return "# T\n" + "".join(f"## {name}\n- {body}\n" for name in names)
