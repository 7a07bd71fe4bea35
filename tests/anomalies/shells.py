"""The shells that a node's `sh` may be, each put in front of the path."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

# The words that make each of them `sh`, by name.
_KNOWN = {"dash": "dash", "bash": "bash", "busybox": "busybox"}
SHELLS = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(program) is None, reason=f"NEEDS {program}"))
    for name, program in _KNOWN.items()
]


def become_sh(name: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `sh` be this shell, for programs that are started from now on; `directory` takes the link."""
    program = shutil.which(_KNOWN[name])
    assert program is not None
    directory.mkdir()
    (directory / "sh").symlink_to(Path(program).resolve())
    monkeypatch.setenv("PATH", str(directory), prepend=":")
