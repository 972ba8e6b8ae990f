"""Whether changes that are each green still work together: compares what two of them bring, by symbol and not by line."""

from release_harness.steps.evidence.impact.together.clashes import find_clashes
from release_harness.steps.evidence.impact.together.migrations import migration_keys

__all__ = ["find_clashes", "migration_keys"]
