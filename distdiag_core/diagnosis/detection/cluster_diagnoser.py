"""Diagnoser of a cluster with and without a model: known kinds by classifiers, all others by detection alone.

Which database is down and which hangs is told by the states of connections, where they are known.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.diagnosis.detection.connection_judge import failures
from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.detection.impact import impact
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.diagnosis.features.baseline_window import WindowLengths
from distdiag_core.diagnosis.untrained.untrained_detector import UntrainedDetector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.diagnosis.detection.connection_judge import Failure
    from distdiag_core.diagnosis.detection.impact import ClusterImpact
    from distdiag_core.diagnosis.detection.own_metrics import Categories
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.diagnosis.untrained.untrained_detector import Observation
    from distdiag_core.metrics.frame import Mask, Window

_LEAST_CONFIDENCE = 0.5
# Beside a model a node is of no known kind only where it has been anomalous for so long, with such a score, and no
# classifier has come so near to its threshold. An anomaly that has a name spreads: meanwhile the score must be higher.
# With 0.55 and 0.65, six of 15 normal recordings had such a row for some seconds, and in six of 34 with anomalies a
# node that only suffered; with these none had, and two.
_PERSISTENT_S = 5.0
_STRONG_SCORE, _STRONGER_SCORE = 0.7, 0.8
_EXPLAINED_SHARE = 0.5


class ClusterDiagnoser:
    """Diagnoser of one run. The model may be exchanged between ticks; what is known of the past is kept.

    Args:
        categories: of anomalies and metrics, by which evidence is ordered.
    """

    def __init__(self, model: Model | None, period_s: float, *, categories: Categories | None = None) -> None:
        self._period_s, self._categories = period_s, categories
        self._lengths = WindowLengths.of(period_s)
        self._known = None if model is None else Diagnoser(model, period_s, categories=categories)
        self._untrained = UntrainedDetector(period_s)
        self._failures: Mapping[str, Failure] = {}
        # Set by another thread than the one that diagnoses.
        self._reset_requested = False
        self._newest_s: float | None = None

    def successor(self, model: Model) -> ClusterDiagnoser:
        """A diagnoser with another model and the same past."""
        successor = ClusterDiagnoser(model, self._period_s, categories=self._categories)
        if self._known is not None:
            successor._known = self._known.successor(model)
        successor._untrained, successor._newest_s = self._untrained, self._newest_s
        successor._reset_requested, successor._failures = self._reset_requested, self._failures
        return successor

    def reset_baseline(self) -> None:
        """Drop the whole past, from the next tick on; for changes of load that the operator makes."""
        self._reset_requested = True
        if self._known is not None:
            self._known.reset_baseline()

    def diagnose(self, window: Window) -> Diagnosis:
        """Diagnosis of the newest tick of `window`, which holds the history as far as it is kept."""
        if self._reset_requested:
            self._reset_requested = False
            if self._newest_s is not None:
                self._untrained.reset_baseline(self._newest_s)
        seen = self._untrained.observe(window)
        self._newest_s = seen.time_s
        self._failures = failures(window, self._failures)
        if self._known is None:
            note = "" if seen.has_past.any() else "waiting for baseline"
            known, explained = Diagnosis(seen.time_s, anomalous=False, note=note), np.zeros(len(seen.nodes), np.bool_)
        else:
            known, explained = self._known.diagnose(window), self._known.threshold_shares >= _EXPLAINED_SHARE
        known = with_failures(known, self._failures)
        anything = self._known is None and not self._failures
        unexplained = seen.anomalous if anything else of_no_known_kind(known, seen, explained)
        return self._with_impact(combined(known, seen, unexplained), seen, window)

    def _with_impact(self, diagnosis: Diagnosis, seen: Observation, window: Window) -> Diagnosis:
        """With the impact of what is unknown, where no classifier has told that of the whole."""
        since_s = [*seen.since_s[~np.isnan(seen.since_s)].tolist(), *(each.since_s for each in self._failures.values())]
        # Where only a classifier has found something, nothing here says since when.
        if not diagnosis.anomalous or diagnosis.impact is not None or not since_s:
            return diagnosis
        cost = self._impact(min(since_s), window)
        if cost is None:
            return diagnosis
        causes = tuple(
            replace(cause, impact=cost.nodes.get(cause.node))
            if cause.anomaly == UNKNOWN_ANOMALY or cause.reason
            else cause
            for cause in diagnosis.root_causes
        )
        return replace(diagnosis, root_causes=causes, impact=cost)

    def _impact(self, onset_s: float, window: Window) -> ClusterImpact | None:
        before = np.flatnonzero(window.times_s < onset_s - self._lengths.window * self._period_s / 2)
        return impact(window, before[-self._lengths.baseline :], max(1, self._lengths.window // 2))


def with_failures(known: Diagnosis, failed: Mapping[str, Failure]) -> Diagnosis:
    """The diagnosis with a root cause for each database that has failed, in the place of the classifiers' own."""
    if not failed:
        return known
    told = {(node, failure.anomaly) for node, failure in failed.items()}
    causes = [cause for cause in known.root_causes if (cause.node, cause.anomaly) not in told]
    for node, failure in failed.items():
        cause = _failed(known, node, failure)
        causes.insert(_place(causes, cause), cause)
    return replace(known, anomalous=True, root_causes=_ranked(causes))


