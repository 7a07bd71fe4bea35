"""Figures with their units."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.metrics.figures import WIDTH, change, figure

UNITS = ("%", "bytes", "bytes/s", "ms", "1/s", "sessions", "us", "s")


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (31.4, "%", "31%"), (3.14, "%", "3.1%"), (0.0, "%", "0%"), (99.96, "%", "100%"),
        (2_200_000, "bytes/s", "2.1M/s"), (999, "bytes", "999"), (1000, "bytes", "1.0k"), (1024, "bytes", "1k"),
        (12.4, "ms", "12 ms"), (11_800, "ms", "12 s"), (0.2, "ms", "200 us"), (999.6, "ms", "1.0 s"),
        (412, "1/s", "412/s"), (8_240, "1/s", "8.2k/s"), (14, "sessions", "14"), (-3, "sessions", "-3"),
        (18, "ms/s", "18ms/s"), (2_500, "ms/s", "2.5s/s"), (5, "ms", "5 ms"), (180_000_000, "ms", "50 h"),
    ],
)  # fmt: skip
def test_figure(value: float, unit: str, said: str) -> None:
    assert figure(value, unit) == said


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_unknown_has_its_own_sign(value: float) -> None:
    assert figure(value, "%") == "-"
    assert figure(value, "bytes/s", unknown="–") == "–"


@given(st.floats(min_value=0, max_value=1e15), st.sampled_from(UNITS[1:]))
def test_a_figure_fits_its_column(value: float, unit: str) -> None:
    assert len(figure(value, unit)) <= WIDTH


@given(st.floats(min_value=1, max_value=1e12), st.sampled_from(("bytes", "1/s")))
def test_a_figure_is_within_its_own_rounding(value: float, unit: str) -> None:
    text = figure(value, unit).removesuffix("/s")
    step = 1024 if unit == "bytes" else 1000
    prefix = text[-1] if text[-1] in "kMGTP" else ""
    shown = float(text.removesuffix(prefix)) * step ** " kMGTP".index(prefix or " ")
    assert shown == pytest.approx(value, rel=0.06)


def test_a_change_says_what_was_and_what_is() -> None:
    assert change(31.2, 98.9, "%") == "31% -> 99%"
    assert change(None, 98.9, "%") == "99%"
    assert change(2_200_000, None, "bytes/s", to="→", unknown="–") == "2.1M/s → –"
