"""A run whose state directory and recordings cannot be written: it goes on, and its snapshots say so."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.logs import report_unwritten
from distdiag_core.runtime.runtime import Runtime
from tests.runtime.test_runtime import cluster, until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("own_places")
async def test_events_and_status_name_what_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file in place of the directory", encoding="ascii")
    for name in ("STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(blocked))
    told: list[str] = []
    with report_unwritten(told.append):
        async with Runtime(cluster(), record=True) as runtime:
            snapshot = await until(
                runtime, lambda seen: seen.recording is not None and bool(seen.recording.problem) and seen.tick > 2
            )
    assert snapshot.recording is not None
    assert str(places.recordings_dir()) in snapshot.recording.problem
    (event,) = (each for each in snapshot.events if "audit log" in each.text)
    assert event.level == "error"
    assert str(places.audit_file()) in event.text
    assert len([text for text in told if "the audit log cannot be written" in text]) == 1
    assert len([text for text in told if "the recording of this run is incomplete" in text]) == 1
    # Standard error is the screen of a console.
    assert capfd.readouterr().err == ""


async def test_warnings_are_told_once_and_only_within_the_context() -> None:
    log = logging.getLogger("distdiag_core.unwritten")
    told: list[str] = []
    with report_unwritten(told.append):
        await asyncio.to_thread(log.warning, "%s is full", "/data")
        log.warning("/data is full")
    log.warning("afterwards")
    assert told == ["/data is full"]
