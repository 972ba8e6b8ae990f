"""The digest of a policy: the same for the same meaning, another for any other."""

from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from release_harness.kernel.digests import PolicyDigest, canonical_json, digest_bytes
from release_harness.kernel.records import Plain
from release_harness.policy.model import Policy


def policy_digest(policy: Policy) -> PolicyDigest:
    """Return `sha256:<hex>` over the policy's canonical form; comments and layout of its file do not count.

    The name of each record is part of the form (`all` and `any` hold the same fields), floats are written as text, and
    fields that have their default value are left out, so that a new optional field changes no digest.
    """
    return PolicyDigest(digest_bytes(canonical_json(_form(policy))))


def _form(value: object) -> Plain:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.value}"
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, timedelta):
        return {"microseconds": value // timedelta(microseconds=1)}
    if isinstance(value, tuple):
        return [_form(item) for item in value]
    if is_dataclass(value):
        named: dict[str, Any] = {
            each.name: _form(getattr(value, each.name))
            for each in fields(value)
            if getattr(value, each.name) != _default(each)
            or type(getattr(value, each.name)) is not type(_default(each))
        }
        return {type(value).__name__: named}
    message = f"{type(value).__name__} has no place in a policy"
    raise TypeError(message)


def _default(each: "Field[Any]") -> object:
    return MISSING if each.default is MISSING else each.default
