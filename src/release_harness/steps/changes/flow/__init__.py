"""Gathers a change from a repository."""

from release_harness.steps.changes.flow.gathering import gather
from release_harness.steps.changes.flow.needs import ChangeNeeds

__all__ = ["ChangeNeeds", "gather"]
