"""Counters into rates: right where it can be told, unknown where it cannot, and never a spike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from distdiag_core.metrics.catalogue import Kind, Metric
from distdiag_core.metrics.rates import RateTable, Sample
from distdiag_core.metrics.source import Reading


def _metric(name: str, kind: Kind, key: str, per: str | None = None, scale: float = 1.0) -> Metric:
    return Metric(name, name, "1", kind, "cpu", "host", key, per, scale=scale)


_METRICS = (
    _metric("host.gauge", "gauge", "g"),
    _metric("host.rate", "counter", "c", scale=100.0),
    _metric("host.ratio", "counter", "c", per="d"),
    _metric("host.share", "gauge", "g", per="h", scale=100.0),
)


def _table() -> RateTable:
    return RateTable(_METRICS, shortest_s=0.2, longest_s=2.5)


def _figures(before: dict[str, float] | None, now: dict[str, float], elapsed_s: float = 1.0) -> dict[str, float]:
    table = _table()
    base = None if before is None else table.sample(Reading(50.0, before))
    figures = table.values(base, table.sample(Reading(50.0 + elapsed_s, now)))
    return dict(zip(("gauge", "rate", "ratio", "share"), figures.tolist(), strict=True))


def test_rates_use_the_time_that_really_passed() -> None:
    figures = _figures({"c": 10, "d": 5, "g": 1}, {"c": 16, "d": 8, "g": -3, "h": 4}, elapsed_s=1.5)
    assert figures == {
        "gauge": -3,
        "rate": pytest.approx(400),
        "ratio": pytest.approx(2),
        "share": pytest.approx(-75),
    }


def test_what_is_counted_is_never_less_than_none() -> None:
    metrics = tuple(
        Metric(f"sysstat.{unit}", unit, unit, "gauge", "cpu", "sysstat", "g") for unit in ("sessions", "°C")
    )
    table = RateTable(metrics, shortest_s=0.2, longest_s=2.5)
    assert table.values(None, table.sample(Reading(50.0, {"g": -3}))).tolist() == [0, -3]


def test_a_first_reading_has_gauges_only() -> None:
    figures = _figures(None, {"c": 16, "d": 8, "g": 7, "h": 7})
    assert (figures["gauge"], figures["share"]) == (7, 100)
    assert math.isnan(figures["rate"])
    assert math.isnan(figures["ratio"])


@pytest.mark.parametrize(
    ("before", "now", "elapsed_s"),
    [
        pytest.param({"c": 10}, {"c": 9}, 1.0, id="reset"),
        pytest.param({"c": 10}, {}, 1.0, id="missing now"),
        pytest.param({}, {"c": 10}, 1.0, id="missing before"),
        pytest.param({"c": 10}, {"c": 20}, 2.6, id="gap"),
        pytest.param({"c": 10}, {"c": 20}, 0.1, id="too soon"),
        pytest.param({"c": 10}, {"c": 20}, 0.0, id="the clock stands"),
        pytest.param({"c": 10}, {"c": 20}, -40.0, id="the host began anew"),
        pytest.param({"c": 10}, {"c": math.inf}, 1.0, id="infinite"),
        pytest.param({"c": 10}, {"c": 1e300}, 1.0, id="absurd"),
    ],
)
def test_what_cannot_be_told_is_unknown(before: dict[str, float], now: dict[str, float], elapsed_s: float) -> None:
    assert math.isnan(_figures(before, now, elapsed_s)["rate"])


def test_a_ratio_is_unknown_while_its_divisor_stands() -> None:
    assert math.isnan(_figures({"c": 10, "d": 5}, {"c": 20, "d": 5})["ratio"])


def test_no_part_is_more_than_its_whole() -> None:
    metric = Metric("host.cpu.usage", "cpu", "%", "counter", "cpu", "host", "busy", "total", scale=100.0)
    table = RateTable((metric,), shortest_s=0.2, longest_s=2.5)
    before, now = (table.sample(Reading(at, {"busy": at, "total": 0.9 * at})) for at in (50.0, 51.0))
    assert table.values(before, now).tolist() == [100.0]


def test_a_reading_that_came_too_soon_does_not_become_the_base() -> None:
    table = _table()
    first, soon, restarted = (table.sample(Reading(clock_s, {"c": 1.0})) for clock_s in (50.0, 50.1, 3.0))
    assert table.next_base(None, first) is first
    assert table.next_base(first, soon) is first
    assert table.next_base(first, restarted) is restarted


_FIGURE = st.one_of(st.floats(allow_nan=True), st.integers(min_value=-(2**63), max_value=2**63).map(float))
_VALUES = st.dictionaries(st.sampled_from(["c", "d", "g", "h", "unheard of"]), _FIGURE)


@given(_VALUES, _VALUES, st.floats(min_value=-1e9, max_value=1e9))
def test_rates_are_never_negative_and_always_fit_in_a_frame(
    before: dict[str, float], now: dict[str, float], elapsed_s: float
) -> None:
    table = _table()
    figures = table.values(table.sample(Reading(0.0, before)), table.sample(Reading(elapsed_s, now)))
    assert not np.any(figures[1:3] < 0)
    assert not np.any(np.isinf(figures.astype(np.float32)))


@given(st.lists(st.tuples(st.floats(0.2, 2.5), st.integers(0, 10**9)), min_size=1, max_size=20))
def test_rates_times_the_time_passed_give_back_the_growth(steps: list[tuple[float, int]]) -> None:
    table = _table()
    base: Sample | None = None
    clock_s, count, regained = 0.0, 0, 0.0
    for elapsed_s, growth in [(1.0, 0), *steps]:
        clock_s, count = clock_s + elapsed_s, count + growth
        now = table.sample(Reading(clock_s, {"c": float(count)}))
        rate = float(table.values(base, now)[1]) / 100.0
        # Sums of floats may land a hair outside the bounds.
        assume(base is None or not math.isnan(rate))
        regained += 0.0 if base is None else rate * (now.clock_s - base.clock_s)
        base = table.next_base(base, now)
    assert regained == pytest.approx(count, rel=1e-6)
