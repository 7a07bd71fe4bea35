"""Normal and clean ticks of small cases."""

from __future__ import annotations

import numpy as np

from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.normal_ticks import RECOVERY_S, clean_ticks, in_spans, known_normal_ticks
from distdiag_core.metrics.frame import Window


def _case(*labels: Label, normal: tuple[tuple[float, float], ...] = ()) -> Case:
    times_s = np.arange(40, dtype=np.float64)
    return Case("c", Window(times_s, ("n1",), ("m",), np.zeros((1, 1, 40), dtype=np.float32)), 1.0, labels, normal)


def test_spans_include_both_ends_and_may_overlap() -> None:
    found = in_spans(np.arange(8.0), [(1, 2), (2, 3.5), (9, 10)])
    assert np.flatnonzero(found).tolist() == [1, 2, 3]


def test_a_case_without_named_stretches_is_normal_outside_its_labels() -> None:
    assert known_normal_ticks(_case()).all()
    assert np.flatnonzero(known_normal_ticks(_case(normal=((3, 5),)))).tolist() == [3, 4, 5]


def test_an_anomaly_and_the_recovery_from_it_are_not_clean() -> None:
    case = _case(Label("cpu_stress", "n1", 10, 14))
    unclean = np.flatnonzero(~clean_ticks(case))
    assert unclean.tolist() == list(range(10, 14 + int(RECOVERY_S) + 1))
