"""Injections on a cluster without a running console: no sampling, no recording, no SQL connections."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.anomalies.backend import control_host_of
from distdiag_core.anomalies.catalogue import AnomalyCatalogue
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate, Permission
from distdiag_core.operations.injections import Injections
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.inventory import ClusterSettings


@asynccontextmanager
async def connect_injections(
    settings: ClusterSettings, anomalies: AnomalyCatalogue | None = None, permission: Permission | None = None
) -> AsyncGenerator[Injections]:
    """`Injections` over SSH alone, so that clearing waits neither for metrics nor for a database.

    Args:
        anomalies: the kinds that can be injected; None for none, since clearing needs no catalogue.
        permission: what the operator confirmed; by default nothing.
    """
    anomalies, journal = anomalies or AnomalyCatalogue(()), Journal()
    async with Cluster(settings, sql=False, control_host=control_host_of(settings)) as nodes:
        auditor = Auditor(settings.name, nodes, journal)
        await auditor.look()
        yield Injections.on(nodes, anomalies, journal, Gate(settings, auditor, permission))
