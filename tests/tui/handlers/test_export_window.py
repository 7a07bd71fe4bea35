"""The time of the charts as a table, from a replay and where nothing is recorded."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.recording import recordings
from distdiag_core.replay.replay import Replay
from distdiag_core.runtime.thread import CoreThread
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import notifications, only

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_what_the_charts_of_a_replay_show_is_written_as_csv() -> None:
    with recordings.opened(recordings.find("example")) as path:
        app = DistdiagApp(only(CoreThread(lambda: Replay(path, paused=True))), SETS["ascii"])
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.snapshot is not None)
            await pilot.press("full_stop", "full_stop")
            await until(pilot, lambda: app.snapshot and app.snapshot.tick == 3)
            await pilot.press("x")
            await until(pilot, lambda: any(line.startswith("wrote ") for line in notifications(pilot)))
    (table,) = (places.state_dir() / "exports").iterdir()
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["node"] for row in rows] == ["n1", "n2", "n3"] * 3
    assert rows[0]["time"] == "2026-11-29T21:49:46.132Z"
    assert rows[0]["host.cpu.usage [%]"] == "76.0"


async def test_where_nothing_is_recorded_it_says_so(running: Running) -> None:
    async with running(replace(calm(), recording=None)) as pilot:
        await pilot.press("x")
        await until(pilot, lambda: "nothing is recorded" in "".join(notifications(pilot)))
    assert not (places.state_dir() / "exports").exists()
