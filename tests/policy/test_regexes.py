"""Regular expressions of a policy match whole values and can never hang a decision."""

import time

import pytest

from release_harness.kernel.errors import InputError
from release_harness.policy.model import Regex
from release_harness.policy.regexes import compile_regex, full_match, regex_fault


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("fix", "fix", True),
        ("fix", "prefix", False),
        ("fix.*", "fix: the thing", True),
        (r"(?i)revert .*", 'Revert "x"', True),
        (r"(feat|fix): .+", "feat: y", True),
        (r"[A-Z]{2,5}-\d+", "ABC-12", True),
        (r"(?:\d\d)+", "1234", True),
        (r"a{2}", "aa", True),
        (r"[(+*]x", "(x", True),
    ],
)
def test_the_whole_value_must_match(pattern: str, value: str, *, expected: bool) -> None:
    """`author` must not match `coauthor`: half a match has approved changes elsewhere."""
    assert full_match(Regex(text=pattern), value) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*b",
        "(a|aa)+",
        "((a|b)?)*",
        "(a+){10}",
        "(.*a){20}",
        ".*.*.*.*",
        "a?a?a?a?a?a?a?a?a?aaaa",
        r"(a)\1",
        "(?=a)b",
        "(?<!a)b",
        "(?P<n>a)",
        "a{30,}b{30,}c{30,}d{30,}",
        "x" * 201,
        "",
        "(",
        "[a",
        "*a",
        "a{}",
    ],
)
def test_what_could_take_for_ever_or_cannot_be_read_is_refused(pattern: str) -> None:
    """Python's matcher backs up exponentially; the refusal comes before the first match."""
    assert regex_fault(pattern)
    with pytest.raises(InputError, match="regular expression"):
        compile_regex(Regex(text=pattern))


def test_a_value_that_is_too_long_is_not_matched() -> None:
    """Without the limit three stars over a long title would already cost seconds."""
    assert full_match(Regex(text=".*"), "x" * 501) is None


def test_the_worst_pattern_that_is_let_through_ends_soon() -> None:
    """The limits together must bound the time, not each for itself."""
    started = time.perf_counter()

    assert full_match(Regex(text=".*a.*a.*b"), "a" * 120) is False
    assert time.perf_counter() - started < 1
