"""The digests that evidence, approvals, decisions, merges and deployments name."""

import hashlib
import json
import re
from typing import NewType

from release_harness.kernel.records import Plain

ObjectId = NewType("ObjectId", str)
"""A git object id in full, SHA-1 or SHA-256, lower-case hexadecimal."""
CommitId = NewType("CommitId", str)
TreeId = NewType("TreeId", str)
"""The tree of a merge onto a base: tests bind to it."""
ChangeDigest = NewType("ChangeDigest", str)
"""`sha256:<hex>` over the raw diff base..result: approvals bind to it."""
PolicyDigest = NewType("PolicyDigest", str)
"""`sha256:<hex>` over the policy that judged."""
Sha256 = NewType("Sha256", str)
"""`sha256:<hex>` over any bytes."""

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def digest_bytes(content: bytes) -> Sha256:
    """Return the SHA-256 of the bytes as `sha256:<hex>`."""
    return Sha256("sha256:" + hashlib.sha256(content).hexdigest())


def is_sha256(text: str) -> bool:
    """Tell whether the text is a whole `sha256:<hex>` digest."""
    return _SHA256.fullmatch(text) is not None


def canonical_json(value: Plain) -> bytes:
    """Write plain data as canonical JSON (RFC 8785: sorted keys, no spaces, UTF-8).

    Floats are refused: RFC 8785 number formatting differs from Python's, and nothing that rh signs needs one.
    """
    _refuse_floats(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _refuse_floats(value: Plain) -> None:
    if isinstance(value, float):
        message = f"canonical JSON takes no float: {value!r}"
        raise TypeError(message)
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_floats(item)
