"""The clean past that is kept from tick to tick is what it would be if it were computed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.clean_past import CleanPast
from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC = FeatureSpec(("cpu", "queue"), np.array([1, 2], dtype=np.float32), np.zeros(2, dtype=np.float32))


def window(ticks: int = 40, metrics: tuple[str, ...] = ("queue", "cpu")) -> Window:
    values = np.random.default_rng(7).lognormal(1, 1, (3, 2, ticks)).astype(np.float32)
    values[1, 0, 5:9] = np.nan
    return Window(np.arange(ticks, dtype=np.float64), ("n1", "n2", "n3"), metrics, values)


STEPS: dict[str, tuple[Sequence[int], Sequence[int]]] = {
    "a tick later": (range(10), range(1, 11)),
    "the same ticks": (range(10), range(10)),
    "after a gap": (range(10), [*range(3, 10), 20, 21]),
    "with a tick missing in between": (range(10), [0, 1, 5, 6, 12]),
    "entirely other ticks": (range(10), range(20, 30)),
    "nothing any more": (range(10), []),
    "something again": ([], range(10)),
}


@pytest.mark.parametrize(("first", "then"), STEPS.values(), ids=STEPS)
def test_what_is_kept_is_what_would_be_computed_anew(first: Sequence[int], then: Sequence[int]) -> None:
    kept, history = CleanPast(SPEC), window()
    kept.at(history, np.array(first, dtype=np.intp))
    ticks = np.array(then, dtype=np.intp)
    past, anew = kept.at(history, ticks), CleanPast(SPEC).at(history, ticks)
    assert np.array_equal(past.times_s, history.times_s[ticks])
    assert np.array_equal(past.log_values, anew.log_values, equal_nan=True)
    assert np.array_equal(past.baseline, anew.baseline, equal_nan=True)


def test_the_same_past_is_not_computed_again() -> None:
    kept, history = CleanPast(SPEC), window()
    ticks = np.arange(10)
    assert kept.at(history, ticks) is kept.at(history, ticks)


def test_other_metrics_need_another_past() -> None:
    kept, ticks = CleanPast(SPEC), np.arange(10)
    before = kept.at(window(), ticks)
    after = kept.at(window(metrics=("cpu", "queue")), ticks)
    assert not np.array_equal(before.baseline, after.baseline)
