"""Marks the diagnosis by the injections that are known: was each the likeliest root cause while it was on?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.runtime.retraining_rule import RetrainingRule, proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.recording.journal import Journal

# Until then a window still holds much of the time before, and the diagnosis cannot know.
_SETTLED_S = 8.0
_KEPT = 200


class ModelMonitor:
    """Looks at each tick; when training anew is called for it says so, once for each model."""

    def __init__(self, journal: Journal, rule: RetrainingRule | None = None) -> None:
        self._journal = journal
        self._rule = rule or RetrainingRule()
        self._model: ModelStatus | None = None
        self._right: dict[str, list[bool]] = {}
        self._hits: list[bool] = []
        self._proposed = False

    def look(self, diagnosis: Diagnosis | None, injections: Sequence[Injection], model: ModelStatus | None) -> None:
        """Mark the verdict of a tick."""
        if model is None:
            return
        if self._model is not model:
            self._model, self._right, self._hits, self._proposed = model, {}, [], False
        active = {each.id: each for each in injections if each.state is InjectionState.ACTIVE}
        for gone in self._right.keys() - active.keys():
            marks = self._right.pop(gone)
            self._hits.append(sum(marks) > len(marks) / 2)
        del self._hits[:-_KEPT]
        if diagnosis is not None and not diagnosis.note:
            self._mark(diagnosis, [each for each in active.values() if each.anomaly in model.anomalies])
        self._propose(model)

    def _mark(self, diagnosis: Diagnosis, known: Sequence[Injection]) -> None:
        """Several at a time are right when each is among as many of the first."""
        first = {(cause.node, cause.anomaly) for cause in diagnosis.root_causes[: len(known)]}
        for each in known:
            if diagnosis.time_s >= each.started_s + _SETTLED_S:
                right = diagnosis.anomalous and (each.node, each.anomaly) in first
                self._right.setdefault(each.id, []).append(right)

    def _propose(self, model: ModelStatus) -> None:
        if self._proposed:
            return
        age_s = 0.0 if model.made_s is None else time.time() - model.made_s
        if why := proposal(self._rule, age_s, model.ac1, self._hits):
            self._proposed = True
            self._journal.note("diagnosis", f"model {model.name}: {why}", level="warning", retraining=True)
