"""Templates that are Ruby throughout (`.builder`, `.jbuilder`), one symbol each."""

from release_harness.steps.evidence.impact.extract.languages.erb import Template
from release_harness.steps.evidence.impact.extract.languages.syntax import read
from release_harness.steps.evidence.impact.facts import FileFacts


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of one template; never raises on bad input."""
    return read(Template, content)
