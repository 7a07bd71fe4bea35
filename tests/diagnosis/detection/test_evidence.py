"""The metrics that support an anomaly: those that contributed and have moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.evidence import relevance, strongest
from distdiag_core.diagnosis.detection.movement import Movement

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def moved(*now: float, before: float = 1.0) -> Movement:
    """Metrics with a deviation of 0.1."""
    count = len(now)
    return Movement(
        np.full(count, before, dtype=np.float32),
        np.array(now, dtype=np.float32),
        np.full(count, 0.1, dtype=np.float32),
    )


def array(*values: float) -> Array:
    return np.array(values, dtype=np.float32)


def test_a_metric_that_only_rode_along_is_no_evidence() -> None:
    assert strongest(moved(9, 2, 3), array(0.3, 0.3, 0.4), array(0, 0.5, 2.0)) == (2, 1)


def test_a_metric_that_contributed_against_the_anomaly_is_no_evidence() -> None:
    assert strongest(moved(9, 2), array(0.5, 0.5), array(-3.0, 0.5)) == (1,)


def test_a_metric_that_contributed_and_has_not_moved_is_no_evidence() -> None:
    assert strongest(moved(1.05, 2), array(0.5, 0.5), array(3.0, 0.5)) == (1,)


def test_a_metric_whose_values_went_missing_has_moved() -> None:
    assert strongest(moved(np.nan, 2), array(0.5, 0.5), array(3.0, 0.5)) == (0, 1)


def test_without_a_past_contributions_alone_count() -> None:
    assert strongest(moved(1, 2, before=np.nan), array(0.5, 0.5), array(3.0, 0.5)) == (0, 1)


def test_small_contributions_are_left_out() -> None:
    assert strongest(moved(2, 2), array(0.5, 0.5), array(3.0, 0.01)) == (0,)


def test_without_contributions_it_goes_by_movement_where_the_classifier_looks() -> None:
    # The first moves eight times as far, and the classifier draws a thousandth of its gain from it.
    assert strongest(moved(9, 2, 1.05), relevance(array(0.001, 0.5, 0.4)), None) == (1,)


@pytest.mark.parametrize("contributions", [None, array(*range(1, 10))])
def test_there_are_six_at_most(contributions: Array | None) -> None:
    assert len(strongest(moved(*[9.0] * 9), array(*[1] * 9), contributions)) == 6


def test_nothing_has_contributed() -> None:
    assert strongest(moved(9, 9), array(0, 0), array(0, -1)) == ()


def test_metrics_of_the_own_category_that_contributed_come_first() -> None:
    contributed, own = array(3.0, 0.2, 0.4), np.array([False, True, True])
    assert strongest(moved(9, 9, 9), array(1, 1, 1), contributed, own) == (2, 0, 1)


def test_until_contributions_are_known_those_of_the_own_category_that_moved_clearly_come_first() -> None:
    # A hundred deviations of what was near zero are no more evidence than ten.
    assert strongest(moved(11, 2, 1.01), array(1, 1, 1), None, np.array([False, True, True])) == (1, 0)


def test_metrics_that_are_unknown_are_no_evidence_while_contributions_are() -> None:
    assert strongest(moved(np.nan, 2), array(1, 1), None, np.array([True, False])) == (1,)
