"""Programs of Debian packages that are unpacked for tests and never installed (`make unpacked`, packages-test.txt)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(sys.prefix) / "debian"
"""The root directory of the unpacked packages."""


def unpacked(path: str) -> Path:
    """The file `path` (as "usr/bin/prometheus") of an unpacked package; without it the test is skipped."""
    file = ROOT / path
    if not file.exists():
        pytest.skip(f"{path} is not unpacked: `make unpacked` does that where apt-get is (packages-test.txt)")
    return file
