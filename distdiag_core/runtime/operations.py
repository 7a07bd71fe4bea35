"""The operations of a running core, room by room, as front ends and campaigns use them.

`distdiag_core.runtime.runtime.Runtime` has them all. A front end depends on these protocols alone, so that anything
else that offers the same operations, such as a replay, can take its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.obdiag.call import Call
    from distdiag_core.obdiag.evidence import ObdiagEvidence
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.parameters import ParameterReport
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.operations.session_list import SessionList
    from distdiag_core.operations.sessions import SessionEnd
    from distdiag_core.operations.top_sql import TopSql
    from distdiag_core.recording.recorder import Recorder
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus


class InjectionOperations(Protocol):
    """Anomalies made to happen and ended; all raise `DistdiagError`."""

    async def plan(self, request: InjectionRequest) -> Plan:
        """The commands of `request` on each node, nothing of it done yet."""
        ...

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        """Start the injections of a plan and verify their effect."""
        ...

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        """The commands of several anomalies in one act; there is none where a rule refuses one of them."""
        ...

    async def inject_compound(
        self, plan: CompoundPlan, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> CompoundStatus:
        """Start each part of a plan at its offset; its status once the last one has started, failed or is called off.

        `tell` is called with a sentence when a part begins, is proved or fails, in the core's thread.
        """
        ...

    @property
    def compound(self) -> CompoundStatus | None:
        """How far the newest compound injection is; None before the first."""
        ...

    async def call_off(self) -> tuple[str, ...]:
        """Let no part of a compound injection begin any more; the ids of what would have."""
        ...

    async def active(self) -> tuple[Injection, ...]:
        """The injections on the nodes now, also those of other consoles."""
        ...

    @property
    def unasked(self) -> tuple[str, ...]:
        """The nodes that did not answer `active`: a sentence each, which begins with the name of the node."""
        ...

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections and verify that they are gone; their state afterwards."""
        ...

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        """End every injection on the cluster; their state afterwards.

        Nodes that do not answer are asked again for `try_for_s`; `tell` is called each time, in the core's thread.
        """
        ...


class WorkloadOperations(Protocol):
    """Benchmarks as load; all raise `DistdiagError`."""

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Create and fill the tables."""
        ...

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Start the clients."""
        ...

    async def stop(self, ids: Sequence[str] | None = None) -> Sequence[WorkloadStatus]:
        """Stop all clients and preparations, or those with these ids."""
        ...

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Drop the tables that `prepare` created."""
        ...

    async def look_for_tables(self) -> None:
        """Ask the databases which tables are prepared; the next tick has them."""
        ...

    async def history(self) -> tuple[RunWithInjections, ...]:
        """All runs on this cluster, newest first."""
        ...


class SessionOperations(Protocol):
    """The sessions of the databases; all raise `DistdiagError`."""

    async def listed(self, node: str) -> SessionList:
        """The sessions of a node, the longest running first."""
        ...

    async def top_sql(self, node: str) -> TopSql:
        """The statements that took most of a node's time, the longest in total first."""
        ...

    async def kill(
        self, node: str, number: int, *, user: str = "", client: str = "", confirmed: str = ""
    ) -> SessionEnd:
        """End a session, if it is that of `user` from `client` where these are named; its transaction is undone."""
        ...


class ParameterOperations(Protocol):
    """The parameters of the databases; all raise `DistdiagError`."""

    async def report(self) -> ParameterReport:
        """The parameters of all nodes that can be read, and what changed lately."""
        ...


class ObdiagOperations(Protocol):
    """Evidence by obdiag; all raise `DistdiagError`."""

    async def run(
        self, call: Call, *, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> ObdiagEvidence:
        """Run a check or a scene to its end; `tell` is called with its progress, in the core's thread."""
        ...


class SourceOperations(Protocol):
    """The sources of the cluster file; all raise `DistdiagError`."""

    def switch(self, name: str, *, on: bool) -> None:
        """Read a source from the next tick on, or no longer."""
        ...


class DatasetOperations(Protocol):
    """The switches that collect cases."""

    def collect_normal(self, *, on: bool) -> None:
        """Start or end collecting normal operation."""
        ...

    def collect_anomalies(self, *, on: bool) -> None:
        """Make a case of every injection from now on, or of none."""
        ...


class ModelOperations(Protocol):
    """The model that diagnoses."""

    async def use(self, name: str) -> ModelStatus:
        """Diagnose with another model from the next tick on."""
        ...


class DiagnosisOperations(Protocol):
    """The diagnosis of the newest tick."""

    def reset_baseline(self) -> None:
        """Take the state from now on for normal."""
        ...


class PlaybackOperations(Protocol):
    """Moving through a recording; all return at once, and the snapshot of another tick follows."""

    def toggle_pause(self) -> None:
        """Stand still, or go on."""
        ...

    def step(self, ticks: int) -> None:
        """Stand still at a tick so many after this one, or before it."""
        ...

    def change_speed(self, by: int) -> int:
        """The next higher or lower speed, which is returned."""
        ...

    def jump(self, by: int) -> str:
        """Go to the next tick at which something happened, or to the last one before; what happened, "" for none."""
        ...

    def go_to_time(self, time_s: float) -> None:
        """Stand still at the tick of this time, or the one before."""
        ...

    def go_to_end(self, *, last: bool) -> None:
        """Go to the last tick, or to the first."""
        ...


class CampaignOperations(Protocol):
    """What a campaign drives: injections and workloads, and the snapshots that show their effect."""

    @property
    def cluster(self) -> ClusterSettings: ...

    @property
    def anomalies(self) -> AnomalyCatalogue: ...

    @property
    def injections(self) -> InjectionOperations: ...

    @property
    def workloads(self) -> WorkloadOperations: ...

    @property
    def recording(self) -> Recorder | None:
        """The recording that is being written, from which cases are made; None where nothing is recorded."""
        ...

    def snapshot(self) -> Snapshot | None:
        """The newest tick; None before the first."""
        ...

    async def next_snapshot(self) -> Snapshot:
        """The next tick."""
        ...


class Operations(CampaignOperations, Protocol):
    """Everything that a console does with a running core, and the settings that never change while it runs."""

    @property
    def catalogue(self) -> MetricCatalogue: ...

    @property
    def sessions(self) -> SessionOperations: ...

    @property
    def parameters(self) -> ParameterOperations: ...

    @property
    def obdiag(self) -> ObdiagOperations: ...

    @property
    def sources(self) -> SourceOperations: ...

    @property
    def dataset(self) -> DatasetOperations: ...

    @property
    def models(self) -> ModelOperations: ...

    @property
    def diagnosis(self) -> DiagnosisOperations: ...

    @property
    def playback(self) -> PlaybackOperations | None:
        """Moving through the recording of a replay; None for a running cluster."""
        ...
