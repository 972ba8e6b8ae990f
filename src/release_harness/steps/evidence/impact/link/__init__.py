"""From the facts of single files to one program: what names mean, what refers to what, and what is registered where."""

from release_harness.steps.evidence.impact.link.linked import Linked, link, link_sources

__all__ = ["Linked", "link", "link_sources"]
