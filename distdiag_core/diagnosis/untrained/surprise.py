"""Surprise of the newest values: how improbable they are by the past, in powers of ten.

A value at which the past's tail leaves one tick in a thousand has surprise 3. Values within the middle 80 % have none,
and neither have unknown ones: a missing figure is evidence of nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features.peers import median_of_others
from distdiag_core.diagnosis.untrained.past_statistics import TAIL_SHARE

if TYPE_CHECKING:
    from distdiag_core.diagnosis.untrained.past_statistics import PastStatistics
    from distdiag_core.metrics.frame import Array, Mask

_BODY = -np.log10(TAIL_SHARE)
_DECADE = np.log(10)
# How unequal the nodes' parts in a change of load may be, on the log scale.
_UNEQUAL_LOAD = 2


def surprise(newest: Array, past: PastStatistics) -> Array:
    """Signed surprise of the newest values (N, M) on the log scale; positive for a rise, zero where unknown."""
    rise = (newest - past.high) / past.above
    fall = (past.low - newest) / past.below
    signed = np.where(rise > 0, _BODY + rise / _DECADE, np.where(fall > 0, -_BODY - fall / _DECADE, 0))
    result: Array = np.nan_to_num(signed).astype(np.float32)
    return result


def shared_move(moves: Array, load_change: Mask) -> Array:
    """The part of the moves (N, M) from the middle of the past that the other nodes have made too, at the median.

    Zero for a single node, and where the peers moved the other way. Where a change of load is under way, shape (N,),
    it reaches the nodes unequally, so that up to twice what the others have moved is shared.
    """
    if len(moves) == 1:
        return np.zeros_like(moves)
    others = np.nan_to_num(median_of_others(np.nan_to_num(moves).T).T)
    bound = np.abs(others) * np.where(load_change, np.float32(_UNEQUAL_LOAD), np.float32(1))[:, None]
    shared: Array = np.where(others * moves > 0, np.sign(moves) * np.minimum(bound, np.abs(moves)), 0)
    return np.nan_to_num(shared)
