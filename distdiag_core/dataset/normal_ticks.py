"""Normal ticks of a case: the one rule for which samples are normal, and which are clean enough for a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Mask

# Queues drain for a while after an anomaly: such ticks are neither normal enough for a baseline nor anomalous.
RECOVERY_S = 15.0


def in_spans(times_s: NDArray[np.float64], spans: Iterable[tuple[float, float]]) -> Mask:
    """Membership of times, shape (T,), in any of the spans (start, end), ends included."""
    result = np.zeros(len(times_s), dtype=np.bool_)
    for start_s, end_s in spans:
        result |= (times_s >= start_s) & (times_s <= end_s)
    return result


def known_normal_ticks(case: Case) -> Mask:
    """Ticks in the stretches of a case that are known to be normal, shape (T,); all ticks where none are named."""
    times_s = case.window.times_s
    return in_spans(times_s, case.normal) if case.normal else np.ones(len(times_s), dtype=np.bool_)


def clean_ticks(case: Case) -> Mask:
    """Ticks of a case that can serve as a baseline, shape (T,): normal, and not in the recovery from an anomaly."""
    recovering = ((label.start_s, label.end_s + RECOVERY_S) for label in case.labels)
    return known_normal_ticks(case) & ~in_spans(case.window.times_s, recovering)
