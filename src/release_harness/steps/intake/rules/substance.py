"""Judges a brief by substance, not by length: a verdict tree with the place of everything that is missing."""

from collections.abc import Iterator

from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import NextAction, Outcome, Verdict, all_of
from release_harness.steps.intake.model import HEADINGS, OPTIONAL_HEADINGS, Brief, Item
from release_harness.steps.intake.rules import items as rule
from release_harness.steps.intake.rules.pages import split_items
from release_harness.steps.intake.rules.words import reads_as_english

_SHOWN_CHARACTERS = 90


def judge_brief(brief: Brief) -> Verdict:
    """Judge every heading; a text that is not English cannot be judged by word lists and is unknown there."""
    texts = {field: str(getattr(brief, field)) for field, _ in HEADINGS + OPTIONAL_HEADINGS}
    english = reads_as_english("\n".join(texts.values()))
    children = [*_judge_problems(brief)]
    children += [_judge_section(brief, field, heading, english=english) for field, heading in HEADINGS]
    children += [
        _judge_section(brief, field, heading, english=english)
        for field, heading in OPTIONAL_HEADINGS
        if brief.line_of(field)
    ]
    verdict = all_of(f"brief {show_text(brief.id)}", children, rule="brief", wanted="every heading has substance")
    says = {
        Outcome.PASS: f"The brief {show_text(brief.id)} says enough to work and to judge by.",
        Outcome.FAIL: f"The brief {show_text(brief.id)} lacks substance.",
        Outcome.UNKNOWN: f"The brief {show_text(brief.id)} cannot be judged here.",
    }[verdict.outcome]
    actions = () if verdict.outcome is Outcome.PASS else (_mend(brief),)
    return Verdict(
        outcome=verdict.outcome,
        says=says,
        rule="brief",
        seen=verdict.seen,
        wanted=verdict.wanted,
        actions=actions,
        children=verdict.children,
    )


def _mend(brief: Brief) -> NextAction:
    command = f"rh brief check {brief.id}" if brief.id and brief.path else ""
    place = f" in {show_text(brief.path)}" if brief.path else ""
    return NextAction(do=f"Write what is missing{place}, and check it again.", command=command, who="author")


def _judge_problems(brief: Brief) -> Iterator[Verdict]:
    for problem in brief.problems:
        yield Verdict(
            outcome=Outcome.FAIL,
            says=f"{_place(brief, problem.line)}{show_text(problem.says)}",
            rule="brief.page",
            seen=show_text(problem.says),
            wanted=problem.wanted,
        )


def _judge_section(brief: Brief, field: str, heading: str, *, english: bool) -> Verdict:
    text = str(getattr(brief, field))
    line = brief.line_of(field)
    if not text:
        seen = "the heading with nothing under it" if line else "no such heading"
        return _leaf(brief, field, line, f"{heading} is empty.", seen=seen, wanted=_WANTED[field])
    found = tuple(_judge_item(brief, field, item, english=english) for item in split_items(text, line))
    if field in ("goal", "ship", "rollback", "watch", "principles"):
        found = (_judge_whole(brief, field, text, line, english=english),)
    verdict = all_of(heading, found, rule=f"brief.{field}", wanted=_WANTED[field])
    return found[0] if len(found) == 1 else verdict


def _judge_whole(brief: Brief, field: str, text: str, line: int, *, english: bool) -> Verdict:
    common = _judge_placeholders(brief, field, Item(text=text, line=line))
    if common is not None:
        return common
    if field != "goal":
        return _passed(brief, field, Item(text=text, line=line))
    lacks = rule.lacks_of_goal(text, brief.title)
    return _answer(brief, field, Item(text=text, line=line), lacks, english=english)


def _judge_item(brief: Brief, field: str, item: Item, *, english: bool) -> Verdict:
    if field == "risks":
        left = rule.placeholder_in(item.text)
        lacks = f"more than the placeholder {left!r}" if left else rule.lacks_of_risk(item.text)
        return _answer(brief, field, item, lacks, english=english or rule.is_nothing(item.text))
    common = _judge_placeholders(brief, field, item)
    if common is not None:
        return common
    if field == "success_signals":
        return _answer(brief, field, item, " and ".join(rule.lacks_of_signal(item.text)), english=english)
    if field == "acceptance":
        return _answer(brief, field, item, rule.lacks_of_acceptance(item.text), english=english)
    return _passed(brief, field, item)


def _judge_placeholders(brief: Brief, field: str, item: Item) -> Verdict | None:
    left = rule.placeholder_in(item.text)
    if left:
        return _leaf(brief, field, item.line, f"A placeholder is left: {left!r}.", seen=left, wanted=_WANTED[field])
    if rule.is_nothing(item.text):
        return _leaf(brief, field, item.line, "It says nothing.", seen=_short(item.text), wanted=_WANTED[field])
    return None


def _answer(brief: Brief, field: str, item: Item, lacks: str, *, english: bool) -> Verdict:
    if not lacks:
        return _passed(brief, field, item)
    says = f"{_SAYS[field]}: {lacks}." if field != "risks" else f"This risk lacks {lacks}."
    if not english:
        says = f"This is not English, so nothing here can tell whether it has substance ({lacks} was not found)."
        return _leaf(
            brief, field, item.line, says, seen=_short(item.text), wanted=_WANTED[field], outcome=Outcome.UNKNOWN
        )
    return _leaf(brief, field, item.line, says, seen=_short(item.text), wanted=_WANTED[field])


def _passed(brief: Brief, field: str, item: Item) -> Verdict:
    return _leaf(
        brief, field, item.line, _short(item.text), seen=_short(item.text), wanted=_WANTED[field], outcome=Outcome.PASS
    )


def _leaf(
    brief: Brief, field: str, line: int, says: str, *, seen: str, wanted: str, outcome: Outcome = Outcome.FAIL
) -> Verdict:
    return Verdict(
        outcome=outcome, says=f"{_place(brief, line)}{says}", rule=f"brief.{field}:{line}", seen=seen, wanted=wanted
    )


def _place(brief: Brief, line: int) -> str:
    where = show_text(brief.path or brief.id)
    return f"{where}:{line}: " if line else f"{where}: "


def _short(text: str) -> str:
    shown = show_text(" ".join(text.split()))
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[: _SHOWN_CHARACTERS - 1] + "…"


_SAYS = {
    "goal": "The goal does not say what it is for",
    "success_signals": "Nobody could observe this; it lacks",
    "acceptance": "Nobody could check this",
}
_WANTED = {
    "goal": "who is helped, what changes for them and why, beyond the title",
    "non_goals": "what this will not do although somebody may expect it",
    "principles": "what wins when things conflict",
    "success_signals": "something to look at (metric, event, log line, query) and something to tell by (number, time window)",
    "risks": "a named owner (a person, a team or an @handle) for each risk, or `None:` with the reason",
    "acceptance": "a check that anybody can do: a command and its result, given / when / then, a text that is shown",
    "ship": "who sees it first and how it is switched on",
    "rollback": "how it is taken back",
    "watch": "what is looked at after it shipped",
}
