"""Stretches of time."""

from __future__ import annotations

from distdiag_tui.drawing.format import countdown, stopwatch


def test_time_that_is_left_and_that_has_passed() -> None:
    assert countdown(41.2) == "00:42"
    assert countdown(-5) == "00:00"
    assert countdown(3723) == "1:02:03"
    assert stopwatch(751) == "00:12:31"
