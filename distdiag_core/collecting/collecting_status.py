"""The status of collecting, as a screen shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from distdiag_core.dataset.statistics import Statistics

Part = Literal["before", "anomaly", "after"]


@dataclass(frozen=True, slots=True)
class NormalStatus:
    """The normal operation that is being collected.

    Attributes:
        seconds: since its start.
        samples: ticks of it that are normal for sure.
        waiting: why the cluster is not in its steady state; empty where it is.
    """

    running: bool = False
    seconds: float = 0.0
    samples: int = 0
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case with anomalies that is open.

    Attributes:
        injections: each as `cpu_stress on n2`.
        part: while it is `before`, the injections are held back.
        done_s, needed_s: seconds of this part; of the anomaly as long as the operator lets it last.
        excluded: why it will be excluded; empty where it will not.
        waiting: while the injections are held back, why the cluster is not in its steady state; empty where it is.
    """

    name: str
    injections: tuple[str, ...]
    part: Part
    done_s: float
    needed_s: float
    excluded: str = ""
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class CollectingStatus:
    """The open cases, the switches, and the dataset.

    Attributes:
        anomalies: the switch; while it is on, every injection becomes a case.
        finished_cases: cases written since this console began.
        statistics: of the dataset on this machine; None until it was first read.
        problem: why the last case could not be written; empty where it could.
    """

    normal: NormalStatus
    anomalies: bool
    open: tuple[OpenCase, ...]
    finished_cases: int
    statistics: Statistics | None
    problem: str = ""
