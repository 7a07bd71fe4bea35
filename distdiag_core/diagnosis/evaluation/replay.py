"""Replay of a labelled case through a diagnosis: what is reported at each tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """Diagnoses of one case at D of its ticks.

    Attributes:
        times_s: shape (D,), seconds since the epoch.
        anomalies: names, L of them.
        importance: shape (D, N, L), by which root causes are ranked.
        confidence: shape (D, N, L), 0 to 1.
        over_threshold: shape (D, N, L).
        anomalous: shape (D,), whether any root cause is active.
        has_past: shape (D,), whether there was a clean past to compare with.
        window_s: length of the window behind each diagnosis.
    """

    case: Case
    anomalies: tuple[str, ...]
    times_s: NDArray[np.float64]
    importance: Array
    confidence: Array
    over_threshold: Mask
    anomalous: Mask
    has_past: Mask
    window_s: float

    def ranking(self, ticks: Mask) -> tuple[tuple[str, str], ...]:
        """(node, anomaly) by mean importance over these ticks, shape (D,); over those with a past if there are any."""
        best = ticks & self.has_past
        mean = self.importance[best if best.any() else ticks].mean(axis=0)
        order = np.argsort(-mean, axis=None, kind="stable").tolist()
        nodes, count = self.case.window.nodes, len(self.anomalies)
        return tuple((nodes[place // count], self.anomalies[place % count]) for place in order)


def replay(model: Model, case: Case) -> Replay:
    """Diagnose a case as if it happened now: at each tick only the ticks before it are known."""
    diagnoser = Diagnoser(model, case.period_s)
    seen = [diagnoser.observe(window) for window in growing_windows(case, diagnoser.lengths.window)]
    return Replay(
        case,
        model.anomalies,
        case.window.times_s[len(case.window) - len(seen) :],
        np.stack([each.importance for each in seen]).astype(np.float32),
        np.stack([each.scores.confidence for each in seen]),
        np.stack([each.scores.confidence >= each.scores.threshold for each in seen]),
        np.array([each.anomalous for each in seen]),
        np.array([bool(each.scores.has_past.any()) for each in seen]),
        diagnoser.lengths.window * case.period_s,
    )


def growing_windows(case: Case, width: int) -> Iterator[Window]:
    """Windows of a case from its first tick up to each tick from `width` on; the whole case where it is shorter."""
    whole = case.window
    for end in range(min(width, len(whole)), len(whole) + 1):
        yield Window(whole.times_s[:end], whole.nodes, whole.metrics, whole.values[..., :end])
