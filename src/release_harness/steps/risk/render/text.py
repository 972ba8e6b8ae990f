"""A backtest as a page for a terminal."""

import textwrap

from release_harness.kernel.operations import View
from release_harness.kernel.paths import show_text
from release_harness.kernel.verdict import Outcome
from release_harness.steps.risk.model.backtest import AUTO_SHARES, GATES, Backtest, PolicyResult, Ranking
from release_harness.steps.risk.render.figures import between, heading, percent, policy_says
from release_harness.steps.risk.render.plots import bar, bar_columns, escape_rows, quarters_line

_MARKS = {Outcome.PASS: ("✓", "yes"), Outcome.FAIL: ("✗", "no"), Outcome.UNKNOWN: ("?", "?")}
LIMIT = (
    "Git alone cannot see what a reviewer caught before it landed: every figure is `with human review still on`, "
    "and without it more would escape."
)
AT_LEAST = "Tiers are at least what is shown: tests, coverage, secrets and names of authors of the past are not known."


def show_backtest(backtest: Backtest, view: View) -> str:
    """Lay a backtest out for a terminal."""
    mark = _MARKS[backtest.outcome][0 if view.unicode else 1]
    lines = [*fill(heading(backtest), view), *fill(f"{mark} {backtest.says}", view)]
    if backtest.score is None:
        return "\n".join([*lines, *_foot(backtest, view)])
    for result in backtest.policies:
        lines += ["", *_policy(result, view)]
    lines += ["", "Fixed rules, to compare"]
    for result in backtest.rules:
        lines += fill(f"{result.name}: {policy_says(result)}", view, first="  ", rest="    ")
    lines += ["", *_scores(backtest, backtest.score, view)]
    lines += ["", *escape_rows(backtest.curve, view), "", *quarters_line(backtest.quarters, view)]
    return "\n".join([*lines, *_foot(backtest, view)])


def fill(says: str, view: View, *, first: str = "", rest: str = "  ") -> list[str]:
    """Wrap a sentence to the width of the terminal."""
    return textwrap.wrap(
        says, max(view.width, 20), initial_indent=first, subsequent_indent=rest, break_long_words=False
    ) or [first]


def _policy(result: PolicyResult, view: View) -> list[str]:
    total = sum(each.landings_count for each in result.tiers)
    positives = sum(each.positives_count for each in result.tiers)
    columns = bar_columns(view, 52)
    lines = fill(f"Policy {show_text(result.name)}", view)
    lines.append(f"  {'tier':<12}{'asks':<7}{'landings':>9}{'positives':>10}")
    for each in result.tiers:
        share = each.landings_count / max(total, 1)
        hits = each.positives_count / max(positives, 1)
        lines.append(
            f"  {show_text(each.tier):<12.12}{each.level:<7}{percent(share):>9}{percent(hits):>10}  {bar(share, view, columns)}"
        )
    lines += fill(policy_says(result), view, first="  ", rest="  ")
    mark = _MARKS[result.outcome][0 if view.unicode else 1]
    return [*lines, *fill(f"{mark} {result.says}", view, first="  ", rest="  ")]


def _scores(backtest: Backtest, score: Ranking, view: View) -> list[str]:
    shares = "/".join(f"{each * 100:.0f}" for each in AUTO_SHARES)
    gates = "/".join(f"{each * 100:.0f}" for each in GATES)
    lines = fill(
        f"Scores: positives that escape at {shares} % auto, that a gate of {gates} % captures, and AUC (95 % by quarter)",
        view,
    )
    for each in (score, *backtest.baselines):
        escaped = "/".join(f"{value.value * 100:.0f}" for value in each.escaped)
        captured = "/".join(f"{value * 100:.0f}" for value in each.captured)
        lines.append(f"  {each.name:<7}{escaped:>9} {captured:>12}  {between(each.auc)}")
    lines.append("")
    if backtest.lift is not None:
        better = (
            "better than"
            if backtest.lift.low > 0
            else "not proven better than"
            if backtest.lift.high > 0
            else "worse than"
        )
        lines += fill(
            f"At half auto the score lets {between(backtest.lift)} less escape than size alone (paired by quarter): {better} size.",
            view,
        )
    found = backtest.calibration
    if found is not None:
        trust = "" if found.skill > 0 else " It orders; its chances are no better than the base rate."
        lines += fill(
            f"Calibration: error {found.error:.3f}, Brier skill {found.skill:+.4f}, slope {found.slope:.2f}.{trust}",
            view,
        )
    return lines


def _foot(backtest: Backtest, view: View) -> list[str]:
    sources = backtest.sources
    left = ", ".join(f"{count} {reason}" for reason, count in sources.left_out)
    said = f"{sources.labels_count} labels in {sources.landings_count} landings"
    how = ", ".join(f"{count} by {name}" for name, count in sources.how)
    matches = dict(sources.matches)
    mirrored = matches.get("exact", 0)
    mirrors = f"; {mirrored} mirror their culprit line by line" if mirrored else ""
    omitted = f" Left out: {left}." if left else ""
    lines = [
        f"{said}{f' ({how})' if how else ''}{mirrors}.{omitted}",
        *(f"Plot: {show_text(each)}" for each in backtest.plots),
        *(f"Not known: {gap}" for gap in backtest.gaps),
        LIMIT,
        *([AT_LEAST] if backtest.policies else []),
    ]
    return ["", *(line for each in lines for line in fill(each, view))]
