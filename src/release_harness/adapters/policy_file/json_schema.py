"""JSON Schemas for editors, made from the same shapes that the files are read by."""

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, is_dataclass
from datetime import timedelta
from typing import Annotated, Any, get_args, get_origin

from release_harness.adapters.policy_file.case_shapes import CasesShape
from release_harness.adapters.policy_file.project_shapes import ProjectShape
from release_harness.adapters.policy_file.shape_reader import keys_of
from release_harness.adapters.policy_file.shapes import ConditionShape, FilesShape, PolicyShape
from release_harness.kernel.records import to_plain
from release_harness.policy.catalog import FACTS

_DURATION = {
    "type": "string",
    "pattern": r"^(\s*\d+\s*(ms|s|m|h|d|w))+\s*$",
    "description": "A duration such as 15m, 24h or 7d.",
}
_MARKS: Mapping[str, dict[str, Any]] = {
    "not empty": {"type": "string", "minLength": 1, "pattern": r"\S"},
    "scalar": {"type": ["boolean", "number", "string"]},
    "owners": {"anyOf": [{"enum": ["any", "all"]}, {"type": "integer", "minimum": 1}]},
}
_OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le", "in", "contains", "matches", "known")


def json_schemas() -> Mapping[str, dict[str, Any]]:
    """Return every schema by the name of its file."""
    return {
        "policy.schema.json": _document(
            PolicyShape, "policy", "`.rh/policy.yaml`: what may pass, and what it must show."
        ),
        "project.schema.json": _document(
            ProjectShape, "project", "`.rh/project.yaml`: how the project is tested and lands."
        ),
        "policy-tests.schema.json": _document(CasesShape, "policy-tests", "Cases for `rh policy test`."),
    }


def _document(shape: type, name: str, says: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    root = _record(shape, found)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"release-harness {name}",
        **root,
        "description": says,
        "$defs": {key: found[key] for key in sorted(found)},
    }


def _record(shape: type, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for key, (each, hint) in keys_of(shape).items():
        described = _of(hint, each.metadata, found)
        if each.metadata.get("doc"):
            described = {**described, "description": each.metadata["doc"]}
        if each.default is MISSING and each.default_factory is MISSING:
            required.append(key)
        elif each.default is not MISSING and each.default is not None and not is_dataclass(each.default):
            described = {**described, "default": to_plain(each.default)}
        properties[key] = described
    schema: dict[str, Any] = {"type": "object", "description": shape.__doc__, "properties": properties}
    if required:
        schema["required"] = required
    return {**schema, "additionalProperties": False, **_closer(shape, properties)}


def _closer(shape: type, properties: dict[str, Any]) -> dict[str, Any]:
    """Say what keys alone cannot: a condition has one kind, and a fact one operator."""
    if shape is FilesShape:
        return {"minProperties": 1, "maxProperties": 1}
    if shape is not ConditionShape:
        return {}
    properties["fact"] = {
        "anyOf": [
            {"enum": [each.name for each in FACTS]},
            {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"},
        ],
        "description": "Name of a fact; compare it with exactly one operator.",
    }
    kinds = [key for key in properties if key not in (*_OPERATORS, "fact")]
    return {
        "oneOf": [
            {"required": ["fact"], "minProperties": 2, "maxProperties": 2},
            *({"required": [key], "maxProperties": 1} for key in kinds),
        ]
    }


def _of(hint: Any, limits: Mapping[str, Any], found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, typing.Union):
        options = [_of(each, limits, found) for each in inner if each is not type(None)]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if origin is Annotated:
        return _of(inner[0], {"least": 1, **_set(limits)}, found) if inner[1] == "paths" else dict(_MARKS[inner[1]])
    if origin is typing.Literal:
        return {"const": inner[0]} if len(inner) == 1 else {"enum": list(inner)}
    if origin is tuple:
        counted = {"minItems": limits["least"]} if limits.get("least") else {}
        return {"type": "array", "items": _of(inner[0], {}, found), **counted}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1], {}, found)}
    if is_dataclass(hint):
        return _reference(typing.cast("type", hint), found)
    return _plain(hint, limits)


def _set(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in limits.items() if value is not None}


def _reference(shape: type, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    name = shape.__name__.removesuffix("Shape").lower()
    if name not in found:
        found[name] = {}
        found[name] = _record(shape, found)
    return {"$ref": f"#/$defs/{name}"}


def _plain(hint: Any, limits: Mapping[str, Any]) -> dict[str, Any]:
    if hint is timedelta:
        return dict(_DURATION)
    if hint is bool:
        return {"type": "boolean"}
    if hint is str:
        return {"type": "string"}
    bounds = {"least": "minimum", "most": "maximum"}
    return {"type": "integer", **{word: limits[name] for name, word in bounds.items() if limits.get(name) is not None}}
