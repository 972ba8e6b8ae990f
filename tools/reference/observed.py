"""Schemas of answers whose JSON form is written by hand: what real answers looked like, merged and kept in `observed/`.

`tools/record_answers.py` runs the real commands and widens what is kept here; a test validates fresh answers against it.
"""

import json
import re
from functools import reduce
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("observed")
_DATA_KEY = re.compile(r"[^a-z0-9_]")
Schema = dict[str, Any]


def kept(schema_name: str) -> Schema | None:
    """Return what was seen of an answer so far, or None."""
    path = file_of(schema_name)
    schema: Schema | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return schema


def file_of(schema_name: str) -> Path:
    """Return the file that keeps what was seen of an answer."""
    return FOLDER / f"{schema_name.replace('/', '.')}.json"


def shape_of(value: Any) -> Schema:
    """Return the schema of one value; an object whose keys are data becomes a map."""
    if isinstance(value, dict):
        if any(_DATA_KEY.search(key) for key in value):
            return {"type": "object", "additionalProperties": _merged(value.values())}
        properties = {key: shape_of(each) for key, each in value.items()}
        return {"type": "object", "properties": properties, "required": sorted(value)}
    if isinstance(value, list):
        return {"type": "array", "items": _merged(value)} if value else {"type": "array"}
    if value is None:
        return {"type": "null"}
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))
    return {"type": next(name for kind, name in names if isinstance(value, kind))}


def merge(first: Schema, second: Schema) -> Schema:
    """Return the schema that takes what either takes."""
    if not first or not second:
        return first or second
    options = [*_options(first), *_options(second)]
    merged: dict[str, Schema] = {}
    for option in options:
        known = merged.get(option["type"])
        merged[option["type"]] = option if known is None else _merge_alike(known, option)
    if "number" in merged:
        merged.pop("integer", None)
    listed = [merged[name] for name in sorted(merged)]
    return listed[0] if len(listed) == 1 else {"anyOf": listed}


def _options(schema: Schema) -> list[Schema]:
    options: list[Schema] = schema.get("anyOf", [schema])
    return options


def _merge_alike(first: Schema, second: Schema) -> Schema:
    if first["type"] == "array":
        items = merge(first.get("items", {}), second.get("items", {}))
        return {"type": "array", **({"items": items} if items else {})}
    if first["type"] != "object":
        return first
    if "additionalProperties" in first or "additionalProperties" in second:
        return {"type": "object", "additionalProperties": merge(_values(first), _values(second))}
    one, other = first.get("properties", {}), second.get("properties", {})
    properties = {
        key: merge(one.get(key, {}), other.get(key, {})) for key in [*one, *(key for key in other if key not in one)]
    }
    required = sorted(set(first.get("required", [])) & set(second.get("required", [])))
    return {"type": "object", "properties": properties, "required": required}


def _values(schema: Schema) -> Schema:
    if "additionalProperties" in schema:
        values: Schema = schema["additionalProperties"]
        return values
    return reduce(merge, schema.get("properties", {}).values(), {})


def _merged(values: Any) -> Schema:
    return reduce(merge, (shape_of(each) for each in values), {})
