"""Components of Vue and Svelte: their `<script>` blocks, on the lines where they stand; the template is not read."""

import re

from release_harness.steps.evidence.impact.extract.languages.ecmascript_classes import Module
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import FileFacts

_OPENS, _CLOSES = re.compile(rb"<script\b[^<>]{0,400}>", re.IGNORECASE), re.compile(rb"</script\s{0,9}>", re.IGNORECASE)
_NOT_LINE_ENDS = re.compile(rb"[^\n]")


class Component(Module):
    """Reads the scripts of one component."""

    language = "vue"
    grammar = ("tree_sitter_typescript", "language_typescript")


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one component; never raises on bad input."""
    kept: list[bytes] = []
    at = 0
    while opened := _OPENS.search(content, at):
        closed = _CLOSES.search(content, opened.end())
        if closed is None:
            break
        kept.extend((_NOT_LINE_ENDS.sub(b" ", content[at : opened.end()]), content[opened.end() : closed.start()]))
        at = closed.start()
    kept.append(_NOT_LINE_ENDS.sub(b" ", content[at:]))
    facts = read(Component, b"".join(kept))
    told = "the template is not read"
    return facts._replace(problem=facts.problem or told)
