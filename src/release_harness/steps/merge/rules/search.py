"""Finds the first landing that a change does not work with, in as few runs as a binary search needs."""


def next_probe(passing_count: int, failing_count: int) -> int | None:
    """Return how many landings to test with next, or None when the culprit is known.

    With the first `passing_count` landings the change passes, with the first `failing_count` it fails; when they are
    neighbours, the last of the failing ones is the culprit. It errs when a later landing mended an earlier one.
    """
    if failing_count - passing_count <= 1:
        return None
    return (passing_count + failing_count) // 2
