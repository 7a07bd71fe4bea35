"""What the console needs of a core. `CoreThread` is one; anything else that gives snapshots and takes verbs will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Future

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.operations.run_history import Past
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus

T = TypeVar("T")


class Verbs(Protocol):
    """The acts that a core offers, and the settings that never change while it runs."""

    @property
    def anomalies(self) -> AnomalyCatalogue:
        """What can be injected."""

    @property
    def catalogue(self) -> MetricCatalogue:
        """What is measured."""

    @property
    def cluster(self) -> ClusterSettings:
        """The cluster."""

    async def plan(self, request: InjectionRequest) -> Plan:
        """What a request comes to, without doing it."""

    async def inject(self, plan: Plan) -> tuple[Injection, ...]:
        """Make the trouble that was planned."""

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """End these injections; how they are afterwards."""

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        """End every injection on the cluster; how they are afterwards.

        Nodes that do not answer are asked again for `try_for_s`; `tell` is told each time, in the core's thread.
        """

    async def prepare_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Make the tables."""

    async def start_workload(self, request: WorkloadRequest) -> WorkloadStatus:
        """Let the clients run."""

    async def stop_workload(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """Stop all clients and preparations, or those of some runs; what was stopped."""

    async def workload_history(self) -> tuple[Past, ...]:
        """The runs that there were, the newest first."""

    async def collect_normal(self, *, on: bool) -> None:
        """Start or stop collecting what is normal."""

    async def collect_anomalies(self, *, on: bool) -> None:
        """From now on, or no longer, every injection becomes a case."""

    async def use_model(self, name: str) -> ModelStatus:
        """Diagnose with another model from the next tick on."""

    async def relearn(self) -> None:
        """Take what is seen from now on as the normal state."""


class Core(Protocol):
    """A core on its own thread: snapshots come out, verbs go in."""

    @property
    def finished(self) -> Future[None]:
        """Done when the core has ended; carries the error if it ended by one."""

    @property
    def runtime(self) -> Verbs:
        """For what never changes: catalogues and settings. Known once `start` has returned."""

    def start(self, listener: Callable[[Snapshot], None]) -> None:
        """Begin; blocks until the core is there. `listener` is called in the core's thread, once a tick."""

    def submit(self, verb: Callable[[Any], Awaitable[T]]) -> Future[T]:
        """Run a verb in the core's thread. The verb is given the `Verbs`."""

    def stop(self) -> None:
        """End the core and wait for it."""
