"""A look back as words for people: a page that fits a narrow terminal, and a table for a document."""

import textwrap
from collections.abc import Mapping
from typing import Any

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import to_plain
from release_harness.kernel.time import format_duration
from release_harness.steps.report.model import FIELDS, Answer, LandingReview, Retro

_MARKS = {Answer.ANSWERED: ("✓", "y"), Answer.PARTLY: ("~", "~"), Answer.MISSING: ("✗", "n")}
_NAMES = {
    "goal": "goal",
    "scope": "scope",
    "risk_tier": "risk tier",
    "verification_evidence": "verification evidence",
    "ship_method": "ship method",
    "rollback_method": "rollback method",
    "watch_metrics": "watch metrics",
}
_LEAST_TITLE_COLUMNS = 20
_WRITERS = {
    "person": "people of the policy",
    "agent": "agents",
    "mixed": "agents together with somebody else",
    "unknown": "somebody whom the policy does not name",
}


def show_retro(retro: Retro, view: View) -> str:
    """Lay the look back out for a terminal."""
    lines = [*_fill(_heading(retro), view)]
    if not retro.landings:
        return "\n".join([*lines, "Nothing landed here: there is nothing to look back at."])
    lines += ["", f"{'What can be answered':<24}{'yes':>6}{'partly':>8}{'no':>6}"]
    lines += [
        f"  {_NAMES[each.field]:<22}{each.answered_count:>6}{each.partly_count:>8}{each.missing_count:>6}"
        for each in retro.totals.fields
    ]
    lines.append("")
    for says in _sentences(retro):
        lines += _fill(says, view)
    lines += [line for gap in retro.gaps for line in _fill(f"Not known: {gap}", view)]
    shown = retro.landings[: retro.shown_count]
    if not shown:
        return "\n".join(lines)
    lines += ["", f"Worst first ({len(shown)} of {len(retro.landings)})"]
    marks = " ".join(_MARKS[each][0 if view.unicode else 1] for each in reversed(Answer))
    lines += _fill(f"fields in order: {', '.join(_NAMES[each] for each in FIELDS)} ({marks} = yes, partly, no)", view)
    for each in shown:
        lines += _rows(each, view)
    if len(shown) < len(retro.landings):
        lines += ["", f"… {len(retro.landings) - len(shown)} more: --show {len(retro.landings)}, or --format json"]
    return "\n".join(lines)


def retro_markdown(retro: Retro) -> str:
    """Lay the look back out as Markdown."""
    lines = [f"## {_escape(_heading(retro))}", ""]
    if not retro.landings:
        return "\n".join([*lines, "Nothing landed here."])
    lines += ["| field | answered | partly | missing |", "|---|---:|---:|---:|"]
    lines += [
        f"| {_NAMES[each.field]} | {each.answered_count} | {each.partly_count} | {each.missing_count} |"
        for each in retro.totals.fields
    ]
    lines += ["", *(f"- {_escape(says)}" for says in _sentences(retro))]
    lines += [f"- Not known: {_escape(gap)}" for gap in retro.gaps]
    lines += [
        "",
        "| tier | landing | " + " | ".join(_NAMES[each] for each in FIELDS) + " | nothing proves | taken back |",
    ]
    lines.append("|---|---|" + ":-:|" * len(FIELDS) + "---|---|")
    for each in retro.landings[: retro.shown_count]:
        marks = " | ".join(_MARKS[field.answer][0] for field in each.fields)
        name = f"`{each.commit[:10]}` {_escape(each.title)}"
        lines.append(f"| {_tier(each)} | {name} | {marks} | {', '.join(each.missing)} | {_escape(_reversal(each))} |")
    if retro.shown_count < len(retro.landings):
        lines += ["", f"… and {len(retro.landings) - retro.shown_count} more."]
    return "\n".join(lines)


