"""Diagnoser of a running cluster, tick by tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection import graph, ranking
from distdiag_core.diagnosis.detection.anomaly_state import AnomalyState
from distdiag_core.diagnosis.detection.clean_past import CleanPast, LogTicks
from distdiag_core.diagnosis.detection.contributions import Contributions
from distdiag_core.diagnosis.detection.evidence import relevance
from distdiag_core.diagnosis.detection.explanation import Explainer, Verdict
from distdiag_core.diagnosis.detection.graph import AnomalyGraph
from distdiag_core.diagnosis.detection.impact import impact
from distdiag_core.diagnosis.detection.influence import influence
from distdiag_core.diagnosis.detection.onset import onset_s
from distdiag_core.diagnosis.detection.own_metrics import Categories
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.diagnosis.detection.scoring import Scores, score, with_connections, with_retransmissions
from distdiag_core.diagnosis.features import baseline_window
from distdiag_core.diagnosis.features.baseline_window import WindowLengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.detection.impact import ClusterImpact
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Window

_SHOWN = 10
# A root cause below this confidence is listed only among the first few.
_LEAST_CONFIDENCE, _ALWAYS_SHOWN = 0.05, 3


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Arrays behind the diagnosis of one tick.

    Attributes:
        weights: shape (N, N), the edges of the compound anomaly graph.
        influence: shape (N,), with mean 1.
        importance: shape (N, L), by which root causes are ranked.
        log_values: the newest window on the log scale, shape (N, M, W).
        baseline_values: the clean ticks that it was compared with, on the same scale, shape (N, M, R).
        baseline_end: index of the first tick of the history that came after them; 0 where R is 0.
        impact: what the anomaly costs the workload; None without an anomaly, and where that is unknown.
    """

    scores: Scores
    weights: Array
    influence: Array
    importance: NDArray[np.float64]
    anomalous: bool
    log_values: Array
    baseline_values: Array
    baseline_end: int
    impact: ClusterImpact | None = None


