"""The rules for briefs against tables of examples: those they were tuned with, and those they were not."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release_harness.kernel.verdict import Outcome
from release_harness.steps.intake.model import Brief
from release_harness.steps.intake.rules import judge_brief, parse_brief

HERE = Path(__file__).parent
GOOD = parse_brief((HERE / "pages/good/csv-export.md").read_text("utf-8"), name="csv-export", path="b.md")
FIELDS = {"goal": "goal", "signal": "success_signals", "risk": "risks", "acceptance": "acceptance"}


def examples(file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (kind, example) of a table."""
    table = tomllib.loads((HERE / "examples" / file).read_text("utf-8"))
    for kind, listed in table.items():
        for example in listed:
            yield kind, example


def outcome_of(kind: str, example: dict[str, Any]) -> Outcome:
    """Judge a good brief in which one section holds only this example."""
    parts = {each: getattr(GOOD, each) for each in Brief.__dataclass_fields__}
    parts |= {FIELDS[kind]: "- " + example["text"], "title": example.get("title", GOOD.title)}
    return judge_brief(Brief(**parts)).outcome


@pytest.mark.parametrize(("kind", "example"), list(examples("tuning.toml")), ids=lambda each: str(each)[:60])
def test_every_example_that_the_rules_were_tuned_with_is_judged_as_written(kind: str, example: dict[str, Any]) -> None:
    """A change of a word list must not silently change an answer that was agreed on."""
    assert (outcome_of(kind, example) is Outcome.PASS) == example["ok"]


def test_examples_that_were_not_used_for_tuning_are_judged_as_a_careful_reader_would() -> None:
    """The honest figure: 63 of 64 when they were first run, written by the author of the rules in the shapes of public plans.

    The one miss is marked borderline in the table (a metric without a target). The bound leaves room for other
    misses, and fails when a change of the rules costs real accuracy.
    """
    judged = [(outcome_of(kind, each) is Outcome.PASS) == each["ok"] for kind, each in examples("held_out.toml")]

    assert len(judged) == 64
    assert sum(judged) >= 61


@pytest.mark.slow
def test_neither_side_of_the_held_out_set_is_judged_by_saying_always_the_same() -> None:
    """Accuracy alone can be had by refusing everything; both kinds of error are bounded."""
    wrong = [each for kind, each in examples("held_out.toml") if (outcome_of(kind, each) is Outcome.PASS) != each["ok"]]

    assert sum(each["ok"] for each in wrong) <= 2
    assert sum(not each["ok"] for each in wrong) <= 2


@pytest.mark.parametrize("page", sorted((HERE / "pages/good").glob("*.md")), ids=lambda page: page.stem)
def test_a_brief_with_substance_passes_however_short_it_is(page: Path) -> None:
    """A gate that refuses honest briefs is gone round, so good pages must pass whole."""
    verdict = judge_brief(parse_brief(page.read_text("utf-8"), name=page.stem, path=page.name))

    assert [leaf.says for leaf in verdict.leaves() if leaf.outcome is not Outcome.PASS] == []
    assert verdict.outcome is Outcome.PASS


WANTED_FAULTS = {
    "empty-sections": {3, 5, 7, 9, 11, 13},
    "long-and-hollow": {4, 8, 14, 15, 16, 19, 20, 23, 24},
    "placeholders": {7, 10, 16},
    "wrong-headings": {0, 6, 12},
    "hidden-in-comments": {0},
}


@pytest.mark.parametrize("page", sorted((HERE / "pages/bad").glob("*.md")), ids=lambda page: page.stem)
def test_a_brief_without_substance_fails_at_exactly_these_lines(page: Path) -> None:
    """Whoever mends a brief is told every place at once, and no place that is fine."""
    verdict = judge_brief(parse_brief(page.read_text("utf-8"), name=page.stem, path=page.name))
    lines = set()
    for leaf in verdict.leaves():
        if leaf.outcome is not Outcome.PASS:
            place = leaf.says.removeprefix(f"{page.name}:").split(":", 1)[0]
            lines.add(int(place) if place.isdigit() else 0)

    assert verdict.outcome is Outcome.FAIL
    assert lines == WANTED_FAULTS[page.stem]
