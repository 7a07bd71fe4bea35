"""Operations on injections on this machine as two nodes, without a running console."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import SqlSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.operations.abort_settings import AbortSettings
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate
from distdiag_core.operations.injection_watch import InjectionWatch
from distdiag_core.operations.injections import Injections
from distdiag_core.recording.journal import Journal
from tests.anomalies.catalogue_data import HARMLESS
from tests.anomalies.conftest import cluster_here

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cluster.shell import Shell
    from distdiag_core.operations.injections import InjectionHold


class Room:
    """Leases and data in a directory of their own, harmless anomalies.

    Args:
        first, second: how the nodes are reached.
        hold: what delays the injections.
    """

    def __init__(
        self,
        directory: Path,
        abort: AbortSettings | None = None,
        *,
        sql: SqlSettings | None = None,
        first: Shell | None = None,
        second: Shell | None = None,
        hold: InjectionHold | None = None,
    ) -> None:
        here = cluster_here(directory)
        nodes = tuple(replace(node, sql=sql or SqlSettings()) for node in here.nodes)
        cluster = replace(here, nodes=nodes, sections=(abort or AbortSettings(),))
        shells = {"n1": first or LocalShell("n1"), "n2": second or LocalShell("n2")}
        injector = Injector(cluster, shells, HARMLESS, lease_directory=str(directory / "leases"))
        self.journal = Journal()
        self.watch = InjectionWatch(injector, self.journal, HARMLESS)
        self.auditor = Auditor(cluster.name, Cluster(cluster), self.journal)
        gate = Gate(cluster, self.auditor)
        self.verbs = Injections(cluster, HARMLESS, injector, self.watch, self.journal, gate, hold)

    async def inject(self, anomaly: str, node: str = "n2") -> str:
        """Make it happen; its id."""
        plan = await self.verbs.plan(InjectionRequest(anomaly, (node,), "low", 60))
        (injection,) = await self.verbs.inject(plan)
        await self.watch.refresh()
        return injection.id
