"""Views of a window: its location against the node's own past and against a stored profile, and its movement.

The own past is what carries over to other machines, the profile is what remains where there is no clean past; a
classifier that learned with either of them hidden from it by turns uses whatever there is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features.window_statistics import LOCATION, MOVEMENT

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


class View(StrEnum):
    """What the statistics of a window are measured against."""

    OWN = "own"
    LEVEL = "level"
    MOVEMENT = "movement"


# The columns of one metric of one side.
COLUMNS: tuple[tuple[View, str], ...] = (
    *((View.OWN, statistic) for statistic in LOCATION),
    *((View.LEVEL, statistic) for statistic in LOCATION),
    *((View.MOVEMENT, statistic) for statistic in MOVEMENT),
)


def views(statistics: Array, baseline: Array, profile: Array) -> Array:
    """The columns of each metric of each node.

    Args:
        statistics: of windows, shape (..., N, M, 5).
        baseline: median of the node's clean past, shape (..., N, M); NaN where it has none.
        profile: median of normal training data, shape (M,).

    Returns:
        Shape (..., N, M, 8), in the order of `COLUMNS`.
    """
    location, movement = statistics[..., : len(LOCATION)], statistics[..., len(LOCATION) :]
    return np.concatenate((location - baseline[..., None], location - profile[:, None], movement), axis=-1)
