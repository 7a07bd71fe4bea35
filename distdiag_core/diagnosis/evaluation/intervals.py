"""Confidence intervals of 95 %: cluster bootstrap for means and statistics, exact for rates.

Cases of one group are repeats of one set-up and not independent, so that the bootstrap draws whole groups (Efron, 1979;
Field and Welsh, 2007, for clusters). Counts over time have the exact interval of Garwood (1936).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Interval = tuple[float, float]

_LEVEL = 0.95
_DRAWS = 1000
# Half of it gives more digits than are printed.
_BISECTIONS = 60


def draws(groups: Sequence[str]) -> NDArray[np.intp]:
    """Bootstrap weights: how often each case is in each of the resampled sets, shape (draws, cases)."""
    _, place = np.unique(np.array(groups, dtype=object), return_inverse=True)
    count = int(place.max()) + 1
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWS)
    return np.asarray(drawn[:, place], dtype=np.intp)


def of_mean(values: Sequence[float], groups: Sequence[str]) -> Interval | None:
    """Interval of the mean of one value per case; None without cases."""
    if not values:
        return None
    weights = draws(groups)
    return _middle(weights @ np.array(values, dtype=np.float64) / weights.sum(axis=1))


def of_statistic(statistic: Callable[[NDArray[np.intp]], float | None], groups: Sequence[str]) -> Interval | None:
    """Interval of a statistic of the indices of the drawn cases, each as often as it was drawn; None without any."""
    if not groups:
        return None
    places = np.arange(len(groups))
    found = [statistic(np.repeat(places, weights)) for weights in draws(groups)]
    known = [each for each in found if each is not None]
    return _middle(np.array(known)) if known else None


def of_rate(events: int, hours: float) -> Interval | None:
    """Exact interval of a rate of independent events per hour (Garwood, 1936); None without any time."""
    if hours <= 0:
        return None
    tail = (1 - _LEVEL) / 2
    low = _solve(lambda mean: 1 - _poisson_cdf(events - 1, mean), tail, events) if events else 0.0
    high = _solve(lambda mean: -_poisson_cdf(events, mean), -tail, events)
    return low / hours, high / hours


def _middle(found: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(found, ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2))
    return float(low), float(high)


def _poisson_cdf(events: int, mean: float) -> float:
    """Poisson probability of at most `events` where `mean` are expected."""
    if mean == 0:
        return 1.0
    return math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(events + 1))


def _solve(rising: Callable[[float], float], value: float, events: int) -> float:
    """Argument at which a rising function has this value, by bisection."""
    low, high = 0.0, events + 10 * math.sqrt(events + 1) + 10
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < value else (low, middle)
    return (low + high) / 2
