"""Gathers a change from a repository."""

from release_harness.steps.changes.flow.aim import find_head
from release_harness.steps.changes.flow.gathering import gather
from release_harness.steps.changes.flow.needs import ChangeNeeds

__all__ = ["ChangeNeeds", "find_head", "gather"]
