"""Reads what a person asked a backtest for: a label, a horizon, and the first quarter to score. Pure."""

import re
from datetime import UTC, datetime

from release_harness.kernel.errors import InputError
from release_harness.kernel.time import parse_instant

LABELS = ("reverts", "fixes")
_HORIZON_DAYS = {"reverts": 30, "fixes": 365}
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def read_label(label: str) -> str:
    """Return the label that is asked for; raises InputError for another word."""
    chosen = label.strip().lower() or LABELS[0]
    if chosen not in LABELS:
        raise InputError(
            code="LABEL_UNKNOWN",
            says=f"There is no label {label!r}: a history shows what was reverted, and what a `Fixes:` trailer names.",
            hint="Give --label reverts or --label fixes.",
            subject=label,
        )
    return chosen


def read_horizon(days: int, label: str) -> int:
    """Return the days within which a landing has to be taken back or mended to count; 0 asks for the usual ones."""
    if days < 0:
        raise InputError(
            code="HORIZON_NEGATIVE", says=f"A horizon of {days} days lies in the past.", hint="Try --horizon 30."
        )
    return days or _HORIZON_DAYS[label]


def read_since(text: str) -> float:
    """Return the first second of a year, quarter, month, day or instant; 0 for an empty text."""
    asked = text.strip()
    if not asked:
        return 0.0
    try:
        quarter = _QUARTER.fullmatch(asked)
        if quarter:
            return datetime(int(quarter[1]), int(quarter[2]) * 3 - 2, 1, tzinfo=UTC).timestamp()
        day = _DAY.fullmatch(asked)
        if day:
            return datetime(int(day[1]), int(day[2] or 1), int(day[3] or 1), tzinfo=UTC).timestamp()
        return parse_instant(asked).timestamp()
    except (ValueError, InputError) as error:
        raise InputError(
            code="DATE_MALFORMED",
            says=f"{text!r} is no date.",
            hint="Write a quarter such as 2024-Q3, or a day such as 2024-07-01.",
            subject=text,
        ) from error
