"""Decisions of evidence, pure: what tests and coverage say, what a statement says, what is fresh."""
