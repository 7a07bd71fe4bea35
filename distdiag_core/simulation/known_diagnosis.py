"""The diagnosis that a simulated tick should have: drawn from the schedule of its anomalies, found by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.graph import AnomalyGraph, weights
from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact, MetricChange
from distdiag_core.diagnosis.detection.influence import influence
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause, importance, rank
from distdiag_core.simulation.effects import EFFECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.metrics.frame import Array, Window
    from distdiag_core.simulation.schedule import ScheduledAnomaly

ANOMALIES = tuple(EFFECTS)
# A diagnosis takes some ticks to be sure.
_NOTICED_TICKS = 4
_LISTED, _WINDOW_TICKS, _PAST_TICKS = 10, 12, 60
_HIGHEST, _LOWEST, _ACTIVE = 0.97, 0.04, 0.5
_THROUGHPUT, _LATENCY = "sysstat.trans_commit_count", "sysstat.trans_latency"


def diagnose(
    window: Window, tick: int, anomalies: tuple[ScheduledAnomaly, ...], time_of: Callable[[int], float]
) -> Diagnosis:
    """The diagnosis of the newest tick of `window`.

    Args:
        anomalies: those of that tick.
        time_of: seconds since the epoch of a tick.
    """
    noticed = {
        (each.node, ANOMALIES.index(each.anomaly)): each for each in anomalies if tick - each.start >= _NOTICED_TICKS
    }
    random = np.random.default_rng(tick // _NOTICED_TICKS)
    confidence = _LOWEST * random.random((len(window.nodes), len(ANOMALIES))).astype(np.float32)
    for place, each in noticed.items():
        confidence[place] = _HIGHEST * (0.7 + 0.3 * each.strength(tick - _NOTICED_TICKS))
    edges = weights(window.last(_WINDOW_TICKS).values[:, ::8])
    ranks = influence(edges)
    importances = importance(confidence, ranks)
    causes = []
    for number, place in enumerate(rank(importances, _LISTED), 1):
        node, anomaly = place
        known = noticed.get(place)
        causes.append(
            RootCause(
                number,
                window.nodes[node],
                ANOMALIES[anomaly],
                float(confidence[place]),
                float(ranks[node]),
                float(importances[place]),
                onset_s=None if known is None else time_of(known.start),
                evidence=_evidence(window, known, tick, time_of) if known else (),
                impact=_impact(window, [node], tick - known.start + 1) if known else None,
            )
        )
    graph = AnomalyGraph(window.nodes, ANOMALIES, edges, confidence, ranks)
    everywhere = _impact(window, range(len(window.nodes)), _NOTICED_TICKS)
    impact = ClusterImpact(everywhere, {each.node: each.impact for each in causes if each.impact}) if noticed else None
    return Diagnosis(time_of(tick), bool(noticed), tuple(causes), impact=impact, graph=graph)


def _evidence(
    window: Window, known: ScheduledAnomaly, tick: int, time_of: Callable[[int], float]
) -> tuple[Evidence, ...]:
    lasted = tick - known.start + 1
    found = []
    for place, (metric, factor) in enumerate(EFFECTS[known.anomaly].items()):
        series = window.values[:, window.metrics.index(metric)]
        before, spread, now = _compared(series[known.node], lasted)
        peers = float(np.median(np.delete(series[:, -1], known.node))) if len(series) > 1 else None
        sigma = (now - before) / max(spread, 1e-6)
        strength = abs(float(np.log(factor))) / (1 + place)
        found.append(Evidence(metric, sigma, before, now, peers, strength, time_of(known.start + place % 3)))
    return tuple(found)


def _impact(window: Window, nodes: range | list[int], lasted: int) -> Impact:
    def changed(metric: str, whole: Callable[..., Array]) -> MetricChange:
        series = whole(window.values[list(nodes), window.metrics.index(metric)], axis=0)
        before, _, now = _compared(series, lasted)
        return MetricChange(metric, now, before)

    return Impact(changed(_THROUGHPUT, np.sum), changed(_LATENCY, np.mean))


def _compared(series: Array, lasted: int) -> tuple[float, float, float]:
    """Median and spread of the past before the newest `lasted` ticks, and the newest median."""
    past = series[: max(1, len(series) - lasted)][-_PAST_TICKS:]
    return float(np.median(past)), float(past.std()), float(np.median(series[-_NOTICED_TICKS:]))
