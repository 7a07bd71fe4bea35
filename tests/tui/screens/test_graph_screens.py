"""The compound anomaly graph and the heat map, by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx

from distdiag_core import places
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.root_cause import RootCauseScreen
from distdiag_tui.widgets.drawing import Drawing
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import calm, troubled
from tests.tui.canned_graph import with_graph
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_the_graph_follows_each_tick_and_is_exported(running: Running) -> None:
    async with running(with_graph(calm(), suspected=None)) as pilot:
        await pilot.press("C")
        await until(pilot, lambda: bool(pilot.app.screen.query(Drawing)))
        drawing = pilot.app.screen.query_one(Drawing)
        await until(pilot, lambda: "n1 1.24" in text(drawing.lines))
        assert "CPU stress 0.98" not in text(drawing.lines)
        core_of(pilot).publish(with_graph(troubled(tick=752), phase=1.0))
        await until(pilot, lambda: "CPU stress 0.98" in text(drawing.lines))
        await pilot.press("x")
        await until(pilot, lambda: any(line.startswith("wrote ") for line in notifications(pilot)))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)
    written = sorted(path.name for path in (places.state_dir() / "graphs").iterdir())
    assert written == ["lab-20261124T093001.graphml", "lab-20261124T093001.svg"]
    found = nx.read_graphml(places.state_dir() / "graphs" / written[0])
    assert found.nodes["n2"]["score.cpu_stress"] > 0.9


async def test_without_a_diagnosis_there_is_nothing_to_export(running: Running) -> None:
    async with running(replace(calm(), diagnosis=None)) as pilot:
        await pilot.press("C", "x")
        await until(pilot, lambda: any("there is no graph" in line for line in notifications(pilot)))


async def test_the_threshold_of_the_heat_map_is_moved_by_keys(running: Running) -> None:
    async with running(with_graph(troubled())) as pilot:
        await pilot.press("H")
        await until(pilot, lambda: bool(pilot.app.screen.query("#above")))
        above, rows = pilot.app.screen.query_one("#above", Panel), pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "threshold 0.50   1 of 39" in text(above.lines))
        await pilot.press("minus", "minus")
        await until(pilot, lambda: "threshold 0.40   2 of 39" in text(above.lines))
        await pilot.press("plus")
        await until(pilot, lambda: "threshold 0.45   1 of 39" in text(above.lines))
        assert len(rows.lines) == 3
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RootCauseScreen))