def retro_plain(retro: Retro) -> Mapping[str, Any]:
    """Write the look back as plain data; every landing is in it."""
    return {
        "range": {
            "asked": retro.asked,
            "branch": retro.branch,
            "newest": retro.newest,
            "oldest": retro.oldest,
            "policy": retro.policy,
        },
        "totals": to_plain(retro.totals),
        "landings": [
            {
                **to_plain_object(each),
                "fields": {field.field: _field(field.answer, field.says) for field in each.fields},
            }
            for each in retro.landings
        ],
        "gaps": list(retro.gaps),
    }


def to_plain_object(each: LandingReview) -> dict[str, Any]:
    """Write one landing as plain data."""
    plain = to_plain(each)
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    return plain


def _field(answer: Answer, says: str) -> dict[str, str]:
    return {"answer": answer.value, "says": says}


def _heading(retro: Retro) -> str:
    count = len(retro.landings)
    where = show_text(retro.branch) or retro.newest[:10]
    span = ""
    if retro.landings:
        days = sorted(each.landed_at for each in retro.landings)
        span = f", {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}"
    return f"{count} {'landing' if count == 1 else 'landings'} on {where}{span}, judged by {show_text(retro.policy)}"


def _sentences(retro: Retro) -> list[str]:
    totals = retro.totals
    count = totals.landings_count
    says = [
        f"Nothing proves that the app worked: {totals.missing_app_count} of {count}.",
        (
            f"Nothing proves that data could be brought back: {totals.missing_data_count} of the "
            f"{totals.touching_data_count} that touch data."
            if totals.touching_data_count
            else "No landing touches data, as far as file names tell."
        ),
        f"Nothing proves that there was a way back: {totals.missing_rollback_count} of {count}.",
    ]
    if totals.reverted_count and totals.revert_median is not None:
        again = f", {totals.relanded_count} landed again" if totals.relanded_count else ""
        says.append(
            f"Taken back later: {totals.reverted_count} ({totals.reverted_within_day_count} within a day, "
            f"median {format_duration(totals.revert_median)}){again}."
        )
    else:
        says.append("Taken back later: none that says so.")
    says.append("Tiers, at least: " + ", ".join(f"{name} {number}" for name, number in totals.tiers) + ".")
    says.append(
        "Written by: " + ", ".join(f"{_WRITERS.get(name, name)} {number}" for name, number in totals.authors) + "."
    )
    return says


def _rows(each: LandingReview, view: View) -> list[str]:
    marks = "".join(_MARKS[field.answer][0 if view.unicode else 1] for field in each.fields)
    start = f"{_tier(each):<9} {each.commit[:10]} {marks} "
    title = show_text(each.title)
    room = view.width - len(start)
    if room >= _LEAST_TITLE_COLUMNS:
        lines = [start + _shorten(title, room)]
    else:
        lines = [start.rstrip(), "  " + _shorten(title, view.width - 2)]
    details = [f"+{each.lines_added} -{each.lines_removed}" if each.lines_added is not None else "lines unknown"]
    details.append(f"{each.files_count} {'file' if each.files_count == 1 else 'files'}")
    if each.missing:
        details.append("nothing proves " + ", ".join(each.missing))
    if each.reversal is not None:
        details.append(_reversal(each))
    if each.takes_back:
        details.append("takes another one back")
    return [*lines, *_fill(" · ".join(details) if view.unicode else " | ".join(details), view, start="          ")]


def _reversal(each: LandingReview) -> str:
    if each.reversal is None:
        return ""
    again = f", landed again by {each.reversal.relanded_by[:10]}" if each.reversal.relanded_by else ""
    return f"taken back after {format_duration(each.reversal.after)} by {each.reversal.by[:10]}{again}"


def _tier(each: LandingReview) -> str:
    return each.tier or "unknown"


def _shorten(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"


def _fill(text: str, view: View, start: str = "") -> list[str]:
    return textwrap.wrap(text, view.width, initial_indent=start, subsequent_indent=start or "  ") or [""]


def _escape(text: str) -> str:
    plain = show_text(text).replace("\\", "\\\\")
    for mark in "|<>*_`[]@#":
        plain = plain.replace(mark, "\\" + mark)
    return plain
