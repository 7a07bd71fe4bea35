"""Diagnosis of whole cases of a made-up cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.evaluation.case_diagnosis import diagnose_case
from distdiag_core.diagnosis.evaluation.replay import growing_windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model


def test_a_case_is_diagnosed_by_its_anomalous_stretch(model: Model, case_of: Callable[..., Case]) -> None:
    case = case_of(300, ("io_stress", "n2"))
    found = diagnose_case(model, case)
    first = found.root_causes[0]
    assert found.anomalous
    assert (first.node, first.anomaly, first.rank) == ("n2", "io_stress", 1)
    assert case.labels[0].start_s <= found.time_s <= case.labels[0].end_s + 10
    assert [cause.rank for cause in found.root_causes] == list(range(1, len(found.root_causes) + 1))


def test_a_cause_keeps_its_highest_confidence_of_the_stretch(model: Model, case_of: Callable[..., Case]) -> None:
    case = case_of(301, ("cpu_stress", "n3"))
    diagnoser = Diagnoser(model, case.period_s)
    ticks = [diagnoser.diagnose(window) for window in growing_windows(case, diagnoser.lengths.window)]
    clearest = max(
        cause.confidence
        for tick in ticks
        if tick.anomalous
        for cause in tick.root_causes
        if (cause.node, cause.anomaly) == ("n3", "cpu_stress")
    )
    assert diagnose_case(model, case).root_causes[0].confidence == pytest.approx(clearest)


def test_a_normal_case_is_diagnosed_by_its_last_tick(model: Model, case_of: Callable[..., Case]) -> None:
    case = case_of(302, ticks=40)
    found = diagnose_case(model, case)
    assert not found.anomalous
    assert found.time_s == case.window.times_s[-1]
