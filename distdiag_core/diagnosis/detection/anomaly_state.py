"""Calm over time: what is on and since when, and which past was clean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import in_spans
from distdiag_core.diagnosis.training.dataset_windows import ENOUGH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.scoring import Scores
    from distdiag_core.metrics.frame import Mask

# Off only when this far below the threshold that it went on at.
_OFF_SHARE = 0.6
# Trouble that lasts longer than this is how things are now: the past is learned anew.
_RELEARN_S = 300.0
_STEADY_S = 2.0


@dataclass(slots=True)
class _Trouble:
    """A root cause that is over its threshold."""

    onset_s: float
    over: int = 0
    on: bool = False


class Vigil:
    """Watches the scores of one run. Root causes are told by (node, anomaly) as places in the scores."""

    def __init__(self) -> None:
        self._troubles: dict[tuple[int, int], _Trouble] = {}
        self._dirty: list[tuple[float, float]] = []
        self._learned_from_s = -np.inf
        self._hushed_until_s = -np.inf
        self._anomalous_since_s: float | None = None

    def heir(self) -> Vigil:
        """One that knows which past was clean and nothing of root causes, whose places are another model's."""
        heir = Vigil()
        heir._dirty = list(self._dirty)
        heir._learned_from_s = self._learned_from_s
        heir._hushed_until_s = self._hushed_until_s
        return heir

    @property
    def anomalous(self) -> bool:
        """Whether any root cause is on."""
        return any(trouble.on for trouble in self._troubles.values())

    def is_on(self, place: tuple[int, int]) -> bool:
        """Whether this root cause is on."""
        return place in self._troubles and self._troubles[place].on

    def onset_s(self, place: tuple[int, int]) -> float | None:
        """Since when this root cause holds."""
        return self._troubles[place].onset_s if self.is_on(place) else None

    def clean(self, times_s: NDArray[np.float64]) -> Mask:
        """Which of these ticks can serve as a reference, shape (T,)."""
        return (times_s > self._learned_from_s) & ~in_spans(times_s, self._dirty)

    def forget(self, until_s: float, hush_s: float = 0.0) -> None:
        """Nothing up to `until_s` tells any more what is normal, and for so long from then on nobody is accused."""
        self._learned_from_s = until_s
        self._hushed_until_s = until_s + hush_s
        self._dirty.clear()
        self._troubles.clear()
        self._anomalous_since_s = None

    def observe(self, scores: Scores, time_s: float, window_s: float, period_s: float) -> None:
        """Take note of one tick, whose window began `window_s` before it."""
        if time_s < self._hushed_until_s:
            return
        self._update(scores, time_s, window_s, max(1, round(_STEADY_S / period_s)))
        if not self.anomalous:
            self._anomalous_since_s = None
            return
        if self._anomalous_since_s is None:
            self._anomalous_since_s = time_s
        if time_s - self._anomalous_since_s > _RELEARN_S:
            self.forget(time_s - window_s)
        elif scores.has_past.any() or len(scores.has_past) > 1:
            # Without a past and without peers only the profile cries wolf: a new system, more likely than trouble.
            self._spoil(time_s - window_s, time_s)

    def _update(self, scores: Scores, time_s: float, window_s: float, steady: int) -> None:
        over = scores.confidence >= scores.threshold
        for place in zip(*(each.tolist() for each in np.nonzero(over)), strict=True):
            # By the time that a classifier speaks up, that much of the window is trouble already.
            trouble = self._troubles.setdefault(place, _Trouble(time_s - ENOUGH * window_s))
            trouble.over += 1
            trouble.on = trouble.on or trouble.over >= steady
        for place in [place for place in self._troubles if not over[place]]:
            trouble = self._troubles[place]
            trouble.over = 0
            if not trouble.on or scores.confidence[place] < _OFF_SHARE * scores.threshold[place]:
                del self._troubles[place]

    def _spoil(self, start_s: float, end_s: float) -> None:
        if self._dirty and self._dirty[-1][1] >= start_s:
            start_s = min(start_s, self._dirty.pop()[0])
        self._dirty.append((start_s, end_s))
        del self._dirty[:-50]
