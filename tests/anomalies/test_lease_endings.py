"""However a lease is ended, and by how many at once: nothing of it is left, and nobody gives up on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.anomalies.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.anomalies.conftest import Here

# Writes down how long it is asked to wait, and waits next to nothing.
IMPATIENT = """#!/bin/sh
echo "$1" >>{log}
exec {sleep} 0.01
"""


async def test_the_supervisor_never_gives_up(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    log = here.directory / "pauses"
    _put_on_path(here.directory / "bin", "sleep", IMPATIENT.format(log=log, sleep="/bin/sleep"), monkeypatch)
    (injection,) = await here.inject("reluctant", "n1")
    await until(lambda: _lines(log).count("30") >= 70, "many tries", limit_s=90)
    assert [pause for pause in _lines(log) if pause in {"2", "4", "8", "16", "30"}][:6] == [
        "2",
        "4",
        "8",
        "16",
        "30",
        "30",
    ]
    (here.directory / "data" / "let-go").touch()
    await until(lambda: not (here.leases / injection.id).exists(), "the lease to end")


def _put_on_path(directory: Path, name: str, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.mkdir()
    (directory / name).write_text(program, encoding="ascii")
    (directory / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=":")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split() if path.exists() else []
