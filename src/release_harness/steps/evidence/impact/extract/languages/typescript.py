"""TypeScript without elements."""

from release_harness.steps.evidence.impact.extract.languages.ecmascript_classes import Module
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import FileFacts


class TypeScript(Module):
    """Reads TypeScript without elements."""

    language = "typescript"
    grammar = ("tree_sitter_typescript", "language_typescript")


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(TypeScript, content)
