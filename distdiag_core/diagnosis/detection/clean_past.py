"""Clean past that the windows of a run are compared with, kept from tick to tick since most of it stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import baseline_window
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Clean ticks of all nodes on the log scale.

    Attributes:
        times_s: shape (R,), ascending.
        log_values: shape (N, M, R).
        baseline: their medians, shape (N, M); NaN where R is 0.
    """

    times_s: NDArray[np.float64]
    log_values: Array
    baseline: Array


class CleanPast:
    """Clean past of one run, in which times only ever advance."""

    def __init__(self, features: FeatureSpec) -> None:
        self._features = features
        self._kept: Past | None = None
        self._source: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def at(self, window: Window, ticks: NDArray[np.intp]) -> Past:
        """Past at these ticks of the history, of which only those are computed that the last call did not have."""
        times_s = window.times_s[ticks]
        before = self._kept if self._source == (window.nodes, window.metrics) else None
        if before is not None and np.array_equal(before.times_s, times_s):
            return before
        log_values = self._log_values(window, ticks, before)
        past = Past(times_s, log_values, baseline_window.baseline(log_values))
        self._kept, self._source = past, (window.nodes, window.metrics)
        return past

    def _log_values(self, window: Window, ticks: NDArray[np.intp], before: Past | None) -> Array:
        if before is None or not len(ticks):
            return self._features.log_values(_select(window, ticks))
        times_s = window.times_s[ticks]
        first = int(np.searchsorted(before.times_s, times_s[0]))
        shared = len(before.times_s) - first
        if not shared or not np.array_equal(before.times_s[first:], times_s[:shared]):
            return self._features.log_values(_select(window, ticks))
        newer = self._features.log_values(_select(window, ticks[shared:]))
        return np.concatenate((before.log_values[..., first:], newer), axis=-1)


def _select(window: Window, ticks: NDArray[np.intp]) -> Window:
    return Window(window.times_s[ticks], window.nodes, window.metrics, window.values[..., ticks])
