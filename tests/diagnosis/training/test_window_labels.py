"""Truth of windows around the ends of an anomaly."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.dataset.case import Case, Label
from distdiag_core.diagnosis.training.window_labels import FALSE, TRUE, UNKNOWN, window_truth
from distdiag_core.metrics.frame import Window

_VALUES = np.zeros((2, 1, 60), dtype=np.float32)
CASE = Case("c", Window(np.arange(60.0), ("n1", "n2"), ("m",), _VALUES), 1.0, (Label("cpu_stress", "n2", 20, 39),))


@pytest.mark.parametrize(
    ("end", "truth"), [(20, FALSE), (23, UNKNOWN), (24, TRUE), (40, TRUE), (43, UNKNOWN), (44, FALSE), (60, FALSE)]
)
def test_a_window_is_anomalous_from_two_fifths_on(end: int, truth: int) -> None:
    assert window_truth(CASE, end - 10, end, ("cpu_stress", "io_stress")).tolist() == [[0, 0], [truth, 0]]


def test_outside_the_named_normal_stretches_nothing_is_known() -> None:
    named = Case("c", CASE.window, 1.0, CASE.labels, normal=((0, 9),))
    assert (window_truth(named, 0, 10, ("cpu_stress",)) == FALSE).all()
    assert (window_truth(named, 5, 15, ("cpu_stress",)) == UNKNOWN).all()
