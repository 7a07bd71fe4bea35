"""Cases cut out of what was seen: the stretch of ticks, and what in it is known to be normal.

All times are those of ticks, because it is in the time of ticks that a case is labelled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.anomalies.injection import SEVERITIES
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from distdiag_core.dataset.case import Label

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
    # Where the clock was set back, the time before that is there twice, and only the newer one is meant.
    back = np.flatnonzero(np.diff(history.times_s) <= 0)
    first = int(back[-1]) + 1 if len(back) else 0
    inside = first + np.flatnonzero((history.times_s[first:] >= start_s) & (history.times_s[first:] <= end_s))
    values = history.values[:, :, inside]
    values.flags.writeable = False
    return Window(history.times_s[inside], history.nodes, history.metrics, values)


def too_few_ticks(window: Window, start_s: float, end_s: float, period_s: float) -> str:
    """How many ticks of a stretch are missing, when that is too many for a case; else empty."""
    expected = (end_s - start_s) / period_s + 1
    if len(window) >= _ENOUGH_TICKS * expected:
        return ""
    return f"only {len(window)} of {expected:.0f} ticks were sampled"


def joined(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Labels of one anomaly on one node that overlap as one, of the higher severity, because it is there but once."""
    found: list[Label] = []
    for label in sorted(labels, key=lambda each: each.start_s):
        place = next((n for n, each in enumerate(found) if _overlap(each, label)), None)
        if place is None:
            found.append(label)
            continue
        before = found[place]
        severity = max(before.severity, label.severity, key=_grade)
        found[place] = replace(before, end_s=max(before.end_s, label.end_s), severity=severity)
    return tuple(found)


def _overlap(earlier: Label, later: Label) -> bool:
    same = (earlier.anomaly, earlier.node) == (later.anomaly, later.node)
    return same and later.start_s <= earlier.end_s


def _grade(severity: str | None) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def labels_within(labels: Sequence[Label], start_s: float, end_s: float) -> tuple[Label, ...]:
    """What of `labels` lies between `start_s` and `end_s`, cut off at both."""
    return tuple(
        replace(label, start_s=max(label.start_s, start_s), end_s=min(label.end_s, end_s))
        for label in labels
        if label.start_s <= end_s and label.end_s >= start_s
    )
