"""Every event type that the ledger can hold, and the tables that fold it."""

import ast
from collections import defaultdict

from source_files import ROOT, python_files

from reference.layout import page, table
from reference.source_calls import calls, keyword, module_name, sentence


def event_page() -> str:
    """Return docs/reference/events.md."""
    rows: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for path, call, _ in calls(lambda name: name == "NewEvent"):
        kind = _name_of(keyword(call, "type"), path.read_text(encoding="utf-8"))
        version, subject = sentence(keyword(call, "version")), sentence(keyword(call, "subject"))
        rows[kind].add((version, subject, module_name(path)))
    folded = _folded()
    flat = [
        (f"`{kind}`", version, f"`{subject}`", f"`{place}`", ", ".join(f"`{each}`" for each in sorted(folded[kind])))
        for kind in sorted(rows)
        for version, subject, place in sorted(rows[kind])
    ]
    return page(
        "Events",
        "An event is in the past tense and is never edited or renamed. A reader accepts every version that was ever "
        "written. `…` stands for a value; the log holds a salted digest of the payload.",
        table(("event", "version", "subject", "written by", "folded by"), flat),
    )


def _name_of(node: ast.expr | None, source: str) -> str:
    """Return the type as text; a module constant is looked up."""
    if not isinstance(node, ast.Name):
        return sentence(node)
    for each in ast.parse(source).body:
        targets = (
            each.targets if isinstance(each, ast.Assign) else [each.target] if isinstance(each, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == node.id for target in targets):
            return sentence(getattr(each, "value", None))
    return "…"


def _folded() -> dict[str, set[str]]:
    """Return event type -> modules whose FOLDS handle it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in python_files("src"):
        if path.relative_to(ROOT).match("*/steps/*"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                target = getattr(node, "target", None) or next(iter(getattr(node, "targets", [])), None)
                value = getattr(node, "value", None)
                if isinstance(target, ast.Name) and target.id == "FOLDS" and isinstance(value, ast.Dict):
                    for key in value.keys:
                        found[_name_of(key, path.read_text(encoding="utf-8"))].add(module_name(path))
    return found
