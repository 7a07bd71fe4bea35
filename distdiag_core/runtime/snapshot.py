"""Everything that a screen shows, as one frozen value a tick."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.incidents.validation import Validation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_core.incidents.incident import Incident
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.frame import Frame, Window
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.operations.backfill_reader import BackfillStatus, NodeBackfill
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.recording.events import Event
    from distdiag_core.recording.recording_status import RecordingStatus
    from distdiag_core.runtime.live_sources import SourceStatus
    from distdiag_core.runtime.replay_status import ReplayStatus
    from distdiag_core.workloads.workload_status import WorkloadStatus


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One tick of a running console. Immutable all through, so that any thread may hold it.

    Attributes:
        tick: counts from 1; a screen that misses some just shows the newest. A replay may show one again.
        late_s: how long after the due time of its tick it was made; 0 where nothing is sampled.
        troubles: by node and source, why the newest figures are missing; only those that are.
        notes: by node, values of files and of the cluster file that were passed over or do not exist there.
        sources: those of the cluster file, in its order; none in what is replayed.
        unread: metrics that the diagnosis does without, since their source is or was switched off.
        window: the history for charts, up to ten minutes, this frame included.
        events: the newest first, at most 200.
        compound: the newest compound injection that was begun here; None before the first.
        workloads: what runs, on however many nodes; what is being prepared; and of each other kind what was done last.
        workload_problems: what could not be asked or read about workloads, a sentence each.
        diagnosis: None before the first one.
        incident: the one that goes on; None without one.
        marks: what the recording of a replay has of the hour before; of a running cluster none, which is remembered.
        validation: hits and misses of the model in use on known injections.
        collecting: None in what is replayed.
        replay: where in the recording this tick is; None for a running cluster.
        simulated: whether there is no cluster at all, and every figure is made up.
    """

    tick: int
    cluster: ClusterSettings
    catalogue: MetricCatalogue
    nodes: tuple[NodeStatus, ...]
    frame: Frame
    window: Window
    late_s: float = 0.0
    troubles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[SourceStatus, ...] = ()
    unread: frozenset[str] = frozenset()
    injections: tuple[Injection, ...] = ()
    compound: CompoundStatus | None = None
    workloads: tuple[WorkloadStatus, ...] = ()
    workload_problems: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    model: ModelStatus | None = None
    incident: Incident | None = None
    marks: tuple[AnomalyMark, ...] = ()
    validation: Validation = field(default_factory=Validation)
    recording: RecordingStatus | None = None
    events: tuple[Event, ...] = ()
    collecting: CollectingStatus | None = None
    replay: ReplayStatus | None = None
    simulated: bool = False

    @property
    def stand_in(self) -> str:
        """What is shown in the place of a cluster, in which nothing can be changed; empty for a running cluster."""
        return "a simulated cluster" if self.simulated else "a replay" if self.replay is not None else ""

    def events_after(self, time_s: float) -> tuple[Event, ...]:
        """The events after a time, the oldest first."""
        return tuple(event for event in reversed(self.events) if event.time_s > time_s)

    def backfill_of(self, node: str) -> tuple[str, BackfillStatus, NodeBackfill | None] | None:
        """The source that has figures of the past, its status and what it has of a node; None without such a source."""
        for each in self.sources:
            if each.backfill is not None:
                return each.name, each.backfill, each.backfill.nodes.get(node)
        return None

    def reasons(self, node: str) -> tuple[str, ...]:
        """Everything that is known to be wrong with the way to `node` and with its metrics, each once."""
        status = next((each for each in self.nodes if each.node == node), None)
        found = [status.reason] if status is not None and status.reason else []
        links = (status.ssh.reason, status.sql.reason) if status is not None else ()
        for (named, _), why in self.troubles.items():
            # A source that lacks its connection repeats why that is down.
            if named == node and not any(reason and reason in why for reason in links):
                found.append(why)
        return tuple(dict.fromkeys((*found, *self.notes.get(node, ()))))
