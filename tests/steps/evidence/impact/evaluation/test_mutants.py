"""A broken function raises as soon as it is called, and nothing else changes."""

import ast

import pytest

from release_harness.steps.evidence.impact.evaluation.mutants import PLANTED, break_function, breakable

SOURCE = b'''class A:
    def one(self):
        """Say."""
        return 1

    async def two(self):
        @wraps(self)
        def inner():
            return 2
        return inner

if True:
    def three(): return 3
'''


@pytest.mark.parametrize(
    ("qualname", "before"),
    [
        ("A.one", b"        return 1"),
        ("A.two", b"        @wraps(self)"),
        ("A.two.<locals>.inner", b"            return 2"),
    ],
)
def test_the_first_statement_becomes_a_failure(qualname: str, before: bytes) -> None:
    """It stands after the docstring and before decorators, in the right depth."""
    broken = break_function(SOURCE, qualname)
    assert broken is not None
    indent = before[: len(before) - len(before.lstrip())]
    assert indent + PLANTED + b"\n" + before in broken
    assert ast.parse(broken).body


@pytest.mark.parametrize("qualname", ["three", "A", "A.none", "missing"])
def test_what_cannot_be_broken_cleanly_is_left_alone(qualname: str) -> None:
    """A function on one line, a class or a name that is not there would measure something else."""
    assert break_function(SOURCE, qualname) is None


def test_lambdas_are_not_broken() -> None:
    """They have no line of their own."""
    assert breakable({"a.py:f.<locals>.<lambda>", "a.py:f.<locals>.g", "a.py:"}) == ["a.py:f.<locals>.g"]
