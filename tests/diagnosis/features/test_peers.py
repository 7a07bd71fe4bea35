"""Comparison of nodes with their peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from distdiag_core.diagnosis.features.peers import against_peers, median_of_others

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

_VALUES = st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6, width=32))
_TABLES = arrays_of.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=_VALUES)


@given(_TABLES)
def test_median_of_others_leaves_each_place_out(table: Array) -> None:
    found = median_of_others(table)
    for row, medians in zip(table, found, strict=True):
        for place, median in enumerate(medians):
            others = np.delete(row, place)
            others = others[~np.isnan(others)]
            if len(others) == 0:
                assert np.isnan(median)
            else:
                assert median == pytest.approx(np.median(others.astype(float)), rel=1e-3, abs=1e-1)


def test_a_change_of_all_nodes_is_none_against_the_peers() -> None:
    assert not against_peers(np.ones((3, 2, 5), dtype=np.float32)).any()


def test_a_change_of_one_node_stays_and_hardly_moves_the_others() -> None:
    shifts = np.zeros((5, 1, 5), dtype=np.float32)
    shifts[2] = 3
    assert against_peers(shifts)[:, 0, 0].tolist() == [0, 0, 3, 0, 0]


def test_a_single_node_has_no_peers() -> None:
    assert np.isnan(against_peers(np.ones((1, 2, 5), dtype=np.float32))).all()


def test_many_nodes_share_one_median() -> None:
    values = np.arange(33, dtype=np.float32)[None]
    assert median_of_others(values).tolist() == [[16.0] * 33]
