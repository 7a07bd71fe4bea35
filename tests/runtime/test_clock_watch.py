"""A wall clock that is set while a console runs: told once, and nothing that is read by time is disturbed."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.metrics import clock
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.journal import Journal
from distdiag_core.recording.reader import Recording
from distdiag_core.runtime.clock_watch import ClockWatch
from distdiag_core.runtime.runtime import Runtime
from tests.runtime.test_runtime import cluster, until

if TYPE_CHECKING:
    from pathlib import Path

_FRAME = Frame(100.0, ("n1",), ("host.level",), np.zeros((1, 1), dtype=np.float32))


@pytest.mark.parametrize(("moved_s", "how"), [(-3600.0, "set back by 3600 s"), (3600.0, "set forward by 3600 s")])
def test_a_clock_that_is_set_is_noted_once(moved_s: float, how: str) -> None:
    journal = Journal()
    watch = ClockWatch(journal)
    for tick in range(9):
        watch.on_tick(replace(_FRAME, clock_offset_s=moved_s if tick >= 4 else 0.0))
    (event,) = journal.newest_first()
    assert (event.kind, event.level) == ("clock", "warning")
    assert how in event.text
    assert event.data == {"moved_s": moved_s, "offset_s": moved_s}


def test_small_corrections_are_not_noted_until_they_add_up() -> None:
    journal = Journal()
    watch = ClockWatch(journal)
    for offset_s in (0.0, 0.4, 1.1, 2.0, 2.9):
        watch.on_tick(replace(_FRAME, clock_offset_s=offset_s))
    assert not journal.newest_first()
    watch.on_tick(replace(_FRAME, clock_offset_s=3.1))
    assert [event.data["moved_s"] for event in journal.newest_first()] == [3.1]


@pytest.mark.usefixtures("own_places")
@pytest.mark.parametrize("moved_s", [-7200.0, 7200.0])
async def test_a_run_goes_on_as_if_its_clock_had_not_been_set(moved_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    of_the_machine = time.time
    async with Runtime(cluster(), record=True) as runtime:
        await until(runtime, lambda snapshot: snapshot.tick >= 5)
        monkeypatch.setattr(time, "time", lambda: of_the_machine() + moved_s)
        moved = await until(runtime, lambda snapshot: abs(snapshot.frame.clock_offset_s - moved_s) < 1)
        last = await until(runtime, lambda snapshot: snapshot.tick >= moved.tick + 5)
        assert runtime.recording is not None
        path: Path = runtime.recording.path
        runtime.recording.flush()

    times_s = last.window.times_s
    assert len(times_s) == last.tick
    assert 0 < np.diff(times_s).min() <= np.diff(times_s).max() < 20
    (told,) = [event for event in last.events if event.kind == "clock"]
    assert told.data["moved_s"] == pytest.approx(moved_s, abs=1)
    assert times_s[0] <= told.time_s <= clock.now_s()

    with Recording(path) as recording:
        frames, window = list(recording.frames()), recording.window(times_s[0], times_s[-1])
        assert told in recording.events(times_s[0], clock.now_s())
        assert recording.span() == (frames[0].time_s, frames[-1].time_s)
    assert len(window) == last.tick
    offsets_s = [round(frame.clock_offset_s) for frame in frames]
    assert offsets_s == sorted(offsets_s, reverse=moved_s < 0)
    assert set(offsets_s) == {0, round(moved_s)}
