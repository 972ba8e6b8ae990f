"""Reads the rules of a project; `rules_for` is what later steps call."""

from release_harness.steps.project.flow.in_force import RulesNeeds, rules_for

__all__ = ["RulesNeeds", "rules_for"]
