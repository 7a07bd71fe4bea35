"""A case as a diagnosis sees it pass by: what was said at each tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What was said of one case, at D of its ticks.

    Attributes:
        times_s: shape (D,), when.
        anomalies: L of them.
        importance: shape (D, N, L), what the ranking goes by.
        confidence: shape (D, N, L), how likely each is said to be.
        named: shape (D, N, L), which are over their thresholds.
        anomalous: shape (D,), whether anything was said to be wrong.
        well_founded: shape (D,), whether there was a past to hold the nodes against.
        window_s: how far back the word at a tick looks.
    """

    case: Case
    anomalies: tuple[str, ...]
    times_s: NDArray[np.float64]
    importance: Array
    confidence: Array
    named: Mask
    anomalous: Mask
    well_founded: Mask
    window_s: float

    def ranking(self, ticks: Mask) -> tuple[tuple[str, str], ...]:
        """(node, anomaly), the likeliest first, by the mean over these ticks, shape (D,); well-founded ones if any."""
        best = ticks & self.well_founded
        mean = self.importance[best if best.any() else ticks].mean(axis=0)
        order = np.argsort(-mean, axis=None, kind="stable").tolist()
        nodes, count = self.case.window.nodes, len(self.anomalies)
        return tuple((nodes[place // count], self.anomalies[place % count]) for place in order)


def follow(model: Model, case: Case) -> Track:
    """Diagnose a case as if it happened now: at each tick only what came before is known."""
    diagnoser = Diagnoser(model, case.period_s)
    width = diagnoser.spans.window
    whole = case.window
    first = min(width, len(whole))
    seen = []
    for end in range(first, len(whole) + 1):
        so_far = Window(whole.times_s[:end], whole.nodes, whole.metrics, whole.values[..., :end])
        seen.append(diagnoser.observe(so_far))
    return Track(
        case,
        model.anomalies,
        whole.times_s[first - 1 :],
        np.stack([each.importance for each in seen]).astype(np.float32),
        np.stack([each.scores.confidence for each in seen]),
        np.stack([each.scores.confidence >= each.scores.threshold for each in seen]),
        np.array([each.anomalous for each in seen]),
        np.array([bool(each.scores.has_past.any()) for each in seen]),
        width * case.period_s,
    )
