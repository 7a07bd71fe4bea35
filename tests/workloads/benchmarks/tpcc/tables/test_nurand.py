"""NURand and its constants have the distributions of clause 2.1.6."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.tpcc.tables.nurand import Constants, nurand
from distdiag_core.workloads.benchmarks.tpcc.tables.scale import Scale
from tests.workloads.benchmarks.tpcc.chi_square import fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DRAWS = 60_000


def _shares(a: int, first: int, last: int, c: int) -> NDArray[np.float64]:
    """How likely each number is, by going through all pairs that the formula of clause 2.1.6 draws from."""
    span = last - first + 1
    pairs = np.arange(a + 1)[:, None] | np.arange(first, last + 1)[None, :]
    counts = np.bincount(((pairs + c) % span).ravel(), minlength=span)
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


@pytest.mark.parametrize(("a", "first", "last", "c"), [(255, 0, 999, 123), (1_023, 1, 3_000, 1_000), (7, 1, 30, 5)])
def test_numbers_are_as_uneven_as_the_specification_wants(a: int, first: int, last: int, c: int) -> None:
    random = Random(1)
    drawn = np.array([nurand(random, a, first, last, c) for _ in range(_DRAWS)])
    observed = np.bincount(drawn - first, minlength=last - first + 1)
    assert fits(observed, _shares(a, first, last, c))
    assert not fits(observed, np.full(len(observed), 1 / len(observed)))


@given(st.integers(0, 8_191), st.integers(0, 100), st.integers(1, 100_000), st.integers(0, 8_191), st.integers())
def test_numbers_stay_in_their_range(a: int, first: int, span: int, c: int, seed: int) -> None:
    assert first <= nurand(Random(seed), a, first, first + span - 1, c) < first + span


@given(st.integers(), st.integers())
def test_last_names_of_the_run_are_at_a_valid_distance_from_those_of_the_load(load: int, run: int) -> None:
    scale = Scale()
    loaded = Constants.of_load(scale, Random(load))
    running = loaded.of_run(scale, Random(run))
    delta = abs(running.last_name - loaded.last_name)
    assert 65 <= delta <= 119
    assert delta not in (96, 112)
    assert 0 <= running.last_name <= 255
    assert 0 <= running.customer <= 1_023
    assert 0 <= running.item <= 8_191


def test_a_is_that_of_the_specification_and_shrinks_with_the_scale() -> None:
    full, small = Scale(), Scale(1)
    assert (full.a_of_last_names, full.a_of_customers, full.a_of_items) == (255, 1_023, 8_191)
    assert (small.a_of_last_names, small.a_of_customers, small.a_of_items) == (3, 7, 63)
