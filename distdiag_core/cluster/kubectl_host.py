"""Where `kubectl` runs, for a cluster that is on Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.cluster.inventory import NodeSettings
from distdiag_core.cluster.kubernetes import PLACE
from distdiag_core.cluster.local import LocalShell
from distdiag_core.cluster.ssh import SshShell

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings


def kubectl_host(cluster: ClusterSettings) -> LocalShell | SshShell | None:
    """The host that the cluster file names, or this machine; None where nothing is asked of Kubernetes."""
    if cluster.backend != "chaos_mesh" or cluster.kubernetes is None:
        return None
    if cluster.kubernetes.host is None:
        return LocalShell(PLACE)
    return SshShell(NodeSettings(name=PLACE, host=cluster.kubernetes.host, ssh=cluster.ssh))
