"""The console on a simulated cluster: its mark, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.runtime.thread import CoreThread
from distdiag_core.simulation.request import SimulationRequest
from distdiag_core.simulation.simulation import Simulation
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.views.page_title import page_title
from distdiag_tui.views.panels import title
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, calm
from tests.tui.conftest import until
from tests.tui.walking import notifications, only

if TYPE_CHECKING:
    from distdiag_tui.drawing.lines import Line


def _has_mark(line: Line) -> bool:
    return (" SIMULATED ", "badge") in line


def test_every_screen_says_that_it_is_simulated() -> None:
    view = ViewState(replace(calm(), simulated=True), ANOMALIES, SETS["braille"], NOW_S)
    assert all(_has_mark(line) for line in (title(view, 80), title(view, 200), page_title(view, "incidents", 80)))
    real = ViewState(calm(), ANOMALIES, SETS["braille"], NOW_S)
    assert not _has_mark(title(real, 200))


async def test_what_needs_a_cluster_is_refused_in_words() -> None:
    app = DistdiagApp(only(CoreThread(lambda: Simulation(SimulationRequest(4)))), SETS["ascii"])
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        for key in ("i", "w", "n", "full_stop"):
            await pilot.press(key)
        await until(pilot, lambda: len(notifications(pilot)) == 4)
        said = notifications(pilot)
        assert all("this is a simulated cluster" in text for text in said[:3])
        assert "this is no replay" in said[3]
    assert app.failure is None
