"""Reliability of confidence: of what is reported with a confidence of 0.8, eight in ten should be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import in_spans
from distdiag_core.diagnosis.evaluation import accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.evaluation.replay import Replay

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Bin of a reliability diagram: mean confidence, share that was right, and share of all samples."""

    confidence: float
    right: float
    weight: float


def bins(replays: Sequence[Replay]) -> tuple[Bin, ...]:
    """Reliability diagram of the most likely root cause of each anomalous or normal tick, in ten bins of confidence."""
    samples = [_samples(each) for each in replays]
    confidence = np.concatenate([each[0] for each in samples]) if samples else np.zeros(0)
    right = np.concatenate([each[1] for each in samples]) if samples else np.zeros(0)
    place = np.minimum((confidence * _BINS).astype(np.intp), _BINS - 1)
    return tuple(
        Bin(float(confidence[place == step].mean()), float(right[place == step].mean()), float((place == step).mean()))
        for step in np.unique(place)
    )


def calibration_error(replays: Sequence[Replay]) -> float | None:
    """Expected calibration error (Guo et al., ICML 2017), 0 at best; None without samples."""
    found = bins(replays)
    return sum(each.weight * abs(each.confidence - each.right) for each in found) if found else None


def _samples(replay: Replay) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidence in the most likely root cause of each tick, and whether it was right, 1 or 0."""
    case = replay.case
    normal = accuracy.normal_ticks(replay) & replay.has_past
    anomalous = accuracy.anomalous_ticks(replay) if case.labels else np.zeros_like(normal)
    chosen = normal | anomalous
    flat = replay.confidence.reshape(len(replay.times_s), -1)
    first = flat.argmax(axis=1)
    truth = np.zeros(flat.shape, dtype=np.bool_)
    for label in case.labels:
        if label.anomaly in replay.anomalies:
            column = replay.anomalies.index(label.anomaly)
            place = case.window.nodes.index(label.node) * len(replay.anomalies) + column
            truth[:, place] |= in_spans(replay.times_s, [(label.start_s, label.end_s)])
    ticks = np.arange(len(flat))
    return flat[ticks, first][chosen].astype(np.float64), truth[ticks, first][chosen].astype(np.float64)
