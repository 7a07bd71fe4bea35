"""The slope of a figure over time, by least squares over the second half of a run, and the verdict on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HOUR_S = 3600.0
_FEWEST = 6
# A slope that is less than twice its standard error may be chance.
_SIGNIFICANT = 2.0


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at a time; `life` tells the processes apart that it was measured on, one after the other."""

    at_s: float
    value: float
    life: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """A slope an hour, its standard error, and the mean of the points that it comes from."""

    slope: float
    error: float
    mean: float
    points: int


def second_half(points: Iterable[Point], end_s: float) -> list[Point]:
    """The points of the second half of a run of `end_s` seconds."""
    return [point for point in points if point.at_s >= end_s / 2]


def trend(points: Sequence[Point]) -> Trend | None:
    """The slope that all lives have in common, each around its own mean; None where the points are too few for one."""
    lives = [
        list(of) for _, of in groupby(sorted(points, key=lambda each: (each.life, each.at_s)), lambda each: each.life)
    ]
    lives = [life for life in lives if len(life) > 1]
    count = sum(map(len, lives))
    free = count - len(lives) - 1
    if count < _FEWEST or free < 1:
        return None
    pairs = [pair for life in lives for pair in _around_mean(life)]
    spread = sum(at * at for at, _ in pairs)
    if spread == 0:
        return None
    slope = sum(at * value for at, value in pairs) / spread
    rest = sum((value - slope * at) ** 2 for at, value in pairs)
    error = math.sqrt(rest / free / spread)
    mean = sum(point.value for life in lives for point in life) / count
    return Trend(slope * _HOUR_S, error * _HOUR_S, mean, count)


def _around_mean(life: Sequence[Point]) -> list[tuple[float, float]]:
    at_s = sum(point.at_s for point in life) / len(life)
    value = sum(point.value for point in life) / len(life)
    return [(point.at_s - at_s, point.value - value) for point in life]


def grows(found: Trend | None, tolerance: float) -> bool:
    """Whether a figure grows by more than `tolerance` an hour, and not by chance."""
    return found is not None and found.slope > max(tolerance, _SIGNIFICANT * found.error)


def verdict(found: Trend | None, tolerance: float) -> str:
    """The verdict in words: flat, by how much it grows or falls an hour, or why that cannot be said."""
    if found is None:
        return "too short to say"
    change = f"{abs(found.slope):.1f} an hour"
    if grows(found, tolerance):
        return f"grows by {change}"
    if grows(Trend(-found.slope, found.error, found.mean, found.points), tolerance):
        return f"falls by {change}"
    if _SIGNIFICANT * found.error > tolerance:
        return f"unclear: {found.slope:+.1f} ± {_SIGNIFICANT * found.error:.1f} an hour"
    return "flat"
