"""Templates with Ruby inside (`.erb`): what stands between `<%` and `%>` is read as Ruby, on the lines on which it stands.

The whole template is one symbol, so that a changed word of its text is a change of the template.
"""

import re
from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.extract.languages.ruby import Ruby
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import FileFacts

if TYPE_CHECKING:
    from tree_sitter import Node

VIEW = "<view>"
"""Name of the symbol that a template is."""
_CODE = re.compile(rb"<%(?P<mark>[%#]|[-=]=?)?(?P<code>.*?)-?%>", re.DOTALL)


class Template(Ruby):
    """Reads one template that is Ruby throughout."""

    language = "builder"

    def read(self, root: "Node") -> None:
        """Read the whole template as one symbol."""
        before = self.scope
        lines_count = self.content.count(b"\n") + (not self.content.endswith(b"\n"))
        self.scope = before.open("function", VIEW, (1, 1, max(lines_count, 1)), [], [], {}, [], None)
        self.block(root)
        self.close(before)


class Erb(Template):
    """Reads one template with Ruby inside."""

    language = "erb"

    def __init__(self, content: bytes) -> None:
        """Start with the Ruby of a template; everything else is blank."""
        super().__init__(ruby_of(content))


def ruby_of(content: bytes) -> bytes:
    """Return the Ruby of a template with line breaks where they were; each piece is a statement of its own."""
    found: list[bytes] = []
    position = 0
    for match in _CODE.finditer(content):
        found.append(_blank(content[position : match.start()]))
        code = match["code"]
        if match["mark"] in {b"#", b"%"}:
            code = _blank(code)
        found.append(b" " + code + b";")
        position = match.end()
    found.append(_blank(content[position:]))
    return b"".join(found)


def _blank(text: bytes) -> bytes:
    return b"\n" * text.count(b"\n")


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one template; never raises on bad input."""
    return read(Erb, content)
