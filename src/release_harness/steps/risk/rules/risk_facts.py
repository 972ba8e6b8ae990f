"""The facts of risk: what the history says of a change. They may raise a tier and order attention, and never lower a tier."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from release_harness.kernel.facts import Fact, Known
from release_harness.kernel.time import format_duration
from release_harness.steps.changes.model import Change, FileChange, FileKind
from release_harness.steps.risk.model.landings import NOT_COUNTED, FileRow
from release_harness.steps.risk.rules.features import Pending, reverted_lately
from release_harness.steps.risk.rules.outlook import Outlook
from release_harness.steps.risk.rules.risk_names import NOT_WALKED, REVERTED, REVERTED_COUNT, SCORE, unknown_risk

STALE_AFTER = timedelta(days=14)


def risk_facts(outlook: Outlook | None, change: Change, now: datetime) -> Mapping[str, Fact]:
    """Return the facts of risk from a history that was walked before; never raises."""
    if outlook is None:
        return unknown_risk(NOT_WALKED)
    age = timedelta(seconds=now.timestamp() - outlook.walked_at_seconds)
    if age > STALE_AFTER:
        return unknown_risk(f"the history was last walked {format_duration(age)} ago: run `rh backtest` again")
    if not change.listing_complete or not change.files:
        return unknown_risk("the list of changed files is not whole" if change.files else "there is no change")
    if not change.authors:
        return unknown_risk("nobody knows who wrote the change")
    try:
        return _facts(outlook, change, now.timestamp())
    except ValueError:
        return unknown_risk("the cached history is damaged: run `rh backtest` again")


def _facts(outlook: Outlook, change: Change, now: float) -> Mapping[str, Fact]:
    source = f"computed here from the history up to {outlook.tip[:12]}"
    # A change of several authors has the past of the one who knows the place least: more risk is the safe side.
    commits = max(len(change.commits), 1)
    files = tuple(_row(each) for each in change.files)
    places = [
        outlook.percentile(Pending(files=files, author=author.email or author.id, commits_count=commits), now)
        for author in change.authors
    ]
    lately = reverted_lately([each.path for each in change.files], outlook, now)
    return {
        SCORE: Known(value=round(max(places), 3), source=source),
        REVERTED: Known(value=bool(lately), source=source),
        REVERTED_COUNT: Known(value=len(lately), source=source),
    }


def _row(change: FileChange) -> FileRow:
    absent = change.old_kind is FileKind.ABSENT, change.new_kind is FileKind.ABSENT
    status = "A" if absent[0] else "D" if absent[1] else "M"
    added, removed = change.lines_added, change.lines_removed
    return FileRow(
        change.path, status, NOT_COUNTED if added is None else added, NOT_COUNTED if removed is None else removed
    )
