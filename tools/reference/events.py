"""Every event type that the ledger can hold, what it is about, and the tables that are folded from it."""

import ast
import importlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from source_files import python_files

from reference.layout import page, table
from reference.source_calls import calls, keyword, module_name, sentence

PACKAGE = "release_harness"


class NamelessEventError(LookupError):
    """The source makes an event whose type cannot be found out."""


def event_page() -> str:
    """Return docs/reference/events.md."""
    rows: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for path, call, _ in calls(lambda name: name == "NewEvent"):
        module = module_name(path)
        if not module.startswith("testing"):
            for kind in _types(keyword(call, "type"), module):
                rows[kind].add((sentence(keyword(call, "version")), _subject(keyword(call, "subject")), module))
    folded = _folded()
    flat = [
        (f"`{kind}`", version, subject, f"`{place}`", ", ".join(f"`{each}`" for each in folded.get(kind, ())))
        for kind in sorted(rows)
        for version, subject, place in sorted(rows[kind])
    ]
    return page(
        "Events",
        "An event is in the past tense and is never edited or renamed. A reader accepts every version that was ever "
        "written. `…` stands for a value; the log holds a salted digest of the payload.",
        table(("event", "version", "about", "written by", "folded by"), flat),
    )


def _types(node: ast.expr | None, module: str) -> list[str]:
    """Return the texts that the expression can be: a literal, a constant, or a choice between two."""
    if isinstance(node, ast.IfExp):
        return [*_types(node.body, module), *_types(node.orelse, module)]
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    value: Any = importlib.import_module(f"{PACKAGE}.{module}")
    words = ast.unparse(node).split(".") if node is not None else []
    if len(words) > 1 and not hasattr(value, words[0]):
        # A flow imports its store inside the function, so that reading loads no database.
        value, words = importlib.import_module(f"{PACKAGE}.{'.'.join(module.split('.')[:2])}.{words[0]}"), words[1:]
    for word in words:
        value = getattr(value, word, None)
    if not isinstance(value, str):
        message = f"{module}: the type of an event is {ast.unparse(node) if node else 'missing'}"
        raise NamelessEventError(message)
    return [value]


def _subject(node: ast.expr | None) -> str:
    said = sentence(node)
    return "" if said == "…" else f"`{said}`"


def _folded() -> Mapping[str, list[str]]:
    """Return event type -> modules whose FOLDS handle it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in python_files("src"):
        if path.name == "store.py":
            name = module_name(path)
            for kind in getattr(importlib.import_module(f"{PACKAGE}.{name}"), "FOLDS", {}):
                found[kind].append(name)
    return found
