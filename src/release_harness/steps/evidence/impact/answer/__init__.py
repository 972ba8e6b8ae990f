"""The answer: which entry points a change affects, what new code is wired, which guards went, and what is not known."""
