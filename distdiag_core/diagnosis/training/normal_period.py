"""Normal operation in held-out windows, on which false alarms are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.window_labels import WindowLabels
    from distdiag_core.metrics.frame import Array, Mask


@dataclass(frozen=True, slots=True, eq=False)
class NormalPeriod:
    """Moments of held-out cases: a moment is one tick of one case, with the windows of all its nodes.

    Attributes:
        moment: shape (S,), index of the moment of each window; those of one case follow each other.
        follows: shape (moments,), whether a moment continues the one before it.
        normal: shape (moments,), whether no node was anomalous, nor recovering.
        hours: duration of the normal moments.
    """

    moment: NDArray[np.intp]
    follows: Mask
    normal: Mask
    hours: float

    @classmethod
    def of(cls, labels: WindowLabels, chosen: Mask) -> NormalPeriod:
        """Moments of the windows where `chosen`, shape (S,), is true."""
        case = labels.case[chosen]
        _, first, moment = np.unique(
            np.stack((case, labels.tick[chosen])), axis=1, return_index=True, return_inverse=True
        )
        normal = labels.normal[chosen][first]
        follows = np.concatenate(([False], (np.diff(case[first]) == 0) & normal[:-1]))
        return cls(moment, follows, normal, float(labels.hours[chosen][first][normal].sum()))

    def highest(self, scores: Array) -> Array:
        """Highest score of each anomaly at each moment, (S, L) to (moments, L); -inf where it is not normal."""
        found = np.full((len(self.normal), scores.shape[1]), -np.inf, dtype=np.float32)
        np.maximum.at(found, self.moment, np.nan_to_num(scores))
        found[~self.normal] = -np.inf
        return found

    def alarms(self, over: Mask) -> int:
        """Number of alarms that begin, from the moments at which a score is over its threshold, shape (moments,)."""
        before = self.follows & np.concatenate(([False], over[:-1]))
        return int((over & ~before).sum())
