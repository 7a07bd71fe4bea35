"""The ranked root causes of one tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True)
class Evidence:
    """A metric that speaks for a root cause; `sigma` is how far it left the node's own immediate past, signed."""

    metric: str
    sigma: float


@dataclass(frozen=True, slots=True)
class RootCause:
    """Which node suffers from what.

    Attributes:
        confidence: the classifier's probability, 0 to 1.
        influence: the node's weighted PageRank; the mean over the nodes is 1.
        importance: influence times confidence, which the ranking goes by.
        onset_s: since when, seconds since the epoch; None while it is not known.
        evidence: the metrics that say so most, the strongest first.
    """

    rank: int
    node: str
    anomaly: str
    confidence: float
    influence: float
    importance: float
    onset_s: float | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict on one tick.

    Attributes:
        anomalous: whether anything is wrong at all.
        root_causes: ranked, the likeliest first; also where nothing is anomalous, with low confidence.
        note: why it can say little, for instance that there is not enough clean past yet; empty where all is well.
    """

    time_s: float
    anomalous: bool
    root_causes: tuple[RootCause, ...] = ()
    note: str = ""


def rank(confidence: Array, influence: Array) -> tuple[tuple[int, int], ...]:
    """(node, anomaly) by importance = influence (N,) times confidence (N, L), the likeliest first."""
    importance = influence[:, None] * confidence
    order = np.argsort(-importance, axis=None, kind="stable")
    return tuple((int(place) // confidence.shape[1], int(place) % confidence.shape[1]) for place in order)
