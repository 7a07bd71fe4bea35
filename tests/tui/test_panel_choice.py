"""The choice of panels, kept from one console to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui import panel_choice
from distdiag_tui.panel_choice import PanelChoice
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.root_causes import RootCauses
from distdiag_tui.widgets.small_charts import SmallCharts
from distdiag_tui.widgets.timeline import Timeline
from tests.tui.canned import calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


def test_without_a_file_and_with_a_damaged_one_everything_is_shown() -> None:
    assert panel_choice.load() == PanelChoice()
    panel_choice.save(PanelChoice(("side",), 60.0))
    assert panel_choice.load() == PanelChoice(("side",), 60.0)
    panel_choice.choice_file().write_text('{"hidden": ["roof"]}')
    assert panel_choice.load() == PanelChoice()


async def test_what_was_hidden_is_hidden_in_the_next_console(running: Running) -> None:
    async with running(calm(), size=(120, 36)) as pilot:
        assert pilot.app.screen.query_one(Timeline).display
        await pilot.press("3", "4", "minus")
        await until(pilot, lambda: panel_choice.load() == PanelChoice(("timeline", "side"), 120.0))
    async with running(calm(), size=(120, 36)) as pilot:
        screen = pilot.app.screen
        await until(pilot, lambda: not screen.query_one(Timeline).display)
        assert not screen.query_one("#side").display
        assert "2 min" in str(screen.query_one(SmallCharts).border_title)
        await pilot.press("3")
        await until(pilot, lambda: screen.query_one(Timeline).display)


async def test_a_zoomed_chart_has_the_screen_until_escape(running: Running) -> None:
    async with running(troubled(), size=(120, 36)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        chart, charts = screen.query_one(DetailChart), screen.query_one(SmallCharts)
        await pilot.press("down", "z")
        await until(pilot, lambda: chart.display and len(chart.lines) > 15)
        assert not charts.display
        assert "n2 100%" in text(chart.lines[:1])
        assert "-5 min" in text(chart.lines)
        await pilot.press("escape")
        await until(pilot, lambda: charts.display and not chart.display)


async def test_root_causes_with_the_focus_are_what_is_zoomed(running: Running) -> None:
    async with running(troubled(), size=(120, 36)) as pilot:
        causes = pilot.app.screen.query_one(RootCauses)
        await pilot.press("tab", "z")
        await until(pilot, lambda: causes.size.height > 15)
        assert not pilot.app.screen.query_one(SmallCharts).display
        await pilot.press("z")
        await until(pilot, lambda: causes.size.height < 10)
