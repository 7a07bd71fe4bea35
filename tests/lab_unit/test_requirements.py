"""Requirements of the lab: missing packages are named, with a command to install them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from distdiag_core import lab as distdiag_lab
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.lab import requirements
from distdiag_core.lab.status import LabKind, LabStatus

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.lab.status import LabProgress


def _ignore(_progress: LabProgress) -> None:
    """Nobody reads it."""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_missing_programs_are_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "util-linux" not in (await requirements.examine()).missing
    # Without /usr/bin: what is found then is in the directories of servers' programs.
    monkeypatch.setenv("PATH", "/nowhere")
    missing = (await requirements.examine()).missing
    assert "util-linux" in missing
    with pytest.raises(ConfigError, match=r"util-linux.*apt-get install .*--install"):
        requirements.check(missing)
    assert any(loss.startswith("stress-ng is not installed: ") for loss in requirements.losses())


def test_no_missing_package_passes_the_check() -> None:
    requirements.check(())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_without_apt_get_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigError, match=r"--install: cannot install .*apt-get"):
        await requirements.install()


async def test_an_unusable_state_directory_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(DistdiagError, match=r"cannot be used: Not a directory; .*XDG_STATE_HOME"):
        await distdiag_lab.up(1, install=False, progress=_ignore)


async def test_a_damaged_record_of_the_kind_is_no_lab(lab_dir: Path) -> None:
    (lab_dir / "kind").write_bytes(b"\xff\xfe half")
    assert await distdiag_lab.status() == LabStatus(LabKind.ABSENT)
