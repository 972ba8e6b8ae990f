"""The published schemas say what the reader takes: both are made from the same shapes."""

from collections.abc import Iterator
from typing import Any

import pytest

from release_harness.adapters.policy_file import policy_schema, project_schema, schemas


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from _objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _objects(inner)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_reference_of_a_schema_resolves(name: str) -> None:
    """An editor that meets a broken reference completes nothing and says nothing."""
    schema = schemas()[name]
    wanted = {each["$ref"] for each in _objects(schema) if "$ref" in each}
    assert wanted <= {f"#/$defs/{key}" for key in schema["$defs"]}
    assert {f"#/$defs/{key}" for key in schema["$defs"]} <= wanted


@pytest.mark.parametrize("name", sorted(schemas()))
def test_no_object_of_a_schema_takes_unknown_keys(name: str) -> None:
    """A misspelt key must be red in the editor, before any gate says so."""
    for each in _objects(schemas()[name]):
        if each.get("type") == "object":
            assert "additionalProperties" in each


def test_the_policy_schema_knows_the_language() -> None:
    """Operators that are words of Python, the names of facts and the rule of one operator are in it."""
    schema = policy_schema()
    condition = schema["$defs"]["condition"]
    assert {"in", "not", "all", "any", "matches", "known"} <= set(condition["properties"])
    assert "tests.failed_count" in condition["properties"]["fact"]["anyOf"][0]["enum"]
    assert condition["oneOf"][0] == {"required": ["fact"], "minProperties": 2, "maxProperties": 2}
    assert schema["required"] == ["version", "require"]
    assert schema["properties"]["version"] == {"const": 1}


def test_the_project_schema_asks_for_argument_lists() -> None:
    """A command is a list of words; shell text is red in the editor."""
    commands = project_schema()["$defs"]["test"]["properties"]["commands"]
    assert commands["items"]["type"] == "array"
