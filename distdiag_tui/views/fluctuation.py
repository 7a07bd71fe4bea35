"""How far a figure has left what is normal for its node: beside figures on the wall and in the headings of charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Window
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.glyphs import Glyphs

# The newest ticks are compared with what was before; a few of them, so that one outlier marks nothing.
_NEWEST_TICKS = 5
_RECENT_TICKS = 20
# Fewer are no past.
_LEAST_TICKS = 30
# Of the past so many values are looked at; more would cost time and say the same.
_SAMPLES = 120
_LEFT_DEVIATIONS = 4.0
_LEAST_PERCENT = 10.0
_LEAST_POINTS = 5.0
# Normal figures are worked out anew after so many ticks.
_LASTS_TICKS = 10
_TWICE_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Band:
    """What is normal for a metric on each node; shapes (nodes,), NaN where it is unknown."""

    median: Array
    deviation: Array


class Normals:
    """The normal figures of the nodes of one snapshot, worked out metric by metric when they are asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._tick = snapshot.tick
        self._window = snapshot.window
        self._past = _clean_ticks(snapshot)
        self._bands: dict[str, Band | None] = {}

    def hold_for(self, snapshot: Snapshot) -> bool:
        """Whether they need not be worked out anew for a later snapshot."""
        aged = snapshot.tick - self._tick
        return 0 <= aged < _LASTS_TICKS and snapshot.window.nodes == self._window.nodes

    def band(self, metric: str) -> Band | None:
        """The normal figures of a metric; None without a past."""
        if metric not in self._bands:
            self._bands[metric] = self._work_out(metric)
        return self._bands[metric]

    def _work_out(self, metric: str) -> Band | None:
        window = self._window
        if metric not in window.metrics or len(self._past) < _LEAST_TICKS:
            return None
        step = max(1, len(self._past) // _SAMPLES)
        values = window.values[:, window.metrics.index(metric), :][:, self._past[::step]]
        low, middle, high = nan_statistics.quantiles(values, (0.16, 0.5, 0.84))
        return Band(middle, np.maximum((high - low) / 2, np.abs(middle) * 0.02))


def _clean_ticks(snapshot: Snapshot) -> NDArray[np.int64]:
    """The positions in the window of what came before the newest ticks, and before any trouble that goes on."""
    starts = [injection.started_s for injection in snapshot.injections]
    if snapshot.incident is not None:
        starts.append(snapshot.incident.onset_s)
    if snapshot.diagnosis is not None:
        starts += [cause.onset_s for cause in snapshot.diagnosis.root_causes if cause.onset_s is not None]
    times_s = snapshot.window.times_s[:-_RECENT_TICKS]
    return np.flatnonzero(times_s < min(starts, default=np.inf))


def thresholds(normals: Normals | None, node: str, metric: str, nodes: tuple[str, ...]) -> tuple[float, ...]:
    """The figures below and above which a node has left its normal; none where no normal is known."""
    band = normals.band(metric) if normals is not None else None
    if band is None or node not in nodes:
        return ()
    at = nodes.index(node)
    median, away = float(band.median[at]), _LEFT_DEVIATIONS * float(band.deviation[at])
    least = max(away, abs(median) * _LEAST_PERCENT / 100)
    return (median - least, median + least) if np.isfinite(least) and median > 0 else ()


@dataclass(frozen=True, slots=True)
class Fluctuation:
    """A figure that has left its normal, by so many percent of it."""

    percent: float

    def text(self, glyphs: Glyphs) -> str:
        """For instance `↑12%`, or `↑3.2x` where it is twice or more; at most five cells."""
        sign = glyphs.rise if self.percent > 0 else glyphs.fall
        if self.percent < _TWICE_PERCENT:
            return f"{sign}{abs(self.percent):.0f}%"
        factor = 1 + self.percent / 100
        return f"{sign}{factor:.1f}x" if factor < 9.95 else f"{sign}{min(factor, 999):.0f}x"


def fluctuation(normals: Normals | None, window: Window, node: str, metric: str, unit: str) -> Fluctuation | None:
    """How far a metric of a node has left its normal; None where it has not, or where no normal is known."""
    band = normals.band(metric) if normals is not None else None
    if band is None or node not in window.nodes:
        return None
    now = float(np.median(window.series(node, metric)[-_NEWEST_TICKS:]))
    at = window.nodes.index(node)
    median, deviation = float(band.median[at]), float(band.deviation[at])
    away = now - median
    if not np.isfinite(away) or median <= 0 or abs(away) < _LEFT_DEVIATIONS * deviation:
        return None
    percent = 100 * away / median
    small = abs(percent) < _LEAST_PERCENT or (unit == "%" and abs(away) < _LEAST_POINTS)
    return None if small else Fluctuation(percent)
