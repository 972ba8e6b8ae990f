"""Validates JSON against the part of JSON Schema that our generated schemas use; anything else in a schema is an error."""

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_WORDS = frozenset({"$schema", "$defs", "title", "description", "default", "format", "uniqueItems", "examples"})
_CHECKS = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "anyOf",
        "oneOf",
        "enum",
        "const",
        "$ref",
        "pattern",
    }
    | {"minItems", "maxItems", "prefixItems", "minimum", "maximum"}
)


def faults(value: Any, schema: Any, root: dict[str, Any], path: str = "$") -> Iterator[str]:
    """Yield one sentence for every place where the value is not what the schema says."""
    if schema is True or schema == {}:
        return
    unknown = set(schema) - _WORDS - _CHECKS
    if unknown:
        yield f"{path}: the schema uses {sorted(unknown)}, which nobody checks"
    if "$ref" in schema:
        yield from faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, path)
    yield from _choice_faults(value, schema, root, path)
    if "type" in schema and not _is_one(value, schema["type"]):
        yield f"{path}: {value!r:.80} is no {schema['type']}"
        return
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r:.80} does not match {schema['pattern']}"
    if isinstance(value, dict):
        yield from _object_faults(value, schema, root, path)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), root, f"{path}[{index}]")


def _choice_faults(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    options = schema.get("anyOf") or schema.get("oneOf")
    if options and all(any(True for _ in faults(value, option, root, path)) for option in options):
        yield f"{path}: {value!r:.80} is none of {len(options)} shapes"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r:.80} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r:.80} is none of {schema['enum']}"


def _object_faults(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    for key in schema.get("required", []):
        if key not in value:
            yield f"{path}: {key} is missing"
    properties = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for key, item in value.items():
        if key in properties:
            yield from faults(item, properties[key], root, f"{path}.{key}")
        elif rest is False:
            yield f"{path}: {key} is not in the schema"
        else:
            yield from faults(item, rest, root, f"{path}.{key}")


def _is_one(value: Any, names: str | list[str]) -> bool:
    wanted = [names] if isinstance(names, str) else names
    if isinstance(value, bool):
        return "boolean" in wanted
    return any(isinstance(value, _TYPES[name]) for name in wanted)
