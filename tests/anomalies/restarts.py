"""What the restart of a node leaves of an injection, without restarting anything."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MEMORY = Path("/dev/shm")  # noqa: S108 - where the copies of leases are


def lose_by_restart(lease: Path, memory: Path = _MEMORY) -> None:
    """Kill the processes of a lease, remove what `memory` holds of it, and let its record be of another boot."""
    supervisor = int((lease / "supervisor").read_text(encoding="ascii").split()[0])
    os.killpg(supervisor, signal.SIGKILL)
    while processes := list(_processes(lease.name)):
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    for copy in memory.glob(f"distdiag-*/{lease.name}"):
        shutil.rmtree(copy)
    (lease / "era").write_text("another boot\n", encoding="ascii")
    # By the clock of then, which had gone on for longer.
    (lease / "born").write_text("999999999\n", encoding="ascii")


def _processes(name: str) -> Iterable[int]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"DISTDIAG_LEASE={name};".encode() in path.read_bytes():
                yield int(path.parent.name)
