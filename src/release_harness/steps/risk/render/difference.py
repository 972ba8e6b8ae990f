"""The difference of two policies over a history, for people."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import to_plain
from release_harness.kernel.time import format_duration, format_instant
from release_harness.steps.risk.model.difference import MovedLanding, PolicyDifference
from release_harness.steps.risk.render.markdown import escape
from release_harness.steps.risk.render.text import AT_LEAST, fill


def show_difference(found: PolicyDifference, view: View) -> str:
    """Lay the difference out for a terminal."""
    lines = [line for says in _sentences(found) for line in fill(says, view)]
    if found.moves:
        lines += ["", f"  {'old tier':<14}{'new tier':<14}{'landings':>9}{'reverted':>9}"]
        lines += [
            f"  {show_text(old):<14.14}{show_text(new):<14.14}{count:>9}{reverted:>9}"
            for old, new, count, reverted in found.moves
        ]
    shown = found.moved[: found.shown_count]
    if shown:
        lines += ["", f"Reverted and loosened first ({len(shown)} of {len(found.moved)})"]
    for each in shown:
        lines += fill(_row(each), view, first="  ", rest="      ")
    lines += [line for gap in found.gaps for line in fill(f"Not known: {gap}", view)]
    return "\n".join([*lines, *fill(AT_LEAST, view)])


def difference_markdown(found: PolicyDifference) -> str:
    """Lay the difference out as Markdown."""
    lines = [*(f"{escape(says)}\n" for says in _sentences(found))]
    lines += ["| old tier | new tier | landings | reverted |", "|---|---|---:|---:|"]
    lines += [f"| {escape(old)} | {escape(new)} | {count} | {back} |" for old, new, count, back in found.moves]
    lines.append("")
    lines += [f"- {escape(_row(each))}" for each in found.moved[: found.shown_count]]
    return "\n".join(lines)


def difference_plain(found: PolicyDifference) -> Mapping[str, Any]:
    """Write the difference as plain data; every landing that moves is in it."""
    plain = to_plain(found)
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    plain.pop("shown_count")
    plain["moves"] = [
        {"old_tier": old, "new_tier": new, "landings_count": count, "reverted_count": back}
        for old, new, count, back in found.moves
    ]
    plain["moved"] = [_moved_plain(each) for each in found.moved]
    return plain


def _moved_plain(each: MovedLanding) -> dict[str, Any]:
    plain = to_plain(each)
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    plain.pop("landed_at_seconds")
    plain["landed_at"] = format_instant(datetime.fromtimestamp(each.landed_at_seconds, tz=UTC))
    return plain


def _sentences(found: PolicyDifference) -> list[str]:
    where = show_text(found.branch) or found.tip[:12]
    head = f"{show_text(found.old)} → {show_text(found.new)} over {found.landings_count} landings of {where}"
    if not found.moved:
        return [f"{head}: no landing changes its tier."]
    return [
        f"{head}: {len(found.moved)} change their tier.",
        f"Loosened: {found.loosened_count}, of which {found.loosened_reverted_count} were reverted later.",
        f"Tightened: {found.tightened_count}, of which {found.tightened_reverted_count} were reverted later.",
        f"In all, {found.reverted_count} landings were reverted.",
    ]


def _row(each: MovedLanding) -> str:
    back = ""
    if each.reverted_by:
        after = format_duration(timedelta(seconds=max(each.reverted_after_seconds or 0, 0)))
        back = f" — reverted by {each.reverted_by[:10]} after {after}"
    return f"{each.commit[:10]} {each.old_tier} → {each.new_tier} ({each.old_level} → {each.new_level}) {show_text(each.title)}{back}"
