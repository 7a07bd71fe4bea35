"""Ticks of a run on the log scale, and the clean past that its windows are compared with."""

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


class LogTicks:
    """Ticks of a run on the log scale, of which only those are computed that the last call did not have.

    Times only ever advance, and the values of a tick never change.
    """

    def __init__(self, features: FeatureSpec) -> None:
        self._features = features
        self._source: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._times_s: NDArray[np.float64] = np.zeros(0)
        self._kept: Array = np.zeros((0, 0, 0), dtype=np.float32)

    def at(self, window: Window, ticks: NDArray[np.intp]) -> Array:
        """Values at these ticks of the history, shape (N, M, len(ticks))."""
        times_s, source = window.times_s[ticks], (window.nodes, window.metrics)
        first = int(np.searchsorted(self._times_s, times_s[0])) if len(ticks) and source == self._source else 0
        known = self._times_s[first:]
        if source == self._source and len(known) and np.array_equal(known, times_s[: len(known)]):
            newer = self._features.log_values(_select(window, ticks[len(known) :]))
            values = np.concatenate((self._kept[..., first:], newer), axis=-1)
        else:
            values = self._features.log_values(_select(window, ticks))
        self._source, self._times_s, self._kept = source, times_s, values
        return values


class CleanPast:
    """Clean past of one run, kept from tick to tick since most of it stays the same."""

    def __init__(self, features: FeatureSpec) -> None:
        self._ticks = LogTicks(features)
        self._kept: Past | None = None
        self._source: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def at(self, window: Window, ticks: NDArray[np.intp]) -> Past:
        """Past at these ticks of the history."""
        times_s, source = window.times_s[ticks], (window.nodes, window.metrics)
        before = self._kept if self._source == source else None
        if before is not None and np.array_equal(before.times_s, times_s):
            return before
        log_values = self._ticks.at(window, ticks)
        past = Past(times_s, log_values, baseline_window.baseline(log_values))
        self._kept, self._source = past, source
        return past


def _select(window: Window, ticks: NDArray[np.intp]) -> Window:
    return Window(window.times_s[ticks], window.nodes, window.metrics, window.values[..., ticks])
