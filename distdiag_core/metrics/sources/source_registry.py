"""The sources of a node, as its cluster file wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.metrics.sources.host import HostSource
from distdiag_core.metrics.sources.sysstat import SysstatSource

if TYPE_CHECKING:
    from distdiag_core.cluster.database import Database
    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
    from distdiag_core.cluster.shell import Shell
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.sources.source import Source


def of_node(
    node: NodeSettings, cluster: ClusterSettings, catalogue: MetricCatalogue, shell: Shell, database: Database
) -> tuple[Source, ...]:
    """What is to be asked of `node` at every tick; nothing is asked yet."""
    sources: list[Source] = []
    if "host" in cluster.sources:
        sources.append(_host(node, shell))
    if "sysstat" in cluster.sources:
        sources.append(SysstatSource(database, tenant=cluster.tenant, statistics=catalogue.keys("sysstat")))
    return tuple(sources)


def _host(node: NodeSettings, shell: Shell) -> Source:
    if node.connection == "local":
        # psutil is imported only where it is used, so that the headless verbs start fast.
        from distdiag_core.metrics.sources.host_local import LocalHostSource

        return LocalHostSource(device=node.device, data_dir=node.data_dir, interface=node.interface)
    return HostSource(shell, device=node.device, data_dir=node.data_dir, interface=node.interface)
