"""The state of the cluster at one tick, beside its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.recording.events import Event
    from distdiag_core.workloads.workload_status import WorkloadStatus


@dataclass(frozen=True, slots=True)
class Observation:
    """One tick, as cases need to know it.

    Attributes:
        time_s: of the frame, seconds since the epoch.
        injections: all that the nodes list.
        events: the newest events of the run.
    """

    time_s: float
    nodes: tuple[NodeStatus, ...]
    injections: tuple[Injection, ...] = ()
    workloads: tuple[WorkloadStatus, ...] = ()
    events: tuple[Event, ...] = ()
