"""The operations that a replay refuses, in words: what was recorded cannot be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from distdiag_core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.operations.session_list import SessionList
    from distdiag_core.operations.sessions import SessionEnd
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus


def _refuse(what: str) -> NoReturn:
    raise RefusedError(f"this is the replay of a recording: {what}", hint="open the console on the cluster for that")


class RecordedInjections:
    """The injections of a recording; `listed` are those of the tick that is shown."""

    def __init__(self, listed: Callable[[], tuple[Injection, ...]]) -> None:
        self._listed = listed

    async def plan(self, request: InjectionRequest) -> Plan:
        """Refused."""
        _refuse("nothing can be injected")

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        """Refused."""
        _refuse("nothing can be injected")

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        """Refused."""
        _refuse("nothing can be injected")

    async def inject_compound(
        self, plan: CompoundPlan, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> CompoundStatus:
        """Refused."""
        _refuse("nothing can be injected")

    @property
    def compound(self) -> CompoundStatus | None:
        """None: none is on its way."""
        return None

    async def call_off(self) -> tuple[str, ...]:
        """None: nothing is to come."""
        return ()

    async def active(self) -> tuple[Injection, ...]:
        """Those that were active at the tick that is shown."""
        return self._listed()

    @property
    def unasked(self) -> tuple[str, ...]:
        """None: nobody is asked."""
        return ()

    async def clear(self, ids: Sequence[str]) -> tuple[Injection, ...]:
        """Refused."""
        _refuse("nothing can be cleared")

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        """Refused."""
        _refuse("nothing can be cleared")


class RecordedWorkloads:
    """The workloads of a recording."""

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Refused."""
        _refuse("no tables can be prepared")

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Refused."""
        _refuse("no load can be started")

    async def stop(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """Refused."""
        _refuse("no load can be stopped")

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Refused."""
        _refuse("no tables can be dropped")

    async def history(self) -> tuple[RunWithInjections, ...]:
        """Refused: a recording does not hold them."""
        _refuse("it does not hold the runs of the cluster")


class RecordedSessions:
    """No database is asked in a replay."""

    async def listed(self, node: str) -> SessionList:
        """Refused: a recording does not hold them."""
        _refuse("it does not hold the sessions of the databases")

    async def kill(self, node: str, number: int, *, confirmed: str = "") -> SessionEnd:
        """Refused."""
        _refuse("no session can be ended")


class RecordedDataset:
    """No dataset is collected from a replay."""

    def collect_normal(self, *, on: bool) -> None:
        """Refused."""
        _refuse("nothing can be collected")

    def collect_anomalies(self, *, on: bool) -> None:
        """Refused."""
        _refuse("nothing can be collected")
