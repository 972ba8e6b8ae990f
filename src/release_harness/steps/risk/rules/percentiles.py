"""Features as places among what landed lately: the same scale in every repository, whatever its size and habits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

WINDOW_COUNT = 1000
"""Landings that a landing is compared with: the last ones before its block."""
BLOCK_COUNT = 100
"""Landings that share one comparison group; none of a block is in its own group."""
LEAST_COUNT = 50
"""With fewer landings before it, nothing is known of a landing's place."""


def trailing_percentiles(raw: "Matrix") -> "Matrix":
    """Return the place of each value among those of the window before it, -0.5 (lowest) to 0.5; ties lie in the middle."""
    import numpy as np

    places = np.zeros_like(raw)
    for start in range(LEAST_COUNT, len(raw), BLOCK_COUNT):
        group = np.sort(raw[max(0, start - WINDOW_COUNT) : start], axis=0)
        block = raw[start : start + BLOCK_COUNT]
        for column in range(raw.shape[1]):
            low = np.searchsorted(group[:, column], block[:, column], side="left")
            high = np.searchsorted(group[:, column], block[:, column], side="right")
            places[start : start + BLOCK_COUNT, column] = (low + high) / (2 * len(group)) - 0.5
    return places


def as_matrix(rows: Sequence[Sequence[float]], columns_count: int) -> "Matrix":
    """Make a matrix of rows, also of none."""
    import numpy as np

    made: Matrix = np.asarray(rows, dtype=np.float64).reshape(len(rows), columns_count)
    return made
