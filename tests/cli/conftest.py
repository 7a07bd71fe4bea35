"""A whole command line, run in this process, in a home of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.cli.options import Target


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command line ended."""

    status: int
    stdout: str
    stderr: str
    consoles: tuple[Target, ...]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Places of our own for everything that distdiag keeps."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("DISTDIAG_CLUSTER", "DISTDIAG_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def distdiag(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs `distdiag ARGUMENTS`, and looks whether JSON is as docs/json says."""

    def run(*arguments: str) -> Ended:
        consoles: list[Target] = []
        status = main(consoles.append, list(arguments))
        captured = capsys.readouterr()
        if "--json" in arguments and status == 0:
            from tests.pages.json_shapes import mismatches_of

            assert mismatches_of(arguments, captured.out) == []
        return Ended(status, captured.out, captured.err, tuple(consoles))

    return run


@pytest.fixture
def cluster_file(home: Path) -> Callable[[str], Path]:
    """Writes the cluster file of the cluster `mine`."""

    def write(text: str) -> Path:
        path = home / "config" / "distdiag" / "clusters" / "mine.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
