"""A backtest as Markdown."""

from release_harness.steps.risk.model.backtest import Backtest
from release_harness.steps.risk.render.figures import between, heading, percent
from release_harness.steps.risk.render.text import AT_LEAST, LIMIT


def backtest_markdown(backtest: Backtest) -> str:
    """Lay a backtest out as Markdown."""
    lines = [f"## {escape(heading(backtest))}", "", f"**{escape(backtest.says)}**", ""]
    if backtest.score is not None:
        lines += ["| policy | auto | escaped | RR (95 %) | lines spared | supported |", "|---|---:|---:|---|---:|---|"]
        lines += [
            f"| {escape(each.name)} | {percent(each.auto_share)} | {percent(each.escaped_share)} | {between(each.risk_ratio)} | "
            f"{percent(each.lines_spared_share)} | {each.outcome.value} |"
            for each in (*backtest.policies, *backtest.rules)
        ]
        lines += [
            "",
            "| score | AUC (95 %) | E@30 | E@50 | E@70 | capture@5 | @10 | @20 | @50 |",
            "|---|---|" + "---:|" * 7,
        ]
        lines += [
            f"| {each.name} | {between(each.auc)} | "
            + " | ".join(
                [*(f"{value.value:.2f}" for value in each.escaped), *(f"{value:.2f}" for value in each.captured)]
            )
            + " |"
            for each in (backtest.score, *backtest.baselines)
        ]
        lines.append("")
    lines += [f"- Not known: {escape(gap)}" for gap in backtest.gaps]
    return "\n".join([*lines, f"- {LIMIT}", f"- {AT_LEAST}"])


def escape(text: str) -> str:
    """Make text safe inside a table of Markdown."""
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
