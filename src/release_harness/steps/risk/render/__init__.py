"""Backtests and policy differences as words and pictures for people."""

from release_harness.steps.risk.render.difference import difference_markdown, show_difference
from release_harness.steps.risk.render.markdown import backtest_markdown
from release_harness.steps.risk.render.text import show_backtest

__all__ = ["backtest_markdown", "difference_markdown", "show_backtest", "show_difference"]
