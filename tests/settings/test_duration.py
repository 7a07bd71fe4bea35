"""Times as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.settings.duration import parse_duration


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), (" 2M ", 120), ("1h", 3600), ("0.5m", 30)])
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "-5s", "nan", "inf", "1d", "s", "1e999"])
def test_durations_that_are_none(text: str) -> None:
    assert parse_duration(text) is None


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_not(text: str) -> None:
    seconds = parse_duration(text)
    assert seconds is None or (seconds > 0 and math.isfinite(seconds))
