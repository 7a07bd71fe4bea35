"""Diagnosis of a recorded case as a whole, without its labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
from distdiag_core.diagnosis.evaluation.replay import growing_windows
from distdiag_core.diagnosis.features.baseline_window import WindowLengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.detection.own_metrics import Categories
    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
    from distdiag_core.diagnosis.model.model import Model


def diagnose_case(model: Model | None, case: Case, categories: Categories | None = None) -> Diagnosis:
    """Diagnosis of the longest anomalous stretch of a case; of its last tick where no tick is anomalous.

    Args:
        model: without one, anomalies are found and not named.
        categories: of anomalies and metrics, by which evidence is ordered.
    """
    diagnoser = ClusterDiagnoser(model, case.period_s, categories=categories)
    width = WindowLengths.of(case.period_s).window
    diagnoses = [diagnoser.diagnose(window) for window in growing_windows(case, width)]
    stretch = _longest_anomalous(diagnoses)
    return _combined(stretch) if stretch else diagnoses[-1]


def _longest_anomalous(diagnoses: Sequence[Diagnosis]) -> Sequence[Diagnosis]:
    """The longest run of anomalous diagnoses; runs with a baseline come first."""
    runs: list[list[Diagnosis]] = [[]]
    for diagnosis in diagnoses:
        if not diagnosis.anomalous:
            runs.append([])
        else:
            runs[-1].append(diagnosis)
    without_note = [[diagnosis for diagnosis in run if not diagnosis.note] for run in runs]
    return max(without_note, key=len) or max(runs, key=len)


def _combined(stretch: Sequence[Diagnosis]) -> Diagnosis:
    """Root causes by their mean importance over a stretch, each as it was at its highest confidence."""
    total: dict[tuple[str, str], float] = {}
    clearest: dict[tuple[str, str], RootCause] = {}
    for diagnosis in stretch:
        for cause in diagnosis.root_causes:
            name = cause.node, cause.anomaly
            total[name] = total.get(name, 0.0) + cause.importance
            if name not in clearest or cause.confidence > clearest[name].confidence:
                clearest[name] = cause
    order = sorted(total, key=lambda name: -total[name])
    causes = tuple(replace(clearest[name], rank=place) for place, name in enumerate(order, start=1))
    peak = max(stretch, key=lambda diagnosis: diagnosis.root_causes[0].importance)
    return replace(peak, root_causes=causes)
