"""An experiment from the form to its report, on a small cluster whose time passes as fast as it is asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import presets
from distdiag_core.experiments import experiment_files
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.experiment_form import ExperimentForm
from distdiag_tui.screens.experiment_page import ExperimentPage
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.question import Question
from distdiag_tui.widgets.text_pane import TextPane
from tests.small_cluster import SmallCluster
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.forms import put_into
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import only, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot


class CoreOfCluster(ScriptedCore):
    """A core whose injections, workloads and ticks are those of a small cluster.

    Attributes:
        ticking: time stands still while it is not set.
        stops_under_load: whether time is to stand still once the load runs.
    """

    def __init__(self, cluster: SmallCluster) -> None:
        super().__init__(calm())
        cluster.tick()
        self.small = cluster
        self.ticking = asyncio.Event()
        self.ticking.set()
        self.stops_under_load = False
        parts = {name: getattr(cluster, name) for name in ("injections", "workloads", "snapshot")}
        for name, part in {**parts, "next_snapshot": self._next_snapshot}.items():
            setattr(self.runtime, name, part)
        cluster.on_tick = self._on_tick

    async def _next_snapshot(self) -> Snapshot:
        if self.stops_under_load and self.small.workload is not None:
            self.ticking.clear()
        await self.ticking.wait()
        return await self.small.next_snapshot()

    def _on_tick(self, tick: int) -> None:
        """Anomalies end at their deadlines, and cost half of what the clients get done."""
        small = self.small
        small.injected = {name: each for name, each in small.injected.items() if each.deadline_s > small.now_s}
        small.tps = 100.0 / 2 ** len(small.injected)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[DistdiagApp]:
    """A console on a small cluster."""
    with SmallCluster(tmp_path / "small") as cluster:
        core = CoreOfCluster(cluster)
        now_s = core.runtime.newest.frame.time_s
        yield DistdiagApp(only(core), SETS["braille"], clock=lambda: now_s)


def shown(pilot: Pilot[None]) -> str:
    """The text of the topmost screen, unwrapped; none where it has none yet."""
    panes = pilot.app.screen.query(TextPane)
    return " ".join(text(panes.first().lines).split()) if panes else ""


async def test_an_experiment_is_planned_confirmed_run_and_reported(app: DistdiagApp) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("X", "n")
        await until(pilot, lambda: isinstance(app.screen, ExperimentForm))
        await put_into(pilot, "#name", "mine")
        await until(pilot, lambda: "write the report" in shown(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ExperimentPage))
        await until(pilot, lambda: "REPORT" in shown(pilot))
        assert "after: 30 s without anomalies" in shown(pilot)
        result = experiment_files.read("mine")
        assert [each.level.tps for each in result.stretches if each.level] == [300.0, 150.0, 300.0]
        await pilot.press("escape")
        await until(pilot, lambda: "cpu_stress low" in shown(pilot))


async def test_a_first_experiment_is_explained_and_a_cancelled_one_leaves_nothing(app: DistdiagApp) -> None:
    core = app.current.core
    assert isinstance(core, CoreOfCluster)
    core.stops_under_load = True
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("E")
        await until(pilot, lambda: "a throughput that can fall" in shown(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not core.ticking.is_set() and "load: starting" in shown(pilot))
        await pilot.press("escape", "q")
        await until(pilot, lambda: isinstance(app.screen, Question))
        # It stays, and the page of what goes on is opened again.
        await pilot.press("enter", "E")
        await until(pilot, lambda: isinstance(app.screen, ExperimentPage))
        await pilot.press("f8")
        await until(pilot, lambda: "it was cancelled" in shown(pilot))
        assert (core.small.workload, core.small.injected) == (None, {})
        assert experiment_files.read_all() == ()


async def test_anomalies_are_composed_saved_and_run_under_a_load_of_choice(app: DistdiagApp) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.press("X", "n")
        await until(pilot, lambda: "write the report" in shown(pilot))
        await put_into(pilot, "#name", "mine")
        await put_into(pilot, "#rate", "50")
        await put_into(pilot, "#option-tables", "2")
        # The low CPU stress on n1 that the form begins with is kept, and an anomaly on n2 added to it.
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, InjectionScreen) and "n1" in shown(pilot))
        await pilot.press("down", "tab", "down", "space")
        await until(pilot, lambda: "one act of 2" in shown(pilot))
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(app.screen, EntryDialog))
        await put_into(pilot, "#name", "pair")
        await pilot.press("enter")
        await until(pilot, lambda: "pair" in {each.name for each in presets.load()})
        await until(pilot, lambda: "one act of 2" in shown(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ExperimentForm) and "one act of 2" in shown(pilot))
        assert "sysbench oltp_read_write, 4 threads a node, 50/s, tables 2" in shown(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "REPORT" in shown(pilot))
        result = experiment_files.read("mine")
        assert {(each.node, each.state) for each in result.parts} == {("n1", "ended"), ("n2", "ended")}
