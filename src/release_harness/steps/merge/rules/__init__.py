"""Decides whether a change may land, why not, and what has to be found out first. Pure."""

from release_harness.steps.merge.rules.check import check_draft
from release_harness.steps.merge.rules.decide import decide
from release_harness.steps.merge.rules.messages import draft_commit, write_message
from release_harness.steps.merge.rules.retries import pause_before
from release_harness.steps.merge.rules.search import next_probe
from release_harness.steps.merge.rules.stops import refuse_moving_tip, refuse_push, refuse_unbuildable, refuse_work_tree

__all__ = [
    "check_draft",
    "decide",
    "draft_commit",
    "next_probe",
    "pause_before",
    "refuse_moving_tip",
    "refuse_push",
    "refuse_unbuildable",
    "refuse_work_tree",
    "write_message",
]
