"""Replays with known scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.evaluation.replay import Replay

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case

ANOMALIES = ("cpu_stress", "io_stress")


def replay_of(case: Case, scores: dict[tuple[int, int], float], anomalous: range = range(0)) -> Replay:
    """A replay with the same importance and confidence, by (node, anomaly), at all ticks; anomalous at some of them."""
    ticks, nodes = len(case.window), len(case.window.nodes)
    importance = np.zeros((ticks, nodes, len(ANOMALIES)), dtype=np.float32)
    for (node, anomaly), score in scores.items():
        importance[:, node, anomaly] = score
    seen = np.isin(np.arange(ticks), list(anomalous))
    founded = np.ones(ticks, dtype=np.bool_)
    return Replay(case, ANOMALIES, case.window.times_s, importance, importance, importance >= 0.5, seen, founded, 10.0)
