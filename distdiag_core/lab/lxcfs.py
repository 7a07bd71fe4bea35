"""lxcfs: a file system with /proc/stat, meminfo, loadavg, uptime, cpuinfo and swaps of each node."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import TimedOutError
from distdiag_core.lab.programs import detach, last_line, run, until

_STAT = "proc/stat"
_PATIENCE_S = 10.0


def mount_point(lab: Path) -> Path:
    """The mount point of the lxcfs of the lab."""
    return lab / "lxcfs"


async def alive(lab: Path) -> bool:
    """Whether the lxcfs of the lab answers; the mount of a dead one gives errors, that of a hung one blocks."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return bool(await asyncio.to_thread((mount_point(lab) / _STAT).read_bytes))
    except OSError:
        return False


async def start(lab: Path) -> None:
    """Start lxcfs, where it does not answer.

    Raises:
        TimedOutError: lxcfs does not come up; its log says why.
    """
    if await alive(lab):
        return
    await stop(lab)
    mount_point(lab).mkdir(exist_ok=True)
    log = lab / "lxcfs.log"
    await detach(
        *("lxcfs", "--foreground", "--enable-loadavg", "--enable-cfs"),
        *("--pidfile", str(lab / "lxcfs.pid"), str(mount_point(lab))),
        log=log,
    )

    async def answers() -> bool:
        return await alive(lab)

    try:
        await until(answers, timeout_s=10.0, failure="lxcfs did not come up", where=str(log))
    except TimedOutError as late:
        raise TimedOutError(late.what, where=str(log), hint=f"it said: {last_line(log)}") from None


async def stop(lab: Path) -> None:
    """End lxcfs and unmount it."""
    target = str(mount_point(lab))

    async def gone() -> bool:
        return not servers(lab)

    try:
        _signal(lab, signal.SIGTERM)
        await until(gone, timeout_s=_PATIENCE_S, failure="lxcfs did not end", where=target)
    except TimedOutError:
        # A hung one ignores the signal. If it hangs in the kernel, unmounting frees it.
        _signal(lab, signal.SIGKILL)
        with suppress(TimedOutError):
            await until(gone, timeout_s=_PATIENCE_S, failure="lxcfs did not end", where=target)
    # It unmounts at its end, unless it was killed.
    while target in _mounts():
        await run("umount", "--lazy", target)


def _signal(lab: Path, number: signal.Signals) -> None:
    for pid in servers(lab):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def servers(lab: Path) -> list[int]:
    """The processes that serve this mount, found by their arguments, since process ids are reused."""
    command = [b"lxcfs", str(mount_point(lab)).encode()]
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        except OSError:
            continue  # ended in this moment
        if [words[0], words[-1]] == command:
            found.append(int(entry.name))
    return found


def _mounts() -> set[str]:
    text = Path("/proc/self/mounts").read_text(encoding="utf-8")
    return {line.split()[1] for line in lines_of(text)}
