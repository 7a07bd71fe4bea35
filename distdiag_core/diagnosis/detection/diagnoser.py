"""The diagnosis of a running cluster, tick by tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection import graph, ranking
from distdiag_core.diagnosis.detection.anomaly_state import Vigil
from distdiag_core.diagnosis.detection.evidence import evidence, sigmas
from distdiag_core.diagnosis.detection.influence import influence
from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
from distdiag_core.diagnosis.detection.scoring import Scores, score
from distdiag_core.diagnosis.features import baseline_window
from distdiag_core.diagnosis.features.feature_spec import Spans
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array

_SHOWN = 10
# Below this a root cause is not worth a row unless it is one of the first few.
_LEAST_CONFIDENCE, _ALWAYS_SHOWN = 0.05, 3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a verdict rests on.

    Attributes:
        influence: shape (N,), with mean 1.
        importance: shape (N, L), what root causes are ranked by.
        squashed: the newest window, shape (N, M, W).
        past: the clean past that it was held against, shape (N, M, R).
    """

    scores: Scores
    influence: Array
    importance: NDArray[np.float64]
    anomalous: bool
    squashed: Array
    past: Array


class Diagnoser:
    """Names the root causes at each tick; remembers which past was clean and since when what holds.

    The nodes may change between ticks (a restart of the memory), the metrics too.
    """

    def __init__(self, model: Model, period_s: float, *, shown: int = _SHOWN) -> None:
        self.model = model
        self._period_s = period_s
        self._shown = shown
        self.spans = Spans.of(period_s)
        self._ready_s = (self.spans.least_reference + self.spans.window) * period_s
        self._vigil = Vigil()
        self._nodes: tuple[str, ...] = ()
        self._newest_s = -np.inf
        # Asked for from another thread than the one that diagnoses.
        self._forget = False

    def succeeded_by(self, model: Model) -> Diagnoser:
        """A diagnoser with another model that knows which past was clean, as this one does."""
        successor = Diagnoser(model, self._period_s, shown=self._shown)
        successor._nodes, successor._vigil = self._nodes, self._vigil.heir()
        successor._forget, successor._newest_s = self._forget, self._newest_s
        return successor

    def forget_past(self) -> None:
        """What was normal is no more, by the operator's own doing: learn it anew, and name nobody for that."""
        self._forget = True

    def diagnose(self, window: Window) -> Diagnosis:
        """The verdict on the newest tick of `window`, which is the history as far as it is kept, up to ten minutes."""
        seen = self.observe(window)
        causes = self._causes(seen)
        return Diagnosis(self._newest_s, seen.anomalous, causes, self._note(seen.scores, seen.past.shape[-1]))

    def observe(self, window: Window) -> Seen:
        """What `diagnose` goes by, without the words; it advances the same memory, so call one of the two at a tick."""
        if window.nodes != self._nodes:
            self._nodes, self._vigil = window.nodes, Vigil()
        if self._forget:
            self._forget = False
            # Until a past has grown, a node whose load has changed more than its peers' looks like one in trouble.
            self._vigil.forget(self._newest_s, self._ready_s)
        time_s = self._newest_s = float(window.times_s[-1])
        squashed = self.model.recipe.squash(window.last(self.spans.window))
        past = self._past(window)
        scores = score(self.model, squashed, baseline_window.level(past))
        self._vigil.observe(scores, time_s, self.spans.window * self._period_s, self._period_s)
        weight = influence(graph.weights(squashed)) if len(window.nodes) > 1 else np.ones(1, dtype=np.float32)
        importance = ranking.importance(scores.confidence, weight)
        return Seen(scores, weight, importance, self._vigil.anomalous, squashed, past)

    def _past(self, window: Window) -> Array:
        """The clean ticks before the newest window, squashed, shape (N, M, R); R is 0 where there are too few."""
        start = max(0, len(window) - self.spans.window)
        clean = np.flatnonzero(self._vigil.clean(window.times_s[:start]))
        ticks = baseline_window.ticks_before(clean, start, self.spans)
        return self.model.recipe.squash(_chosen(window, ticks))

    def _causes(self, seen: Seen) -> tuple[RootCause, ...]:
        scores = seen.scores
        causes: list[RootCause] = []
        # By node, since a node is often suspected of several anomalies, and on a large cluster few are of any.
        moved: dict[int, Array] = {}
        for node, column in ranking.rank(seen.importance)[: self._shown]:
            confidence = float(scores.confidence[node, column])
            if confidence < _LEAST_CONFIDENCE and len(causes) >= _ALWAYS_SHOWN:
                break
            anomaly = self.model.anomalies[column]
            if node not in moved:
                moved[node] = sigmas(seen.squashed[node], seen.past[node])
            causes.append(
                RootCause(
                    len(causes) + 1,
                    self._nodes[node],
                    anomaly,
                    confidence,
                    float(seen.influence[node]),
                    float(seen.importance[node, column]),
                    self._vigil.onset_s((node, column)),
                    evidence(self.model, anomaly, moved[node]),
                )
            )
        return tuple(causes)

    def _note(self, scores: Scores, past_ticks: int) -> str:
        notes = []
        if past_ticks == 0:
            held = "each other and a stored profile" if len(self._nodes) > 1 else "a stored profile only"
            notes.append(
                f"learning what is normal, {self._ready_s:.0f} s of calm needed; nodes are held against {held}"
            )
        silent = [node for node, quiet in zip(self._nodes, scores.silent, strict=True) if quiet]
        if silent:
            notes.append(f"no figures of {', '.join(silent[:5])}")
        return "; ".join(notes)


def _chosen(window: Window, ticks: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Window:
    return Window(window.times_s[ticks], window.nodes, window.metrics, window.values[..., ticks])
