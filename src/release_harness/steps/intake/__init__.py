"""Briefs: one page per piece of work, checked for substance."""
