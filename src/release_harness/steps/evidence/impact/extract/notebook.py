"""Facts of a notebook: its Python cells, one after the other, as one module."""

import json

from release_harness.steps.evidence.impact.extract import python, unread
from release_harness.steps.evidence.impact.facts import FileFacts

_PYTHON_WORDS = frozenset({"python", "python2", "python3", "ipython"})


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of the cells; lines are those of the joined cells, and lines for the notebook itself are left out."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return unread("notebook", "no readable notebook: it is not JSON")
    cells = said.get("cells") if isinstance(said, dict) else None
    if not isinstance(cells, list):
        return unread("notebook", "no readable notebook: it has no list of cells")
    if _language(said) not in _PYTHON_WORDS:
        return unread("notebook", "a notebook of another language than Python")
    text = "\n".join(_code(each) for each in cells if isinstance(each, dict) and each.get("cell_type") == "code")
    return python.extract_source(text.encode("utf-8", "replace"))._replace(language="notebook")


def _language(said: dict[str, object]) -> str:
    metadata = said.get("metadata")
    for part in ("kernelspec", "language_info"):
        named = metadata.get(part) if isinstance(metadata, dict) else None
        language = named.get("language") or named.get("name") if isinstance(named, dict) else None
        if isinstance(language, str):
            return language.lower()
    return "python"


def _code(cell: dict[str, object]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(each for each in source if isinstance(each, str))
    if not isinstance(source, str) or source.startswith("%%"):
        return ""
    return "\n".join(_line(each) for each in source.split("\n"))


def _line(line: str) -> str:
    """Keep the place of a line for the notebook, but not what it says."""
    stripped = line.lstrip()
    if stripped[:1] in {"%", "!", "?"} or line.rstrip().endswith("?"):
        return line[: len(line) - len(stripped)] + "pass"
    return line
