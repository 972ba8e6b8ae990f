"""What a simulated queue has answered, as words for people."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.records import to_plain
from release_harness.kernel.verdict import Outcome
from release_harness.steps.merge.model.simulation import (
    Assumption,
    Calibration,
    HistoryUsed,
    SettingFigures,
    Simulation,
)

_MARKS = {Outcome.PASS: ("✓", "ok"), Outcome.FAIL: ("✗", "no"), Outcome.UNKNOWN: ("?", "?")}
_WIDE = 100
_WITH_BAR = 112
_BESIDE_BAR = 98
"""Columns that everything but the bar takes."""
_MOST_BAR = 60
_HEADS = ("planner", "runners", "P50", "P95", "P99", "runs/ch", "CI min", "wrong", "won")


def simulation_text(simulation: Simulation, view: View) -> str:
    """Lay the answer of `rh queue simulate` out for a terminal."""
    mark = _MARKS[simulation.recommendation.outcome][0 if view.unicode else 1]
    lines = [*_fill(simulation.says, view), *_fill(f"{mark} {simulation.recommendation.says}", view)]
    if simulation.rows:
        lines += ["", *_table(simulation, view), "", *_fill(_legend(simulation), view)]
    if simulation.history is not None:
        lines += ["", *_history(simulation.history, view)]
    lines += ["", *_fill(f"Rests on: {_assumptions(simulation.assumptions)}.", view)]
    lines += [line for each in simulation.limits for line in _fill(f"Limit: {each}", view)]
    if simulation.plot:
        lines.append(f"Plot: {show_text(simulation.plot)}")
    return "\n".join(lines)


def simulation_markdown(simulation: Simulation) -> str:
    """Lay the answer out for a page."""
    lines = [f"**{_escape(simulation.recommendation.says)}**", "", _escape(simulation.says)]
    if simulation.rows:
        lines += [
            "",
            "| planner | runners | P50 | P95 | P99 | runs per change | CI minutes per landed | wrong per 1,000 | draws won |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---|",
        ]
        lines += [f"| {' | '.join(_cells(each))} |" for each in simulation.rows]
        lines += ["", _escape(_legend(simulation))]
    lines += ["", f"- Rests on: {_escape(_assumptions(simulation.assumptions))}."]
    if simulation.history is not None and simulation.history.calibration is not None:
        lines.append(f"- {_calibration(simulation.history.calibration)}")
    lines += [f"- Limit: {_escape(each)}" for each in simulation.limits]
    return "\n".join(lines)


def simulation_plain(simulation: Simulation) -> Mapping[str, Any]:
    """Give the JSON form, `rh.queue.simulate/1`: keys are only ever added."""
    plain = to_plain(simulation)
    assert isinstance(plain, dict)  # noqa: S101 - a record is an object
    for row in plain["rows"]:
        won = row["won"]
        row["won"] = None if won is None else dict(zip(("p50", "p95", "p99", "runs"), won, strict=True))
    history = plain["history"]
    if history is not None:
        history["areas"] = [{"area": area, "changes_count": count} for area, count in history["areas"]]
        calibration = history["calibration"]
        if calibration is not None and simulation.history is not None and simulation.history.calibration is not None:
            calibration["is_useful"] = simulation.history.calibration.is_useful
    return {"outcome": simulation.recommendation.outcome.value, **plain}


def _table(simulation: Simulation, view: View) -> list[str]:
    advice = simulation.recommendation
    longest = max(row.p95_minutes for row in simulation.rows) or 1.0
    room = min(view.width - _BESIDE_BAR, _MOST_BAR) if view.width >= _WITH_BAR else 0
    lines = [_row("", _HEADS) + (f"{'aborted':>9}{'within':>8}" if view.width >= _WIDE else "")]
    lines[0] += "  P95" if room else ""
    before = ""
    for row in simulation.rows:
        chosen = (row.planner, row.runners_count) == (advice.planner, advice.runners_count)
        mark = ("→" if view.unicode else ">") if chosen else ""
        cells = _cells(row)
        line = _row(mark, ("" if row.planner == before else cells[0], *cells[1:]))
        if view.width >= _WIDE:
            line += f"{row.aborted_ratio:>9.0%}{f'{row.within_wait_count}/{simulation.seeds_count}':>8}"
        if room:
            line += "  " + ("█" if view.unicode else "#") * max(1, round(room * row.p95_minutes / longest))
        lines.append(line.rstrip())
        before = row.planner
    return [line.rstrip() for line in lines]


def _cells(row: SettingFigures) -> tuple[str, ...]:
    return (
        row.planner,
        str(row.runners_count),
        f"{row.p50_minutes:.0f}",
        f"{row.p95_minutes:.0f}",
        f"{row.p99_minutes:.0f}",
        f"{row.runs_per_change:.2f}",
        f"{row.ci_minutes_per_landed:.1f}",
        f"{row.wrong_per_thousand:.1f}",
        "/".join(map(str, row.won)) if row.won is not None else "-",
    )


def _row(mark: str, cells: Sequence[str]) -> str:
    name, runners, p50, p95, p99, runs, minutes, wrong, won = cells
    return f"{mark:<2}{name:<13} {runners:>7}{p50:>6}{p95:>6}{p99:>6}{runs:>9}{minutes:>8}{wrong:>7}  {won:<11}"


def _legend(simulation: Simulation) -> str:
    return (
        f"P50, P95, P99: minutes from arrival to decision, means of {simulation.seeds_count} draws. runs/ch: runs for each change. "
        "CI min: CI minutes for each landed change. wrong: changes sent back although they pass, for each thousand. "
        "won: draws with a lower P50/P95/P99 and fewer runs than prefix"
        f"{'; lanes are on' if simulation.lanes else ''}."
    )


def _history(history: HistoryUsed, view: View) -> list[str]:
    areas = ", ".join(f"{show_text(name)} {count}" for name, count in history.areas)
    says = (
        f"History: {history.changes_count} changes, up to {history.busiest_hour_count} within an hour, median "
        f"{history.lines_median:.0f} lines; {history.commuting_ratio:.0%} of neighbours share no area"
        f"{f' ({areas})' if areas else ''}."
    )
    lines = _fill(says, view)
    if history.calibration is not None:
        lines += _fill(_calibration(history.calibration), view)
    return lines


def _calibration(found: Calibration) -> str:
    bins = ", ".join(f"{each.predicted_ratio:.0%} told {each.failed_ratio:.0%} came" for each in found.bins)
    use = "they are used" if found.is_useful else "all changes have one rate"
    return (
        f"Odds learned from {found.learned_count} attempts, tested on {found.tested_count} later ones "
        f"({found.failed_count} failed): Brier {found.brier:.4f} against {found.brier_of_common_rate:.4f} for one rate, so {use} "
        f"({bins})."
    )


def _assumptions(figures: Sequence[Assumption]) -> str:
    return "; ".join(f"{each.name} {each.value:.3g} ({each.source})" for each in figures)


def _fill(says: str, view: View) -> list[str]:
    return textwrap.wrap(says, max(view.width, 20), subsequent_indent="  ", break_long_words=False) or [""]


def _escape(text: str) -> str:
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return "".join(f"\\{each}" if each in "\\*_`[]|" else each for each in shown).replace("<", "&lt;")
