"""One verdict on a whole recorded case, of which nobody has said when the trouble was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.diagnoser import Diagnoser
from distdiag_core.diagnosis.ranking import Diagnosis
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.diagnosis.model import Model
    from distdiag_core.diagnosis.ranking import RootCause


def diagnose_case(model: Model, case: Case) -> Diagnosis:
    """The root causes over the ticks that were found anomalous, ranked by their mean importance there.

    Where no tick was, the ranking is of all ticks and the verdict is not anomalous. The time is that of the first
    anomalous tick, else of the last one.
    """
    diagnoser = Diagnoser(model, case.period_s)
    whole = case.window
    verdicts = [
        diagnoser.diagnose(Window(whole.times_s[:end], whole.nodes, whole.metrics, whole.values[..., :end]))
        for end in range(1, len(whole) + 1)
    ]
    anomalous = [verdict for verdict in verdicts if verdict.anomalous]
    time_s = anomalous[0].time_s if anomalous else verdicts[-1].time_s
    return Diagnosis(time_s, bool(anomalous), _over(anomalous or verdicts), verdicts[-1].note if not anomalous else "")


def _over(verdicts: Sequence[Diagnosis]) -> tuple[RootCause, ...]:
    seen: defaultdict[tuple[str, str], list[RootCause]] = defaultdict(list)
    for verdict in verdicts:
        for cause in verdict.root_causes:
            seen[cause.node, cause.anomaly].append(cause)
    # A cause that a tick does not list had next to no importance there.
    mean = {key: sum(cause.importance for cause in causes) / len(verdicts) for key, causes in seen.items()}
    strongest = [max(seen[key], key=lambda cause: cause.importance) for key in sorted(mean, key=mean.__getitem__)[::-1]]
    return tuple(
        replace(cause, rank=rank, importance=mean[cause.node, cause.anomaly])
        for rank, cause in enumerate(strongest, start=1)
    )
