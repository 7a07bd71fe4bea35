"""Second stage: how it divides what the classifiers make of look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.features.feature_spec import Column, Side
from distdiag_core.diagnosis.features.views import View
from distdiag_core.diagnosis.model.look_alikes import LookAlikes, columns, known

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model

STAGE = LookAlikes(
    ("loss", "delay"), ("rtt",), np.zeros(3), np.ones(3), np.array([[-3.0, 0, 0], [3.0, 0, 0]]), np.zeros(2)
)
CONFIDENCE = np.array([[0.5, 0.2, 0.1]], dtype=np.float32)


def row(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array([values], dtype=np.float32)


def test_the_likeliest_look_alike_gets_what_the_strongest_had_and_others_are_left_alone() -> None:
    told = STAGE.separate(CONFIDENCE, row(2, 0, 0), (0, 2))
    assert told[0].tolist() == pytest.approx([0, 0.2, 0.5], abs=0.001)
    assert CONFIDENCE[0, 0] == 0.5


def test_two_of_which_the_metrics_say_nothing_look_as_likely() -> None:
    assert STAGE.separate(CONFIDENCE, row(0, 0, 0), (0, 2))[0].tolist() == pytest.approx([0.3, 0.2, 0.3])
    assert STAGE.separate(CONFIDENCE, row(np.nan, 0, 0), (0, 2))[0].tolist() == pytest.approx([0.3, 0.2, 0.3])


def test_two_look_alikes_at_once_stay_where_the_metrics_show_both() -> None:
    assert STAGE.separate(row(0.9, 0, 0.9), row(0, 0, 0), (0, 2))[0].tolist() == pytest.approx([0.9, 0, 0.9])


def test_a_metric_supports_one_look_alike_by_what_it_takes_from_the_others() -> None:
    assert STAGE.contributions(row(2, 5, 5)).tolist() == [[[-6], [6]]]


def test_a_row_is_known_where_every_metric_moved_whatever_view_is_hidden() -> None:
    nan = np.nan
    rows = np.array([[1, 1, 0, 1, 1, 0], [nan, 1, 0, nan, nan, 0], [1, 1, 0, 1, 1, nan]], dtype=np.float32)
    assert known(rows).tolist() == [True, True, False]


def test_columns_are_those_of_the_node_itself(model: Model) -> None:
    every = model.features.columns()
    assert [every[place] for place in columns(("io",), every)] == [
        Column(Side.NODE, "io", View.OWN, "mean"),
        Column(Side.NODE, "io", View.LEVEL, "mean"),
        Column(Side.NODE, "io", View.MOVEMENT, "spread"),
    ]
    with pytest.raises(ValueError, match="tape is no metric"):
        columns(("io", "tape"), every)


def test_it_says_what_it_needs_and_what_a_cluster_lacks() -> None:
    assert STAGE.summary(("rtt", "cpu")) == "tells loss, delay apart on nodes that have rtt"
    assert STAGE.summary(("cpu",)).endswith("; not here, which lacks rtt")
    assert STAGE.facts(()) == {"anomalies": ("loss", "delay"), "metrics": ("rtt",), "missing": ("rtt",)}
