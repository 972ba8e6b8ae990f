"""Real answers of the real commands are what the published JSON Schemas say."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
SCHEMAS = ROOT / "docs/reference/schemas"


@pytest.fixture
def _tools_on_the_path() -> Iterator[None]:
    before = list(sys.path)
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path[:] = before


@pytest.mark.slow
@pytest.mark.usefixtures("_tools_on_the_path")
def test_every_answer_is_what_its_schema_says(tmp_path: Path) -> None:
    """A schema that real answers do not fit breaks every program that trusts it (slow: runs forty commands)."""
    from record_answers import real_answers
    from reference.validation import faults

    wrong, names = [], set()
    for line, answer in real_answers(tmp_path.resolve()):
        names.add(answer["schema"])
        schema = json.loads((SCHEMAS / f"{answer['schema'].replace('/', '.')}.json").read_text())
        wrong += [f"{line}: {fault}" for fault in faults(answer, schema, schema)]
    assert wrong == []
    assert len(names) > 20


@pytest.mark.usefixtures("_tools_on_the_path")
@pytest.mark.parametrize(
    ("value", "schema", "holds"),
    [
        ({"a": 1}, {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, True),
        ({}, {"type": "object", "required": ["a"]}, False),
        ({"a": True}, {"type": "object", "properties": {"a": {"type": "integer"}}}, False),
        ({"a": 1}, {"type": "object", "additionalProperties": False}, False),
        ([1, "x"], {"type": "array", "items": {"type": "integer"}}, False),
        (None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        (1, {"anyOf": [{"type": "string"}, {"type": "null"}]}, False),
        ("b", {"enum": ["a"]}, False),
        ("x", {"$ref": "#/$defs/Number"}, False),
        (1, {"someNewKeyword": 1}, False),
    ],
)
def test_the_validator_tells_right_from_wrong(value: object, schema: dict[str, object], holds: bool) -> None:  # noqa: FBT001
    """A validator that accepts everything would make the test above say nothing."""
    from reference.validation import faults

    root = {"$defs": {"Number": {"type": "number"}}}
    assert (list(faults(value, schema, root)) == []) is holds


@pytest.mark.usefixtures("_tools_on_the_path")
def test_a_widened_shape_takes_what_both_showed() -> None:
    """A recorded contract only ever widens."""
    from reference.observed import merge, shape_of
    from reference.validation import faults

    first: dict[str, object] = {"a": None, "facts": {"x.y": 1}, "l": []}
    second: dict[str, object] = {"a": "b", "facts": {"x.z": "w"}, "l": [{"k": 1.5}], "n": 1}
    merged = merge(shape_of(first), shape_of(second))
    for value in (first, second):
        assert list(faults(value, merged, merged)) == []
    assert list(faults({"a": 1, "facts": {}, "l": []}, merged, merged)) != []
    assert merged["required"] == ["a", "facts", "l"]
