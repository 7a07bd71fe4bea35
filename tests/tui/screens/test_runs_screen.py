"""The runs of benchmarks, listed and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.runs import RunComparison
from distdiag_tui.views import runs
from distdiag_tui.views.view_state import ViewState
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import ANOMALIES, calm, past_runs
from tests.tui.conftest import until
from tests.tui.walking import notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


def test_the_nodes_of_a_run_that_goes_on_stand_in_the_order_of_the_cluster() -> None:
    past, _ = past_runs()
    heard = dict(reversed(tuple(past.run.nodes.items())))
    snapshot = calm()
    view = ViewState(snapshot, ANOMALIES, SETS["block"], snapshot.frame.time_s)
    said = text(tuple(runs.detail(view, replace(past, run=replace(past.run, nodes=heard)), 100)))
    assert said.index("   n1 ") < said.index("   n2 ")


async def test_two_runs_are_compared(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("R")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "CPU stress high on n2" in text(list_view.lines))
        await pilot.press("c")
        await until(pilot, lambda: any("mark two runs first" in line for line in notifications(pilot)))
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunComparison))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "tpmC" in text(pane.lines))
        said = text(pane.lines)
        assert "before  b118" in said
        assert "after   d7a4" in said
        (tpmc, *_) = [line for line in said.splitlines() if "tpmC" in line]
        assert tpmc.split()[1:] == ["756", "234", "-522", "-69.0"]
