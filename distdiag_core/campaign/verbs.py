"""What a campaign needs of a running console; `distdiag_core.runtime.runtime.Runtime` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus


class Verbs(Protocol):
    """The acts, and what is seen; all raise `DistdiagError`."""

    @property
    def anomalies(self) -> AnomalyCatalogue:
        """What can be made to happen."""

    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first tick."""

    async def next_snapshot(self) -> Snapshot:
        """The one of the next tick."""

    async def plan(self, request: InjectionRequest) -> Plan:
        """What `request` comes to."""

    async def inject(self, plan: Plan) -> tuple[Injection, ...]:
        """Make it happen, and prove that it does."""

    async def active(self) -> tuple[Injection, ...]:
        """What is on the nodes now, whoever put it there."""

    @property
    def unasked(self) -> tuple[str, ...]:
        """The nodes that gave `active` no answer: for each a sentence that begins with its name."""

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections and prove that they are gone."""

    async def prepare_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Create and fill the tables."""

    async def cleanup_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Drop the tables that a benchmark has made."""

    async def start_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Start the load."""

    async def stop_workload(self) -> Sequence[WorkloadStatus]:
        """End the load."""
