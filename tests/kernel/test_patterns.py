"""Patterns that are compiled late behave as those that are compiled at once."""

import re

import pytest

from release_harness.kernel.patterns import LazyPattern


def test_a_late_pattern_answers_like_an_early_one() -> None:
    """Rules must not change their answer because a command should start faster."""
    late, early = LazyPattern(r"(\w+)@x", re.IGNORECASE), re.compile(r"(\w+)@x", re.IGNORECASE)
    for text in ("ana@X", "to ana@x", "", "nobody"):
        assert (late.search(text) is None) == (early.search(text) is None)
        assert (late.match(text) is None) == (early.match(text) is None)
        assert (late.fullmatch(text) is None) == (early.fullmatch(text) is None)
        assert late.sub("…", text) == early.sub("…", text)


def test_it_is_compiled_once_and_not_before_it_is_asked() -> None:
    """The point of it is the time of a command that never asks."""
    late = LazyPattern("(")
    with pytest.raises(re.error):
        late.search("x")
    good = LazyPattern("x")
    assert good.compiled is good.compiled
