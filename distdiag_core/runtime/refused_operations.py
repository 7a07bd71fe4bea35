"""The operations of a core without a cluster, in words: a replay or a simulation refuses what would change one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from distdiag_core.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
    from distdiag_core.anomalies.injection import Injection, InjectionRequest, Plan
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.obdiag.call import Call
    from distdiag_core.obdiag.evidence import ObdiagEvidence
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.parameters import ParameterReport
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.operations.session_list import SessionList
    from distdiag_core.operations.sessions import SessionEnd
    from distdiag_core.operations.top_sql import TopSql
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadStatus


@dataclass(frozen=True, slots=True)
class Refusal:
    """Refuses operations; `about` says what this is instead of a cluster."""

    about: str

    def __call__(self, what: str) -> NoReturn:
        """Refuse.

        Raises:
            RefusedError: always.
        """
        raise RefusedError(f"this is {self.about}: {what}", hint="open the console on the cluster for that")


class RefusedInjections:
    """Injections that are shown and cannot be changed; `listed` are those of the tick that is shown."""

    def __init__(self, refuse: Refusal, listed: Callable[[], tuple[Injection, ...]]) -> None:
        self._refuse, self._listed = refuse, listed

    async def plan(self, request: InjectionRequest) -> Plan:
        """Refused."""
        self._refuse("nothing can be injected")

    async def inject(self, plan: Plan, confirmed: str = "") -> tuple[Injection, ...]:
        """Refused."""
        self._refuse("nothing can be injected")

    async def plan_compound(self, request: CompoundRequest) -> CompoundPlan:
        """Refused."""
        self._refuse("nothing can be injected")

    async def inject_compound(
        self, plan: CompoundPlan, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> CompoundStatus:
        """Refused."""
        self._refuse("nothing can be injected")

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
        self._refuse("nothing can be cleared")

    async def clear_all(
        self, try_for_s: float = 0.0, tell: Callable[[str], None] | None = None
    ) -> tuple[Injection, ...]:
        """Refused."""
        self._refuse("nothing can be cleared")


class RefusedWorkloads:
    """No load is started."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    async def prepare(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Refused."""
        self._refuse("no tables can be prepared")

    async def start(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Refused."""
        self._refuse("no load can be started")

    async def look_for_tables(self) -> None:
        """Nothing: no database is asked."""

    async def stop(self, ids: Sequence[str] | None = None) -> tuple[WorkloadStatus, ...]:
        """Refused."""
        self._refuse("no load can be stopped")

    async def cleanup(self, request: WorkloadRequest, *, confirmed: str = "") -> WorkloadStatus:
        """Refused."""
        self._refuse("no tables can be dropped")

    async def history(self) -> tuple[RunWithInjections, ...]:
        """Refused: none are known."""
        self._refuse("it does not hold the runs of the cluster")


class RefusedSessions:
    """No database is asked."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    async def listed(self, node: str) -> SessionList:
        """Refused: none are known."""
        self._refuse("it does not hold the sessions of the databases")

    async def top_sql(self, node: str) -> TopSql:
        """Refused: none is known."""
        self._refuse("it does not hold the statements of the databases")

    async def kill(
        self, node: str, number: int, *, user: str = "", client: str = "", confirmed: str = ""
    ) -> SessionEnd:
        """Refused."""
        self._refuse("no session can be ended")


class RefusedParameters:
    """Parameters that are not known."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    async def report(self) -> ParameterReport:
        """Refused: none are known."""
        self._refuse("it does not hold the parameters of the databases")


class RefusedObdiag:
    """No node is asked."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    async def run(
        self, call: Call, *, confirmed: str = "", tell: Callable[[str], None] | None = None
    ) -> ObdiagEvidence:
        """Refused."""
        self._refuse("obdiag would ask the nodes as they are now")


class RefusedSources:
    """Figures that come from no source."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    def switch(self, name: str, *, on: bool) -> None:
        """Refused."""
        self._refuse("no source is read")


class RefusedDataset:
    """No dataset is collected."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    def collect_normal(self, *, on: bool) -> None:
        """Refused."""
        self._refuse("nothing can be collected")

    def collect_anomalies(self, *, on: bool) -> None:
        """Refused."""
        self._refuse("nothing can be collected")


class RefusedModels:
    """Nothing is diagnosed by a model."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    async def use(self, name: str) -> ModelStatus:
        """Refused."""
        self._refuse("no model diagnoses it")


class RefusedDiagnosis:
    """No baseline is learnt."""

    def __init__(self, refuse: Refusal) -> None:
        self._refuse = refuse

    def reset_baseline(self) -> None:
        """Refused."""
        self._refuse("its diagnosis has no baseline")
