"""The end of lxcfs, also where it ignores signals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.lab import lxcfs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("temper", ["", "trap '' TERM;"])
async def test_lxcfs_ends_by_terminate_or_by_kill(lab_dir: Path, monkeypatch: pytest.MonkeyPatch, temper: str) -> None:
    monkeypatch.setattr(lxcfs, "_PATIENCE_S", 0.5)
    server = await asyncio.create_subprocess_exec(
        *("lxcfs", "-c", f"{temper} echo ready; read -r _", str(lxcfs.mount_point(lab_dir))),
        executable="/bin/sh",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    assert await server.stdout.readline() == b"ready\n"
    assert lxcfs.servers(lab_dir) == [server.pid]
    await lxcfs.stop(lab_dir)
    assert await server.wait() == (-9 if temper else -15)


async def test_stopping_without_lxcfs_does_nothing(lab_dir: Path) -> None:
    await lxcfs.stop(lab_dir)
    assert not await lxcfs.alive(lab_dir)
