"""Recordings of a run with an incident, an injection and a load, and replays of them that stand still."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from distdiag_core.recording.events import Event
from distdiag_core.recording.recorder import Recorder
from distdiag_core.replay.replay import Replay
from distdiag_core.runtime.live_incidents import LiveIncidents
from tests.incidents.conftest import CATALOGUE, CLUSTER, diagnosis, frame, injection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from distdiag_core.runtime.snapshot import Snapshot

START_S = 1_800_000_000.0
TICKS = 60
WITHIN_S = 60.0
_REQUEST = {"kind": "sysbench", "script": "oltp_read_write", "nodes": ["n1", "n2"], "threads": 3, "duration_s": 1000.0}
_INJECTED = {
    "id": "7f3a", "anomaly": "cpu_stress", "severity": "high", "started_s": START_S + 30, "deadline_s": START_S + 90,
    "owner": "me@here",
}  # fmt: skip
EVENTS = (
    Event(START_S, "node", "n1 is up", node="n1", data={"state": "up"}),
    Event(START_S + 5, "workload", "sysbench runs", data={"state": "running", "request": _REQUEST}),
    Event(START_S + 20, "node", "n2 is degraded: sql: no answer", "warning", "n2", {"state": "degraded"}),
    Event(START_S + 24, "node", "n2 is up", node="n2", data={"state": "up"}),
    Event(START_S + 30, "action", "injecting CPU stress high on n2"),
    Event(START_S + 30.4, "injection", "CPU stress high on n2 is active: by stress-ng", "warning", "n2",
          {"injection": _INJECTED | {"state": "active"}}),
    Event(START_S + 50, "injection", "CPU stress on n2 has ended", node="n2",
          data={"injection": _INJECTED | {"state": "cleared"}}),
)  # fmt: skip


@pytest.fixture
def new_recorder(tmp_path: Path) -> Callable[[], Recorder]:
    """Makes the recorder of a run."""
    return lambda: Recorder(CLUSTER, CATALOGUE, tmp_path / "recordings")


def record(recorder: Recorder, first: int = 0, last: int = TICKS) -> None:
    """Some ticks of the run, with the events of their time; the whole of it has an incident."""
    incidents = LiveIncidents(recorder)
    for second in range(first, last):
        time_s, ill = START_S + second, 33 <= second < 45
        recorder.frame(frame(time_s, busy=ill))
        found = diagnosis(time_s, *((("n2", "cpu_stress"),) if ill else ()))
        linked = [injection("7f3a", START_S + 30)] if 30 <= second < 50 else []
        incidents.on_tick(time_s, found, linked, {"7f3a": True})
    for event in EVENTS:
        if first <= event.time_s - START_S < last:
            recorder.event(event)


@pytest.fixture
def recording(new_recorder: Callable[[], Recorder]) -> Path:
    """A minute of two nodes."""
    with new_recorder() as recorder:
        record(recorder)
    return recorder.path


class Shown:
    """The snapshots of a replay, as its listener gets them."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.ticks: list[int] = []
        self.newest: Snapshot | None = None
        self._changed = asyncio.Event()
        replay.subscribe(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        assert snapshot.replay is not None
        self.newest = snapshot
        self.ticks.append(snapshot.replay.tick)
        self._changed.set()

    async def until(self, condition: Callable[[Snapshot], object]) -> Snapshot:
        """The first newest snapshot for which the condition holds."""
        async with asyncio.timeout(WITHIN_S):
            while self.newest is None or not condition(self.newest):
                self._changed.clear()
                await self._changed.wait()
            return self.newest

    async def tick(self, number: int) -> Snapshot:
        """The snapshot of a tick, counted from 1, with its diagnosis."""
        return await self.until(lambda seen: at(seen) == number and seen.diagnosis and not _pending(seen))


def at(seen: Snapshot) -> int:
    """The number of the tick, from 1."""
    assert seen.replay is not None
    return seen.replay.tick


def _pending(seen: Snapshot) -> bool:
    return seen.diagnosis is not None and seen.diagnosis.note.startswith("diagnosing")


@asynccontextmanager
async def showing(path: Path, *, paused: bool = True, start_s: float | None = None) -> AsyncIterator[Shown]:
    """A replay of the recording at `path`, without a model."""
    replay = Replay(path, paused=paused, start_s=start_s)
    shown = Shown(replay)
    async with replay:
        yield shown
