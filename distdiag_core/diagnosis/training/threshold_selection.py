"""Selection of thresholds on held-out scores, within a budget of false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.normal_period import NormalPeriod
    from distdiag_core.metrics.frame import Array

# At most this share of the windows without an anomaly may be over its threshold, those of other anomalies included.
_FALSE_SHARE = 0.002
_LOWEST, _HIGHEST = 0.4, 0.9


def select_thresholds(scores: Array, truth: NDArray[np.int8], period: NormalPeriod, alarms: int) -> Array:
    """Thresholds of L anomalies, as low as the false alarms of all of them together allow, shape (L,).

    None is above the median score of the windows that have the anomaly, since it would miss most of them.

    Args:
        scores: held-out scores, shape (S, L), NaN where there are none.
        truth: shape (S, L).
        alarms: the most false alarms in the whole normal period.
    """
    pairs = list(zip(scores.T, truth.T, strict=True))
    floors = np.array([_floor(column, of) for column, of in pairs], dtype=np.float32)
    caps = np.array([_cap(column, of) for column, of in pairs], dtype=np.float32)
    highest = period.highest(scores)
    bounds = np.maximum(floors, np.nextafter(highest.max(axis=0, initial=0), np.float32(2)))
    lowered = np.ones(len(bounds), dtype=np.bool_)
    while (lowered := lowered & (bounds > floors)).any():
        place = int(np.argmax(np.where(lowered, bounds, -1)))
        below = np.unique(highest[highest[:, place] < bounds[place], place])
        tried = bounds.copy()
        # Just above the next score but one, so that the next one is over it.
        tried[place] = max(floors[place], np.nextafter(below[-2], np.float32(2))) if len(below) > 1 else floors[place]
        lowered[place] = period.alarms((highest >= tried).any(axis=1)) <= alarms
        if lowered[place]:
            bounds = tried
    result: Array = np.clip(np.minimum(bounds, caps), _LOWEST, _HIGHEST)
    return result


def _floor(scores: Array, truth: NDArray[np.int8]) -> float:
    false = scores[~np.isnan(scores) & (truth == FALSE)]
    return max(_LOWEST, float(np.quantile(false, 1 - _FALSE_SHARE))) if len(false) else 0.5


def _cap(scores: Array, truth: NDArray[np.int8]) -> float:
    true = scores[~np.isnan(scores) & (truth == TRUE)]
    return float(np.median(true)) if len(true) else 0.5
