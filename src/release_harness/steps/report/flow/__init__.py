"""Looks back over a branch."""

from release_harness.steps.report.flow.looking_back import look_back
from release_harness.steps.report.flow.needs import RetroNeeds

__all__ = ["RetroNeeds", "look_back"]
