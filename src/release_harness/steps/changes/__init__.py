"""The change, its diff facts, its digests and its release card."""