def of_no_known_kind(known: Diagnosis, seen: Observation, explained: Mask) -> Mask:
    """Which nodes are anomalous in a way that no classifier explains, shape (N,).

    Args:
        explained: shape (N,), where a classifier is near its threshold.
    """
    named = {cause.node for cause in known.root_causes if cause.onset_s is not None}
    is_named = np.array([node in named for node in seen.nodes])
    lasting = seen.time_s - np.nan_to_num(seen.since_s, nan=np.inf) >= _PERSISTENT_S
    least = _STRONGER_SCORE if named else _STRONG_SCORE
    result: Mask = seen.anomalous & lasting & (seen.score >= least) & ~explained & ~is_named
    return result


def combined(known: Diagnosis, seen: Observation, unexplained: Mask) -> Diagnosis:
    """The diagnosis by classifiers, and an unknown root cause on each of these nodes."""
    unknown = [_unknown(seen, place) for place in np.flatnonzero(unexplained).tolist()]
    causes = list(known.root_causes)
    for cause in unknown:
        causes.insert(_place(causes, cause), cause)
    return replace(
        known,
        anomalous=known.anomalous or bool(unknown),
        root_causes=_ranked(causes),
        load_changes=tuple(node for place, node in enumerate(seen.nodes) if seen.load_change[place]),
    )


def _ranked(causes: list[RootCause]) -> tuple[RootCause, ...]:
    return tuple(replace(cause, rank=rank) for rank, cause in enumerate(causes, start=1))


def _failed(known: Diagnosis, node: str, failure: Failure) -> RootCause:
    graph = known.graph
    influence = float(graph.influence[graph.nodes.index(node)]) if graph is not None else 1.0
    impact = known.impact.nodes.get(node) if known.impact else None
    return RootCause(
        0, node, failure.anomaly, 1.0, influence, influence, failure.since_s, failure.evidence, impact,
        reason=failure.words,
    )  # fmt: skip


def _unknown(seen: Observation, place: int) -> RootCause:
    # Hysteresis keeps a node anomalous for a while below its threshold.
    confidence = max(_LEAST_CONFIDENCE, float(seen.score[place]))
    evidence = tuple(Evidence(**asdict(each)) for each in seen.evidence(place))
    onset_s = float(seen.since_s[place])
    return RootCause(0, seen.nodes[place], UNKNOWN_ANOMALY, confidence, 1.0, confidence, onset_s, evidence)


def _place(causes: list[RootCause], cause: RootCause) -> int:
    """The place among the ranked: before all that are not active, and before what is less important."""
    return next(
        (place for place, other in enumerate(causes) if other.onset_s is None or other.importance < cause.importance),
        len(causes),
    )
