"""Whether confidence means what it says: of what is told with 0.8, eight in ten should be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import in_spans
from distdiag_core.diagnosis.evaluation import accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.evaluation.replay import Track

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """What was told with about this confidence: how much of all that was, and the share that was right."""

    confidence: float
    right: float
    weight: float


def bins(tracks: Sequence[Track]) -> tuple[Bin, ...]:
    """The likeliest root cause of each tick in trouble or in normal life, in ten steps of confidence."""
    told = [_told(track) for track in tracks]
    confidence = np.concatenate([each[0] for each in told]) if told else np.zeros(0)
    right = np.concatenate([each[1] for each in told]) if told else np.zeros(0)
    place = np.minimum((confidence * _BINS).astype(np.intp), _BINS - 1)
    return tuple(
        Bin(float(confidence[place == step].mean()), float(right[place == step].mean()), float((place == step).mean()))
        for step in np.unique(place)
    )


def calibration_error(tracks: Sequence[Track]) -> float | None:
    """The mean distance between confidence and the share that was right (Guo et al., ICML 2017), 0 at best."""
    found = bins(tracks)
    return sum(each.weight * abs(each.confidence - each.right) for each in found) if found else None


def _told(track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidence in the likeliest root cause of each tick, and whether it was right (1) or not (0)."""
    case = track.case
    normal = accuracy.normal_ticks(track) & track.well_founded
    ill = accuracy.in_trouble(track) if case.labels else np.zeros_like(normal)
    chosen = normal | ill
    flat = track.confidence.reshape(len(track.times_s), -1)
    first = flat.argmax(axis=1)
    truth = np.zeros(flat.shape, dtype=np.bool_)
    for label in case.labels:
        if label.anomaly in track.anomalies:
            place = case.window.nodes.index(label.node) * len(track.anomalies) + track.anomalies.index(label.anomaly)
            truth[:, place] |= in_spans(track.times_s, [(label.start_s, label.end_s)])
    ticks = np.arange(len(flat))
    return flat[ticks, first][chosen].astype(np.float64), truth[ticks, first][chosen].astype(np.float64)
