"""Moments and stretches of time as an operator reads them; figures are those of `metrics.figures`."""

from __future__ import annotations

import math
import time

from distdiag_core.metrics.figures import WIDTH, figure

__all__ = ["WIDTH", "clock", "countdown", "day_and_clock", "figure", "stopwatch"]


def countdown(seconds: float) -> str:
    """What is left, as `00:42` or `1:02:03`; never below zero."""
    whole = max(0, math.ceil(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def stopwatch(seconds: float) -> str:
    """What has passed, as `00:12:31`."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def day_and_clock(time_s: float) -> str:
    """A moment that may be days ago."""
    return time.strftime("%m-%d %H:%M:%S", time.localtime(time_s))


def clock(time_s: float) -> str:
    """A moment as the operator's own wall clock shows it."""
    return time.strftime("%H:%M:%S", time.localtime(time_s))
