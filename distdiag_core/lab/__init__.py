"""A real OceanBase cluster on this machine, for trying, training and testing.

await up(3, install=False, progress=print)
status = await status()
await down(print)
"""

from distdiag_core.lab.lab import down, status, up
from distdiag_core.lab.status import LabKind, LabNode, LabProgress, LabStatus, Progress

__all__ = ["LabKind", "LabNode", "LabProgress", "LabStatus", "Progress", "down", "status", "up"]
