"""Cases cut out of what was seen: the stretch of ticks, and what in it is known to be normal.

All times are those of ticks, because it is in the time of ticks that a case is labelled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.diagnosis.case import Label

# Of the ticks that a case should have; fewer mean that this machine could not keep up.
_ENOUGH_TICKS = 0.8


@dataclass(frozen=True, slots=True)
class Course:
    """How a case with anomalies went.

    Attributes:
        start_s: of the stretch before the anomalies, which is normal.
        asked_s: when the anomalies were asked for.
        recovered_s: from here on it is normal again; may be after the end.
        end_s: of the case.
    """

    start_s: float
    asked_s: float
    recovered_s: float
    end_s: float

    @property
    def normal(self) -> tuple[tuple[float, float], ...]:
        """The stretches that are known to be normal.

        What lies between asking and proof, at both ends, and the recovery is called neither normal nor an anomaly.
        """
        both = ((self.start_s, self.asked_s), (self.recovered_s, self.end_s))
        return tuple((start_s, end_s) for start_s, end_s in both if start_s < end_s)


def stretch(history: Window, start_s: float, end_s: float) -> Window:
    """The ticks from `start_s` to `end_s`, both included, as a copy that keeps nothing of `history` alive."""
    inside = np.flatnonzero((history.times_s >= start_s) & (history.times_s <= end_s))
    values = history.values[:, :, inside]
    values.flags.writeable = False
    return Window(history.times_s[inside], history.nodes, history.metrics, values)


def too_few_ticks(window: Window, start_s: float, end_s: float, period_s: float) -> str:
    """How many ticks of a stretch are missing, when that is too many for a case; else empty."""
    expected = (end_s - start_s) / period_s + 1
    if len(window) >= _ENOUGH_TICKS * expected:
        return ""
    return f"only {len(window)} of {expected:.0f} ticks were sampled"


def labels_within(labels: Sequence[Label], start_s: float, end_s: float) -> tuple[Label, ...]:
    """What of `labels` lies between `start_s` and `end_s`, cut off at both."""
    return tuple(
        replace(label, start_s=max(label.start_s, start_s), end_s=min(label.end_s, end_s))
        for label in labels
        if label.start_s <= end_s and label.end_s >= start_s
    )
