"""TypeScript with elements (TSX)."""

from release_harness.steps.evidence.impact.extract.languages.ecmascript_classes import Module
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import FileFacts


class Tsx(Module):
    """Reads TypeScript with elements (TSX)."""

    language = "tsx"
    grammar = ("tree_sitter_typescript", "language_tsx")


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(Tsx, content)
