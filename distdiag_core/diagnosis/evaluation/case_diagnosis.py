"""One verdict on a recorded case, without looking at its labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model


def diagnose_case(model: Model, case: Case) -> Diagnosis:
    """The verdict on the longest stretch of trouble in `case`; on its last tick where there is none."""
    diagnoser = Diagnoser(model, case.period_s)
    whole = case.window
    verdicts = []
    for end in range(min(diagnoser.spans.window, len(whole)), len(whole) + 1):
        so_far = Window(whole.times_s[:end], whole.nodes, whole.metrics, whole.values[..., :end])
        verdicts.append(diagnoser.diagnose(so_far))
    stretch = _longest_trouble(verdicts)
    return _verdict_on(stretch) if stretch else verdicts[-1]


def _longest_trouble(verdicts: Sequence[Diagnosis]) -> Sequence[Diagnosis]:
    """The longest run of anomalous verdicts; those that could be held against a past come first."""
    runs: list[list[Diagnosis]] = [[]]
    for verdict in verdicts:
        if not verdict.anomalous:
            runs.append([])
        else:
            runs[-1].append(verdict)
    founded = [[verdict for verdict in run if not verdict.note] for run in runs]
    return max(founded, key=len) or max(runs, key=len)


def _verdict_on(stretch: Sequence[Diagnosis]) -> Diagnosis:
    """Root causes by their mean importance over the stretch, each as it was at its clearest."""
    total: dict[tuple[str, str], float] = {}
    clearest: dict[tuple[str, str], RootCause] = {}
    for verdict in stretch:
        for cause in verdict.root_causes:
            name = cause.node, cause.anomaly
            total[name] = total.get(name, 0.0) + cause.importance
            if name not in clearest or cause.confidence > clearest[name].confidence:
                clearest[name] = cause
    order = sorted(total, key=lambda name: -total[name])
    causes = tuple(replace(clearest[name], rank=place) for place, name in enumerate(order, start=1))
    peak = max(stretch, key=lambda verdict: verdict.root_causes[0].importance)
    return Diagnosis(peak.time_s, anomalous=True, root_causes=causes, note=peak.note)
