"""Patterns of paths in NestJS: what they stand for, and that none of them can make a check hang."""

import pytest

from release_harness.steps.evidence.impact.entries.nest_settings import matches


@pytest.mark.parametrize(
    ("pattern", "path", "whole", "expected"),
    [
        ("users", "/users", True, True),
        ("users", "/users/1", True, False),
        ("users", "/users/1", False, True),
        ("users", "/usersets", False, False),
        ("users/:id", "/users/1", True, True),
        ("users/:id", "/users/1/items", True, False),
        ("users/:id", "/users/{id}/items", False, True),
        ("users/:id", "/users/", True, False),
        ("users/*", "/users/1/items", True, True),
        ("*", "/anything/at/all", True, True),
        ("ab*/d", "/abc/d", True, True),
        ("ab*/d", "/abc/e", True, False),
    ],
)
def test_a_pattern_stands_for_the_routes_that_the_framework_gives_it(
    pattern: str,
    path: str,
    whole: bool,  # noqa: FBT001
    expected: bool,  # noqa: FBT001
) -> None:
    """A name for one part, a star for any number, and all below where no whole path is meant."""
    assert matches(pattern, path, whole=whole) is expected


def test_a_pattern_of_many_stars_takes_no_longer_than_its_length_times_that_of_the_path() -> None:
    """A matcher that backs up would not come back from this one."""
    assert not matches("*-a" * 60 + "*-b", "/" + "-a" * 400, whole=True)
    assert not matches(":a-" * 60 + "b", "/" + "a-" * 200, whole=True)
