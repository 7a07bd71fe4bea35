"""Statistics that pass over the unknown agree with numpy's, and never warn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

_FIGURES = st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6, width=32))
_TABLES = arrays_of.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=_FIGURES)


def _known(row: Array) -> Array:
    return row[~np.isnan(row)]


@given(_TABLES)
def test_quantiles_pass_over_the_unknown(table: Array) -> None:
    low, middle = nan_statistics.quantiles(table, (0.1, 0.5))
    for row, each_low, each_middle in zip(table, low, middle, strict=True):
        if len(_known(row)) == 0:
            assert np.isnan(each_low)
            assert np.isnan(each_middle)
        else:
            assert each_low == pytest.approx(np.quantile(_known(row).astype(float), 0.1), rel=1e-3, abs=1e-2)
            assert each_middle == pytest.approx(np.median(_known(row).astype(float)), rel=1e-3, abs=1e-2)


@given(_TABLES)
def test_mean_passes_over_the_unknown(table: Array) -> None:
    for row, mean in zip(table, nan_statistics.mean(table), strict=True):
        if len(_known(row)) == 0:
            assert np.isnan(mean)
        else:
            assert mean == pytest.approx(_known(row).astype(float).mean(), rel=1e-3, abs=1e-1)


@given(_TABLES)
def test_deviation_passes_over_the_unknown(table: Array) -> None:
    for row, deviation in zip(table, nan_statistics.deviation(table), strict=True):
        if len(_known(row)) == 0:
            assert np.isnan(deviation)
        else:
            assert deviation == pytest.approx(_known(row).astype(float).std(), rel=1e-2, abs=1)


def test_quantiles_of_nothing_are_unknown() -> None:
    assert np.isnan(nan_statistics.median(np.empty((2, 0), dtype=np.float32))).all()
