"""A separate home for every test, so that no test touches a running lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core import places

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lab_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a lab that nobody else uses."""
    for name in ("STATE", "CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    places.lab_dir().mkdir(parents=True)
    return places.lab_dir()
