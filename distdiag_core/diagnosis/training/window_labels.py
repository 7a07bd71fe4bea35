"""Labels of windows: which anomalies each window of a case has, has not, or may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import in_spans
from distdiag_core.diagnosis.features.baseline_window import ANOMALOUS_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Array, Mask

TRUE, FALSE, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True, eq=False)
class WindowLabels:
    """Labels of S windows of single nodes.

    Attributes:
        truth: shape (S, L), TRUE, FALSE or UNKNOWN for each anomaly.
        case: shape (S,), index of the case.
        tick: shape (S,), index of the newest tick in the case.
        normal: shape (S,), whether the newest tick is one of normal operation.
        hours: shape (S,), time from the newest tick to that of the next window.
        has_past: shape (S,), whether the row compares the node with its own past.
        hidden: shape (S,), whether a view is hidden in the row that would be there.
    """

    truth: NDArray[np.int8]
    case: NDArray[np.intp]
    tick: NDArray[np.intp]
    normal: Mask
    hours: Array
    has_past: Mask
    hidden: Mask


def window_truth(case: Case, start: int, end: int, anomalies: tuple[str, ...]) -> NDArray[np.int8]:
    """Truth of the window of ticks start to end - 1 for all nodes and these anomalies, shape (N, L)."""
    times_s = case.window.times_s[start:end]
    in_anomaly = any(label.start_s <= times_s[-1] <= label.end_s for label in case.labels)
    known = in_anomaly or not case.normal or bool(in_spans(times_s, case.normal).all())
    truth = np.full((len(case.window.nodes), len(anomalies)), FALSE if known else UNKNOWN, dtype=np.int8)
    for label in case.labels:
        if label.anomaly not in anomalies:
            continue
        place = case.window.nodes.index(label.node), anomalies.index(label.anomaly)
        anomalous = in_spans(times_s, [(label.start_s, label.end_s)])
        if anomalous[-1]:
            truth[place] = TRUE if anomalous.mean() >= ANOMALOUS_SHARE else UNKNOWN
        elif anomalous.any() and (times_s > label.end_s).mean() < ANOMALOUS_SHARE:
            truth[place] = UNKNOWN
    return truth
