"""Gathers what is known about a change, judges it, and records what people say of it."""

from release_harness.steps.review.flow.examine import ExamineNeeds, examine

__all__ = ["ExamineNeeds", "examine"]
