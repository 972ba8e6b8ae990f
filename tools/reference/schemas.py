"""JSON Schemas of every request, every answer, and the files that people write."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from reference.observed import kept
from release_harness.adapters import policy_file
from release_harness.app import all_operations
from release_harness.kernel.operations import AnyOperation

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class NeverSeenError(LookupError):
    """An answer is written by hand and nobody has recorded what it looks like."""


class OurJsonSchema(GenerateJsonSchema):
    """Writes durations as `to_plain` writes them: a number of seconds."""

    def timedelta_schema(self, schema: Any) -> JsonSchemaValue:
        """Say seconds, as a number."""
        del schema
        return {"type": "number", "description": "seconds"}


def schema_names(operation: AnyOperation) -> tuple[str, str]:
    """Return the file names of the schemas of an operation's answer and of its request."""
    return f"{operation.schema.replace('/', '.')}.json", f"{operation.name.replace(' ', '-')}.request.json"


def schema_files() -> Mapping[str, str]:
    """Return file name -> JSON Schema."""
    files: dict[str, dict[str, Any]] = {"rh.error.1.json": error_schema()}
    for operation in all_operations():
        answer, request = schema_names(operation)
        # Several commands may give one answer: the first of them names the schema.
        files.setdefault(answer, answer_schema(operation))
        files[request] = request_schema(operation)
    for name, schema in policy_file.schemas().items():
        files[name] = {"$schema": DIALECT, **schema}
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in sorted(files.items())}


def request_schema(operation: AnyOperation) -> dict[str, Any]:
    """Return the schema of what `--input` takes."""
    body = _schema_of(operation.input, "validation")
    return {"$schema": DIALECT, **body, "title": f"Request of rh {operation.name}", "additionalProperties": False}


def answer_schema(operation: AnyOperation) -> dict[str, Any]:
    """Return the schema of what `--format json` prints."""
    body = _answer_body(operation)
    properties = {**body.pop("properties", {}), "schema": {"const": operation.schema}}
    required = ["schema", *(each for each in body.pop("required", []) if each != "schema")]
    return {
        "$schema": DIALECT,
        **body,
        "title": operation.schema,
        "description": f"Answer of `rh {operation.name}`: {operation.summary}",
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _answer_body(operation: AnyOperation) -> dict[str, Any]:
    if operation.plain is None:
        return _schema_of(operation.output, "serialization")
    seen = kept(operation.schema)
    if seen is None:
        message = f"rh {operation.name} has never been seen to answer; run tools/record_answers.py"
        raise NeverSeenError(message)
    return seen


def _schema_of(shape: Any, mode: JsonSchemaMode) -> dict[str, Any]:
    return TypeAdapter(shape).json_schema(mode=mode, schema_generator=OurJsonSchema)


def error_schema() -> dict[str, Any]:
    """Return the schema of an error, the same for every command."""
    text = {"type": "string"}
    place = {"type": ["integer", "null"], "description": "counted from 1; null when it is not known"}
    fault = {
        "says": text,
        "file": text,
        "line": place,
        "column": place,
        "path": text,
        "expected": text,
        "suggestion": text,
    }
    error = {
        "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
        "says": text,
        "hint": text,
        "subject": text,
        "exit_code": {"type": "integer"},
        "faults": {"type": "array", "items": _closed(fault)},
    }
    return {
        "$schema": DIALECT,
        "title": "rh.error/1",
        "description": "What every command prints with `--format json` when it cannot answer.",
        **_closed({"schema": {"const": "rh.error/1"}, "error": _closed(error)}),
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