class Diagnoser:
    """Diagnoser of one run: ranks the root causes at each tick, and remembers which past is clean and what is active.

    The nodes may change between ticks, which resets the state, and so may the metrics.

    Attributes:
        threshold_shares: shape (N,), how near each node is to an anomaly at the newest tick: its largest confidence as
            a share of that threshold.
    """

    def __init__(
        self, model: Model, period_s: float, *, shown: int = _SHOWN, categories: Categories | None = None
    ) -> None:
        self.model = model
        self._period_s = period_s
        self._shown = shown
        self.lengths = WindowLengths.of(period_s)
        self._ready_s = (self.lengths.least_baseline + self.lengths.window) * period_s
        self._state = AnomalyState()
        self._begin_ticks()
        self._categories = categories or Categories()
        self._own = self._categories.own_metrics(model)
        self._relevance = relevance(model.gain_by_anomaly)
        self._contributions = Contributions(model)
        self._nodes: tuple[str, ...] = ()
        self._newest_s = -np.inf
        self.threshold_shares: Array = np.zeros(0, dtype=np.float32)
        # Set by another thread than the one that diagnoses.
        self._reset_requested = False

    def successor(self, model: Model) -> Diagnoser:
        """A diagnoser with another model and the same clean past."""
        successor = Diagnoser(model, self._period_s, shown=self._shown, categories=self._categories)
        successor._nodes, successor._state = self._nodes, self._state.successor()
        successor._reset_requested, successor._newest_s = self._reset_requested, self._newest_s
        return successor

    def reset_baseline(self) -> None:
        """Drop the whole past from the baseline and mute root causes until there is a new one, from the next tick on.

        For changes of load that the operator makes.
        """
        self._reset_requested = True

    def diagnose(self, window: Window) -> Diagnosis:
        """Diagnosis of the newest tick of `window`, which holds the history as far as it is kept, up to ten minutes."""
        seen = self.observe(window)
        causes = self._causes(seen, window)
        note = self._note(seen.scores, seen.baseline_values.shape[-1])
        whole = AnomalyGraph(self._nodes, self.model.anomalies, seen.weights, seen.scores.confidence, seen.influence)
        return Diagnosis(self._newest_s, seen.anomalous, causes, note, seen.impact, graph=whole)

    def observe(self, window: Window) -> Observation:
        """Arrays behind `diagnose`; advances the same state, so that only one of the two is called at a tick."""
        if window.nodes != self._nodes:
            self._nodes, self._state = window.nodes, AnomalyState()
            self._begin_ticks()
            self._contributions = Contributions(self.model)
        if self._reset_requested:
            self._reset_requested = False
            # Until there is a new baseline, a node whose load has changed more than its peers' looks anomalous.
            self._state.reset_baseline(self._newest_s, self._ready_s)
        time_s = float(window.times_s[-1])
        if time_s <= self._newest_s:
            self._begin_ticks()
        self._newest_s = time_s
        log_values = self._window.at(window, np.arange(max(0, len(window) - self.lengths.window), len(window)))
        ticks = self._past_ticks(window)
        past = self._past.at(window, ticks)
        scores = self._judged(score(self.model, log_values, past.baseline), window)
        self.threshold_shares = (scores.confidence / scores.threshold).max(axis=1)
        # Nothing is known of the time before the first sample.
        window_s = min(log_values.shape[-1] * self._period_s, time_s - float(window.times_s[0]))
        self._state.observe(scores, time_s, window_s, self._period_s)
        edges = graph.weights(log_values)
        weight = influence(edges) if len(window.nodes) > 1 else np.ones(1, dtype=np.float32)
        importance = ranking.importance(scores.confidence, weight)
        anomalous = self._state.anomalous
        cost = impact(window, ticks, max(1, self.lengths.window // 2)) if anomalous else None
        end = int(ticks[-1]) + 1 if len(ticks) else 0
        return Observation(scores, edges, weight, importance, anomalous, log_values, past.log_values, end, cost)

    def _judged(self, scores: Scores, window: Window) -> Scores:
        """Scores by what is known of connections and of segments that were sent again, where the classifiers guess."""
        scores = with_connections(scores, window, self.model.anomalies)
        return with_retransmissions(scores, window, self.model.anomalies, 2 * self.lengths.window)

    def _begin_ticks(self) -> None:
        self._window, self._past = LogTicks(self.model.features), CleanPast(self.model.features)

    def _past_ticks(self, window: Window) -> NDArray[np.intp]:
        """Indices of the clean ticks before the newest window that are its baseline; none where there are too few."""
        start = max(0, len(window) - self.lengths.window)
        clean = np.flatnonzero(self._state.clean(window.times_s[:start]))
        return baseline_window.ticks_before(clean, start, self.lengths)

    def _causes(self, seen: Observation, window: Window) -> tuple[RootCause, ...]:
        places = self._shown_places(seen)
        self._contributions.on_tick(seen.scores, self._active(places))
        explainer = Explainer(self.model, window, seen.log_values, seen.baseline_values, seen.baseline_end)
        evidence = explainer.evidence([self._verdict(place) for place in places], self._relevance, self._own)
        causes = []
        for number, (node, column) in enumerate(places, start=1):
            ours = evidence[number - 1]
            other = explainer.alternative(
                column, seen.scores.confidence[node], self._active_on(node), self._contributions.of(node)
            )
            onset = self._onset_s((node, column), ours, window, seen)
            causes.append(
                RootCause(
                    number,
                    self._nodes[node],
                    self.model.anomalies[column],
                    float(seen.scores.confidence[node, column]),
                    float(seen.influence[node]),
                    float(seen.importance[node, column]),
                    onset,
                    ours,
                    seen.impact.nodes.get(self._nodes[node]) if seen.impact and onset is not None else None,
                    other,
                )
            )
        return tuple(causes)

    def _verdict(self, place: tuple[int, int]) -> Verdict:
        contributions = self._contributions.of(place[0])
        ours = contributions[place[1]] if contributions is not None else None
        return Verdict(*place, ours, self._state.is_active(place))

    def _onset_s(
        self, place: tuple[int, int], reasons: tuple[Evidence, ...], window: Window, seen: Observation
    ) -> float | None:
        """Onset of a root cause, estimated once, when it becomes active; None where it is not active."""
        if self._state.is_active(place) and not self._state.is_dated(place):
            metrics = [self.model.features.metrics.index(each.metric) for each in reasons]
            # It began before the window, if the classifier was late.
            recent = window.last(2 * self.lengths.window).of_node(place[0])
            values = self.model.features.log_values(recent)[0, metrics]
            past = seen.baseline_values[place[0], metrics]
            self._state.date(place, onset_s(recent.times_s, values, past) if past.size else None)
        return self._state.onset_s(place)

    def _shown_places(self, seen: Observation) -> list[tuple[int, int]]:
        """The listed root causes, ranked: those that are likely at all, and in any case the first few."""
        ranked = ranking.rank(seen.importance, self._shown)
        unlikely = (
            number
            for number, place in enumerate(ranked)
            if number >= _ALWAYS_SHOWN and seen.scores.confidence[place] < _LEAST_CONFIDENCE
        )
        return list(ranked[: next(unlikely, len(ranked))])

    def _active(self, places: list[tuple[int, int]]) -> dict[int, frozenset[int]]:
        """By node the active anomalies among these places, in their order."""
        nodes = dict.fromkeys(node for node, column in places if self._state.is_active((node, column)))
        return {node: self._active_on(node) for node in nodes}

    def _active_on(self, node: int) -> frozenset[int]:
        return frozenset(column for column in range(len(self.model.anomalies)) if self._state.is_active((node, column)))

    def _note(self, scores: Scores, past_ticks: int) -> str:
        notes = []
        if past_ticks == 0:
            others = "each other and a stored profile" if len(self._nodes) > 1 else "a stored profile only"
            notes.append(
                f"waiting for baseline, {self._ready_s:.0f} s without anomaly needed; nodes are compared with {others}"
            )
        silent = [node for node, quiet in zip(self._nodes, scores.silent, strict=True) if quiet]
        if silent:
            notes.append(f"no values of {', '.join(silent[:5])}")
        return "; ".join(notes)
