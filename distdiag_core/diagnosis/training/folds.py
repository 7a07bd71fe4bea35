"""Folds of cases for cross-validation, by groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case


def assign_folds(cases: Sequence[Case], count: int) -> NDArray[np.intp]:
    """Fold of each case, 0 to count - 1, shape (len(cases),); a group is never split, each set of anomalies spread."""
    by_anomalies: dict[tuple[str, ...], dict[str, None]] = {}
    for case in cases:
        anomalies = tuple(sorted({label.anomaly for label in case.labels}))
        by_anomalies.setdefault(anomalies, {})[case.group] = None
    fold: dict[str, int] = {}
    for groups in by_anomalies.values():
        for group in groups:
            fold.setdefault(group, len(fold) % count)
    return np.array([fold[case.group] for case in cases])
