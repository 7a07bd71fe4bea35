"""Which way to make trouble a cluster file asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.anomalies.backends.chaos_mesh import ChaosMesh
from distdiag_core.anomalies.backends.ssh import Leases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.anomalies.backends.backend import Backend
    from distdiag_core.cluster.account import SqlAccount
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.shell import Shell


def of_cluster(
    cluster: ClusterSettings,
    shells: Mapping[str, Shell],
    accounts: Mapping[str, SqlAccount],
    kubectl: Shell | None,
    lease_directory: str,
) -> dict[str, Backend]:
    """By node, what keeps its injections; `kubectl` is the host of that program, where there is one."""
    if cluster.backend == "chaos_mesh" and cluster.kubernetes is not None and kubectl is not None:
        return dict.fromkeys(shells, ChaosMesh(kubectl, cluster, cluster.kubernetes))
    return {name: Leases(shell, lease_directory, accounts.get(name)) for name, shell in shells.items()}
