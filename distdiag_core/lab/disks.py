"""The disk of a node: a loop device on a sparse file with a file system."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.errors import CommandFailedError
from distdiag_core.lab.programs import run, until

if TYPE_CHECKING:
    from distdiag_core.lab.plan import NodePlan

_DELETED = " (deleted)"


async def attach(node: NodePlan) -> str:
    """The loop device (/dev/loopN) of the disk of a node; both are created where they are missing."""
    if not node.disk.exists():
        await _make(node.disk, node.limits.disk_bytes)
    attached = devices(node.disk)
    if attached:
        return attached[0]
    # Without the page cache of the machine, so that a completed write of the node is on the disk.
    return (await run("losetup", "--find", "--show", "--direct-io=on", str(node.disk))).strip()


async def detach(below: Path) -> None:
    """Detach every loop device whose file is, or was, at `below` or in it."""

    async def gone() -> bool:
        for device in devices(below):
            # It may have been detached since it was listed; the next listing shows it.
            with suppress(CommandFailedError):
                await run("losetup", "--detach", device)
        return not devices(below)

    # The kernel frees a device only with the last mount of an ending namespace.
    await until(gone, timeout_s=20.0, failure="a loop device is still in use", where=str(below))


def devices(below: Path) -> list[str]:
    """The loop devices whose file is at `below` or in that directory."""
    found = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            backing = Path(file.read_text(encoding="utf-8").strip().removesuffix(_DELETED))
        except OSError:
            continue  # detached in this moment
        if backing == below or below in backing.parents:
            found.append(f"/dev/{file.parent.parent.name}")
    return sorted(found)


def number(device: str) -> str:
    """MAJOR:MINOR of a device, as the kernel names it."""
    return Path(f"/sys/block/{Path(device).name}/dev").read_text(encoding="ascii").strip()


async def _make(disk: Path, size_bytes: int) -> None:
    # Under another name until it is complete, so that an interrupted start leaves no partial file system.
    unfinished = disk.with_suffix(".new")
    with unfinished.open("wb") as file:
        file.truncate(size_bytes)
    eager = "nodiscard,lazy_itable_init=0,lazy_journal_init=0"
    await run("mkfs.ext4", "-q", "-F", "-N", "65536", "-J", "size=32", "-E", eager, str(unfinished))
    unfinished.rename(disk)
