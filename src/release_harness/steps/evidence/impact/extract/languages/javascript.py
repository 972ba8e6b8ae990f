"""JavaScript with elements (JSX)."""

from release_harness.steps.evidence.impact.extract.languages.ecmascript_classes import Module
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import FileFacts


class JavaScript(Module):
    """Reads JavaScript with elements (JSX)."""

    language = "javascript"
    grammar = ("tree_sitter_javascript", "language")


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one file; never raises on bad input."""
    return read(JavaScript, content)
