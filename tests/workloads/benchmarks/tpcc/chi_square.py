"""Pearson's chi-square test for samples drawn with a fixed seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fits(observed: NDArray[np.int64], shares: NDArray[np.float64]) -> bool:
    """Whether counts are as likely as `shares` say, at a level of one in a thousand.

    The limit is the cube-root approximation of Wilson and Hilferty (1931), so that no statistics package is needed.
    """
    expected = shares * observed.sum()
    possible = expected > 0
    if observed[~possible].any():
        return False
    statistic = float((((observed - expected) ** 2)[possible] / expected[possible]).sum())
    freedom = int(possible.sum()) - 1
    limit: float = freedom * (1 - 2 / (9 * freedom) + 3.09 * np.sqrt(2 / (9 * freedom))) ** 3
    return statistic < limit
