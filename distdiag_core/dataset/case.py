"""A case: a labelled slice of metrics, the unit of training and evaluation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Window


def rounded_s(time_s: float) -> float:
    """A time as case files have it, to the millisecond.

    All times of a case are rounded when they are read, ticks and labels alike: what is in order stays in order, so that
    a tick within a label is within it afterwards.
    """
    # Zero without a sign.
    return round(time_s, 3) + 0.0


@dataclass(frozen=True, slots=True)
class Label:
    """An anomaly that was on a node; `start_s` and `end_s` are inclusive, in the time of the case."""

    anomaly: str
    node: str
    start_s: float
    end_s: float
    severity: str | None = None

    def clipped(self, start_s: float, end_s: float) -> Label | None:
        """The part of the label between `start_s` and `end_s`; None where it lies outside."""
        if self.start_s > end_s or self.end_s < start_s:
            return None
        return replace(self, start_s=max(self.start_s, start_s), end_s=min(self.end_s, end_s))


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One case, as it is stored in a case directory.

    Attributes:
        window: all of its ticks.
        period_s: seconds between ticks.
        labels: empty for a normal case.
        normal: the stretches known to be normal; empty: everything outside the labels.
        group: cases of one group are repeats of one set-up and are never split between training and test.
        scenario, category: of a campaign, such as `A1` and `one node, one anomaly`; None outside of one.
        excluded: why training and evaluation must not use it, such as a node that was lost; None where they may.
        tags: free words to find it by.
    """

    name: str
    window: Window
    period_s: float
    labels: tuple[Label, ...] = ()
    normal: tuple[tuple[float, float], ...] = ()
    group: str = ""
    source: str = ""
    workload: str | None = None
    scenario: str | None = None
    category: str | None = None
    excluded: str | None = None
    tags: tuple[str, ...] = ()
