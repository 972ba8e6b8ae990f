"""The nouns of risk: what landed, what was taken back or mended later, and what a backtest finds."""

from release_harness.steps.risk.model.landings import Claim, FileRow, Landing

__all__ = ["Claim", "FileRow", "Landing"]
