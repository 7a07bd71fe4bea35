"""The acts on injections without a console around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.anomalies.catalogue import AnomalyCatalogue
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.injections import InjectionVerbs
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.inventory import ClusterSettings


@asynccontextmanager
async def injecting(
    settings: ClusterSettings, anomalies: AnomalyCatalogue | None = None
) -> AsyncGenerator[InjectionVerbs]:
    """Reach the nodes and nothing else: who wants trouble to end waits neither for figures nor for a database.

    Args:
        anomalies: what can be injected; None for nothing, because what is there can be ended without its description.
    """
    anomalies, journal = anomalies or AnomalyCatalogue(()), Journal()
    async with Cluster(settings, sql=False) as nodes:
        yield InjectionVerbs.on(nodes, anomalies, journal, Auditor(settings.name, nodes, journal))
