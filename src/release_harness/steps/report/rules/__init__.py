"""What a look back finds, decided from history alone: pure."""

from release_harness.steps.report.rules.fields import WhatIsKept, answer_fields, missing_proof, score_of
from release_harness.steps.report.rules.history import Landed, parse_history, parse_numbers, spread_commits
from release_harness.steps.report.rules.reverts import Reverted, find_reversals, takes_back
from release_harness.steps.report.rules.totals import add_up, sort_worst_first

__all__ = [
    "Landed",
    "Reverted",
    "WhatIsKept",
    "add_up",
    "answer_fields",
    "find_reversals",
    "missing_proof",
    "parse_history",
    "parse_numbers",
    "score_of",
    "sort_worst_first",
    "spread_commits",
    "takes_back",
]
