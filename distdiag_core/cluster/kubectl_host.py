"""Where `kubectl` runs, for a cluster that is on Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster.inventory import NodeSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.ssh import SshShell

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings

# As the operator is told of it.
_NAME = "kubernetes"


def kubectl_host(cluster: ClusterSettings) -> LocalShell | SshShell | None:
    """The host that the cluster file names, or this machine; None where nothing is asked of Kubernetes."""
    if cluster.backend != "chaos_mesh" or cluster.kubernetes is None:
        return None
    if cluster.kubernetes.host is None:
        return LocalShell(_NAME)
    return SshShell(NodeSettings(name=_NAME, host=cluster.kubernetes.host, ssh=cluster.ssh))
