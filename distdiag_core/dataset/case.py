"""A labelled stretch of figures, what models learn from and are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Window


@dataclass(frozen=True, slots=True)
class Label:
    """An anomaly that is known to have been on a node; `start_s` and `end_s` are inclusive, in the time of the case."""

    anomaly: str
    node: str
    start_s: float
    end_s: float
    severity: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One case, as in a case directory.

    Attributes:
        window: all of its ticks.
        period_s: seconds between samples.
        labels: empty for a normal case.
        normal: known normal stretches; empty: everything outside the labels.
        group: cases of one group are repeats of one set-up and are never split between training and test.
        scenario, category: the plan that it came of, such as `A1` and `one node, one anomaly`; None where it had none.
        excluded: why training and evaluation must not use it, such as a node that was lost; None where they may.
        tags: whatever its owner wants to find it by.
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
