"""The three verbs of the lab, whichever kind of lab this machine and this user can have."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.lab import cluster_file, complete
from distdiag_core.lab.status import LabKind, LabStatus

if TYPE_CHECKING:
    from distdiag_core.lab.status import Progress

_NO_LXCFS = "lxcfs is not installed: in every node /proc/stat, meminfo, loadavg and the like show the whole machine"


async def up(nodes: int = 3, *, install: bool, progress: Progress) -> LabStatus:
    """Bring the lab up, or repair what is broken in it."""
    places.lab_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    await complete.up(nodes, progress, with_lxcfs=_has_lxcfs())
    return await status()


async def status() -> LabStatus:
    """What there is of a lab, and how its nodes are."""
    nodes = await complete.status()
    if not nodes:
        return LabStatus(LabKind.ABSENT)
    file = cluster_file.path()
    return LabStatus(
        LabKind.COMPLETE,
        nodes,
        losses=() if _has_lxcfs() else (_NO_LXCFS,),
        cluster_file=file if file.is_file() else None,
    )


async def down(progress: Progress) -> None:
    """End the lab and leave nothing of it, its data included."""
    await complete.down(progress)


def _has_lxcfs() -> bool:
    return shutil.which("lxcfs") is not None and os.path.exists("/dev/fuse")
