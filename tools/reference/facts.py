"""Every fact that a rule may name."""

from reference.layout import page, table
from release_harness.policy.catalog import FACTS


def fact_page() -> str:
    """Return docs/reference/facts.md."""
    rows = [(f"`{each.name}`", each.type, each.step, each.description) for each in FACTS]
    return page(
        "Facts",
        "A fact is computed from the change and its evidence, with its source; what could not be computed is unknown with "
        "its reason, never absent and never 0. A policy may declare further, custom facts under `facts:`.",
        table(("fact", "type", "computed by", "meaning"), rows),
    )
