"""The lock by which one `distdiag lab` at a time changes the lab."""

from __future__ import annotations

import fcntl
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from distdiag_core.lab.programs import until
from distdiag_core.lab.status import LabProgress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from distdiag_core.lab.status import Progress

_PATIENCE_S = 300.0


@asynccontextmanager
async def locked(lab: Path, progress: Progress) -> AsyncIterator[None]:
    """Hold the lock of the lab, after waiting for another holder; the kernel frees it when this process dies.

    Raises:
        TimedOutError: the other holder does not finish.
    """
    held: int | None = None

    async def take() -> bool:
        nonlocal held
        held = _take(lab)
        return held is not None

    if not await take():
        progress(LabProgress("waiting for another `distdiag lab` to finish"))
        await until(take, timeout_s=_PATIENCE_S, failure="another `distdiag lab` did not finish", where=str(lab))
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def _take(lab: Path) -> int | None:
    """The locked descriptor of the directory; None while another process holds the lock."""
    # The directory itself is the lock, so that taking the lab down leaves no lock file behind.
    lab.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(lab, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The previous holder may have removed the directory.
        if lab.exists() and lab.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None
