"""Parting cases so that what is tested on was never learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case


def folds(cases: Sequence[Case], count: int) -> NDArray[np.intp]:
    """Which of `count` folds each case is in, shape (len(cases),); a group is never split, an anomaly is spread."""
    by_kind: dict[tuple[str, ...], dict[str, None]] = {}
    for case in cases:
        kind = tuple(sorted({label.anomaly for label in case.labels}))
        by_kind.setdefault(kind, {})[case.group] = None
    fold: dict[str, int] = {}
    for groups in by_kind.values():
        for group in groups:
            fold.setdefault(group, len(fold) % count)
    return np.array([fold[case.group] for case in cases])
