"""From which probability on an anomaly is called by its name, so that normal life has few false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.dataset_windows import FALSE, TRUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.dataset_windows import Facts
    from distdiag_core.metrics.frame import Array, Mask

# At most this share of windows without the anomaly may be called by its name, those of other anomalies included.
_FALSE_SHARE = 0.002
_LOWEST, _HIGHEST = 0.4, 0.9


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on an anomaly is called by its name; found on cases that the classifier was not trained on."""

    past: float = 0.5
    level: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class NormalLife:
    """Held-out moments of clusters: which are normal, and for how long.

    Attributes:
        moment: shape (S,), which windows are of one case and tick; those of one case follow each other.
        follows: shape (moments,), whether a moment continues the one before it.
        normal: shape (moments,), whether nothing was wrong on any node, nor a while before.
        hours: how long the normal ones last.
    """

    moment: NDArray[np.intp]
    follows: Mask
    normal: Mask
    hours: float

    @classmethod
    def of(cls, facts: Facts, chosen: Mask) -> NormalLife:
        """Of these windows."""
        case = facts.case[chosen]
        _, first, moment = np.unique(
            np.stack((case, facts.tick[chosen])), axis=1, return_index=True, return_inverse=True
        )
        normal = facts.calm[chosen][first]
        follows = np.concatenate(([False], (np.diff(case[first]) == 0) & normal[:-1]))
        return cls(moment, follows, normal, float(facts.hours[chosen][first][normal].sum()))

    def loudest(self, scores: Array) -> Array:
        """The highest score of each anomaly (S, L) at each moment, shape (moments, L); below all where not normal."""
        found = np.full((len(self.normal), scores.shape[1]), -np.inf, dtype=np.float32)
        np.maximum.at(found, self.moment, np.nan_to_num(scores))
        found[~self.normal] = -np.inf
        return found

    def alarms(self, over: Mask) -> int:
        """How often an alarm begins, by the moments that are over a threshold."""
        before = self.follows & np.concatenate(([False], over[:-1]))
        return int((over & ~before).sum())


def choose(scores: Array, truth: NDArray[np.int8], life: NormalLife, alarms: int) -> Array:
    """The thresholds of L anomalies from held-out scores (S, L), NaN where there are none, and truth (S, L).

    They are as low as false alarms allow, all anomalies together, but none where it would miss most of what is true.
    """
    floors = np.array([_floor(column, of) for column, of in zip(scores.T, truth.T, strict=True)], dtype=np.float32)
    caps = np.array([_cap(column, of) for column, of in zip(scores.T, truth.T, strict=True)], dtype=np.float32)
    loudest = life.loudest(scores)
    bounds = np.maximum(floors, np.nextafter(loudest.max(axis=0, initial=0), np.float32(2)))
    lowered = np.ones(len(bounds), dtype=np.bool_)
    while (lowered := lowered & (bounds > floors)).any():
        place = int(np.argmax(np.where(lowered, bounds, -1)))
        quieter = np.unique(loudest[loudest[:, place] < bounds[place], place])
        tried = bounds.copy()
        # Just above the next score but one, so that the next one is over it.
        tried[place] = (
            max(floors[place], np.nextafter(quieter[-2], np.float32(2))) if len(quieter) > 1 else floors[place]
        )
        lowered[place] = life.alarms((loudest >= tried).any(axis=1)) <= alarms
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
