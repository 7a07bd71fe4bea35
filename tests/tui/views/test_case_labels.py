"""Labels as an operator types them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.dataset.case import Case, Label
from distdiag_core.errors import ConfigError
from distdiag_core.metrics.frame import Window
from distdiag_tui.views import case_labels

_FIRST_S = 1_795_512_600.25
_NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
_LABELS = st.builds(
    lambda anomaly, node, start, length, severity: Label(
        anomaly, node, _FIRST_S + start, _FIRST_S + start + length, severity
    ),
    _NAMES,
    st.from_regex(r"n[0-9]{1,3}", fullmatch=True),
    st.floats(0, 500),
    st.floats(0, 100),
    st.sampled_from([None, "low", "high"]),
)


def case(*labels: Label) -> Case:
    times_s = _FIRST_S + np.arange(600.0)
    return Case("c1", Window(times_s, ("n1",), (), np.empty((1, 0, 600), dtype=np.float32)), 1.0, labels)


@given(st.lists(_LABELS, max_size=4, unique_by=lambda label: (label.anomaly, label.node)))
def test_labels_that_are_left_as_they_are_stay_exactly_so(labels: list[Label]) -> None:
    known = case(*labels)
    assert case_labels.parse(case_labels.as_typed(known), known) == tuple(labels)


def test_a_label_that_is_moved_keeps_its_severity() -> None:
    known = case(Label("cpu_stress", "n2", _FIRST_S + 20.4, _FIRST_S + 60.4, "high"))
    assert case_labels.as_typed(known) == "cpu_stress@n2 20-60"
    (moved,) = case_labels.parse("cpu_stress@n2 25-60.5", known)
    assert moved == Label("cpu_stress", "n2", _FIRST_S + 25, _FIRST_S + 60.5, "high")


def test_nothing_typed_is_a_normal_case() -> None:
    assert case_labels.parse(" , ", case(Label("cpu_stress", "n2", _FIRST_S, _FIRST_S + 1))) == ()


@pytest.mark.parametrize("typed", ["cpu_stress", "cpu_stress@n2", "cpu_stress@n2 20", "@n2 1-2", "cpu@n2 a-b", "x y"])
def test_what_is_no_label_is_named(typed: str) -> None:
    with pytest.raises(ConfigError, match=f"'{typed}' is no label"):
        case_labels.parse(typed, case())
