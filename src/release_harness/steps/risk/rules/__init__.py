"""What the policies judge, and what the past says of it: pure.

Only what `rh check` needs is imported here; the backtest names its own modules.
"""

from release_harness.steps.risk.rules.subject import (
    brief_facts,
    file_owners,
    paths_of,
    reason_source,
    strictest_tier,
    subject_for,
    touched_surfaces,
)

__all__ = [
    "brief_facts",
    "file_owners",
    "paths_of",
    "reason_source",
    "strictest_tier",
    "subject_for",
    "touched_surfaces",
]
