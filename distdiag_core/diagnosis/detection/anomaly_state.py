"""State of a diagnosis over time: which root causes are active and since when, and which past is clean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import in_spans
from distdiag_core.diagnosis.features.baseline_window import ANOMALOUS_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.scoring import Scores
    from distdiag_core.metrics.frame import Mask

# A root cause ends only when its confidence is this far below its threshold (hysteresis).
_OFF_SHARE = 0.6
# A state that lasts longer than this is the new normal: the baseline is reset.
_RESET_S = 300.0
_STEADY_S = 2.0
_MAX_SPANS = 50


@dataclass(slots=True)
class _Suspect:
    """A root cause that is over its threshold, and active once it has been so for some ticks."""

    onset_s: float
    ticks_over: int = 0
    active: bool = False
    dated: bool = False


class AnomalyState:
    """State of one run. A root cause is identified by its (node, anomaly) indices in the scores."""

    def __init__(self) -> None:
        self._suspects: dict[tuple[int, int], _Suspect] = {}
        self._contaminated: list[tuple[float, float]] = []
        self._baseline_from_s = -np.inf
        self._muted_until_s = -np.inf
        self._anomalous_since_s: float | None = None

    def successor(self) -> AnomalyState:
        """A state with the same clean past and no root causes, since the indices of another model differ."""
        state = AnomalyState()
        state._contaminated = list(self._contaminated)
        state._baseline_from_s = self._baseline_from_s
        state._muted_until_s = self._muted_until_s
        return state

    @property
    def anomalous(self) -> bool:
        """Whether any root cause is active."""
        return any(suspect.active for suspect in self._suspects.values())

    def is_active(self, place: tuple[int, int]) -> bool:
        """Whether this root cause is active."""
        return place in self._suspects and self._suspects[place].active

    def onset_s(self, place: tuple[int, int]) -> float | None:
        """Onset of an active root cause, seconds since the epoch; None where it is not active."""
        return self._suspects[place].onset_s if self.is_active(place) else None

    def is_dated(self, place: tuple[int, int]) -> bool:
        """Whether the onset of an active root cause was set by `date`."""
        return self._suspects[place].dated

    def date(self, place: tuple[int, int], onset_s: float | None) -> None:
        """Set the onset of an active root cause, as the metrics tell it; None where they do not."""
        suspect = self._suspects[place]
        suspect.dated = True
        suspect.onset_s = suspect.onset_s if onset_s is None else onset_s

    def clean(self, times_s: NDArray[np.float64]) -> Mask:
        """Which ticks can serve as a baseline, shape (T,)."""
        return (times_s > self._baseline_from_s) & ~in_spans(times_s, self._contaminated)

    def reset_baseline(self, until_s: float, mute_s: float = 0.0) -> None:
        """Drop the past up to `until_s` from the baseline, and mute all root causes for `mute_s` seconds from then."""
        self._baseline_from_s = until_s
        self._muted_until_s = until_s + mute_s
        self._contaminated.clear()
        self._suspects.clear()
        self._anomalous_since_s = None

    def observe(self, scores: Scores, time_s: float, window_s: float, period_s: float) -> None:
        """Take in the scores of the tick at `time_s`, whose window began `window_s` before it."""
        if time_s < self._muted_until_s:
            return
        self._update(scores, time_s, window_s, max(1, round(_STEADY_S / period_s)))
        if not self.anomalous:
            self._anomalous_since_s = None
            return
        if self._anomalous_since_s is None:
            self._anomalous_since_s = time_s
        if time_s - self._anomalous_since_s > _RESET_S:
            self.reset_baseline(time_s - window_s)
        elif scores.has_past.any() or len(scores.has_past) > 1:
            # A single node without a past is anomalous by the profile alone: more likely a new system than an anomaly.
            self.mark_contaminated(time_s - window_s, time_s)

    def mark_contaminated(self, start_s: float, end_s: float) -> None:
        """Exclude a stretch from the baseline; it joins the last one where the two overlap."""
        if self._contaminated and self._contaminated[-1][1] >= start_s:
            start_s = min(start_s, self._contaminated.pop()[0])
        self._contaminated.append((start_s, end_s))
        del self._contaminated[:-_MAX_SPANS]

    def _update(self, scores: Scores, time_s: float, window_s: float, steady: int) -> None:
        over = scores.confidence >= scores.threshold
        for place in zip(*(each.tolist() for each in np.nonzero(over)), strict=True):
            # By the time that a classifier responds, that share of the window is anomalous already.
            suspect = self._suspects.setdefault(place, _Suspect(time_s - ANOMALOUS_SHARE * window_s))
            suspect.ticks_over += 1
            suspect.active = suspect.active or suspect.ticks_over >= steady
        for place in [place for place in self._suspects if not over[place]]:
            suspect = self._suspects[place]
            suspect.ticks_over = 0
            if not suspect.active or scores.confidence[place] < _OFF_SHARE * scores.threshold[place]:
                del self._suspects[place]
