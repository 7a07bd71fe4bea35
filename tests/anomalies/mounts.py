"""Directories that become read-only, or a small disk, in the middle of a test."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


def _may_mount() -> bool:
    if os.geteuid() != 0:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


needs_mounts = pytest.mark.skipif(not _may_mount(), reason="NEEDS ROOT, AND TO BE ALLOWED TO MOUNT")


@contextmanager
def mounted(directory: Path, *commands: str) -> Iterator[None]:
    """These ways to mount on it, one after the other; what is below it comes back afterwards."""
    for command in commands:
        subprocess.run(["mount", *command.split(), str(directory)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def read_only(directory: Path) -> AbstractContextManager[None]:
    """Nothing in it can be changed."""
    # Not made so, which nobody may do under the hands of a program that writes, but the error of a disk does.
    return mounted(directory, f"--bind {directory}", "-o remount,bind,ro")
