"""A real OceanBase cluster on this machine, for trying, training and testing.

In: a number of nodes. Out: that many nodes, each with an address, a disk, limits, an SSH server and an engine, and the
cluster file `lab`, by which everything else treats them as any other cluster.

await up(3, install=False, progress=print)
status = await status()
await down(print)

complete builds it of namespaces and cgroups, as root; loopback on 127.0.0.1, for other users. May import errors, places
and settings; nothing but the command line imports it.
"""

from distdiag_core.lab.lab import down, status, up
from distdiag_core.lab.status import LabKind, LabNode, LabProgress, LabStatus, Progress

__all__ = ["LabKind", "LabNode", "LabProgress", "LabStatus", "Progress", "down", "status", "up"]
