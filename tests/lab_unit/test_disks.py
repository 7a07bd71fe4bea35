"""Detaching a loop device."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import CommandFailedError
from distdiag_core.lab import disks
from distdiag_core.lab.programs import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_a_device_that_is_detached_meanwhile_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(1_000_000)
    try:
        device = (await run("losetup", "--find", "--show", str(disk))).strip()
    except CommandFailedError as error:
        pytest.skip(f"NOT TESTED: this machine gives no loop device: {error}")
    assert disks.devices(tmp_path) == [device]
    # Somebody else is quicker, and losetup finds nothing to detach any more.
    program = tmp_path / "losetup"
    program.write_text(
        f'#!/bin/sh\n{shutil.which("losetup")} "$@"\necho "No such device" >&2\nexit 1\n', encoding="ascii"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    await disks.detach(tmp_path)
    assert disks.devices(tmp_path) == []
