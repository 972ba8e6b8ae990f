"""Faults are planted one at a time, and what is left still parses."""

import ast

from release_harness.steps.evidence.impact.evaluation.planting import (
    FaultKind,
    plant_exports,
    plant_guards,
    plant_mounts,
)
from release_harness.steps.evidence.model.impact import EntryPoint, Guard

APP = b"""from fastapi import FastAPI
app = FastAPI()
if True:
    app.include_router(items, prefix="/items")
app.include_router(
    users,
)
app.title = "x"
"""


def test_each_mounting_statement_is_one_fault() -> None:
    """Two mounts are two experiments, or the second hides behind the first."""
    first, second = sorted(plant_mounts("app.py", APP), key=lambda each: each.line)
    assert b"    pass\napp.include_router(" in first.content
    assert second.content.endswith(b')\npass\napp.title = "x"\n')
    assert all(ast.parse(each.content) for each in (first, second))


def entry(guard: Guard) -> EntryPoint:
    """Return an entry behind one guard."""
    return EntryPoint(kind="http", name="GET /x", framework="F", handler="a.py:x", path="a.py", line=4, guards=(guard,))


def test_a_decorator_is_dropped_with_its_lines() -> None:
    """The other decorators stay."""
    source = b"@app.get('/x')\n@needs(\n    admin\n)\ndef x(): ...\n"
    guard = Guard(name="needs(admin)", source="decorator", path="a.py", line=2)
    (fault,) = plant_guards("a.py", source, (entry(guard),))
    assert fault.content == b"@app.get('/x')\ndef x(): ...\n"
    assert (fault.kind, fault.expected) == (FaultKind.GUARD, ("http GET /x",))


def test_one_of_several_dependencies_is_dropped() -> None:
    """A guard in a list is the way that is lost in merges."""
    source = b"@app.get('/x', dependencies=[Depends(a), Depends(b)])\ndef x(): ...\n"
    guard = Guard(name="Depends(a)", source="dependency", path="a.py", line=1)
    (fault,) = plant_guards("a.py", source, (entry(guard),))
    assert b"dependencies=[Depends(b)]" in fault.content


def test_a_weak_guard_is_not_worth_planting() -> None:
    """Taking `AllowAny` away breaks nothing, so no alarm is owed."""
    guard = Guard(name="Depends(a)", source="dependency", path="a.py", line=1, weak=True)
    assert not list(plant_guards("a.py", b"@app.get('/', dependencies=[Depends(a)])\ndef x(): ...\n", (entry(guard),)))


def test_an_export_is_renamed_where_it_is_defined() -> None:
    """The mock keeps the old name, and the tests stay green."""
    (fault,) = plant_exports("a.py", b"def send(): ...\ndef other(): ...\n", {"send": "a.send"})
    assert fault.content == b"def send_renamed(): ...\ndef other(): ...\n"
    assert fault.expected == ("a.send",)


def test_what_does_not_parse_gets_no_fault() -> None:
    """A fault in a broken file would measure the parser."""
    assert not list(plant_mounts("a.py", b"app.include_router(\n"))
