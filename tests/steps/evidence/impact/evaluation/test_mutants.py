"""A mutant has one fault in one function, and nothing else changes."""

import ast

import pytest

from release_harness.steps.evidence.impact.evaluation.mutants import (
    PLANTED,
    Told,
    break_function,
    breakable,
    change_function,
    in_turns,
    run_by_few,
    tell,
)

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


FAULTY = b"""def ship(order, stock):
    if order.count > stock:
        raise ValueError
    notify(
        order,
    )
    def later():
        return 1 < 2
    return (order,
            "\xc3\xa9")


async def wait(order):
    await order.done()


def empty():
    x = 1
"""


def test_the_kinds_of_faults_take_turns() -> None:
    """Tests that notice only one kind of fault would make the figure one of that kind."""
    first, second, third = (change_function(FAULTY, "ship", turn) for turn in range(3))
    assert first == FAULTY.replace(b"order.count > stock", b"order.count >= stock")
    assert second == FAULTY.replace(b'(order,\n            "\xc3\xa9")', b"None")
    assert third == FAULTY.replace(b"notify(\n        order,\n    )", b"None")
    assert change_function(FAULTY, "wait", 7) == FAULTY.replace(b"await order.done()", b"None")


def test_a_function_without_a_place_for_a_fault_raises() -> None:
    """It is still a function that tests run, and leaving it out would choose the easy ones."""
    changed = change_function(FAULTY, "empty", 0)
    assert changed is not None
    assert PLANTED in changed
    assert change_function(FAULTY, "missing", 0) is None


@pytest.mark.parametrize("comparison", ["a == b", "a is not b", "a not in b", "(a) < b", "a < (b)", "a < b < c"])
def test_every_mutant_is_python(comparison: str) -> None:
    """A file that does not parse breaks every test and says nothing."""
    source = f"def f(a, b, c):\n    x = {comparison}\n    return x if ({comparison}) else f(a, b, c)\n".encode()
    for turn in range(4):
        changed = change_function(source, "f", turn)
        assert changed not in {None, source}
        assert changed is not None
        assert ast.parse(changed).body


def test_a_mutant_that_none_or_most_of_the_tests_notice_tells_nothing() -> None:
    """With all tests failing any choice of tests names them all."""
    passed = {"a", "b", "c", "d"}
    assert [tell(failed, passed) for failed in ((), {"a"}, {"a", "b"}, {"a", "b", "c"})] == [
        Told.NONE, Told.SOME, Told.SOME, Told.MOST
    ]  # fmt: skip


def test_functions_are_chosen_among_those_that_few_tests_run() -> None:
    """What runs in every test breaks every test."""
    relevant = {
        "m.py:few": ["a"],
        "m.py:all": ["a", "b", "c"],
        "m.py:none": ["gone"],
        "m.py:f.<locals>.<lambda>": ["a"],
    }
    assert run_by_few(relevant, {"a", "b", "c"}) == ["m.py:few"]


def test_any_first_part_of_the_functions_is_spread_over_all() -> None:
    """Trying stops once enough mutants were noticed; the first files alone would be a figure of these files."""
    assert in_turns(["a", "b", "c", "d", "e"], 2) == ["a", "d", "b", "e", "c"]
    assert in_turns(["a", "b"], 5) == ["a", "b"]
    assert in_turns([], 5) == []
