"""The main screen: wall, chart, alarms and ticks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.recording.events import Event
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.root_causes import RootCauses
from tests.tui.canned import NOW_S, calm, cluster, troubled
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_every_panel_is_as_high_as_its_lines_from_the_first_tick(running: Running) -> None:
    async with running(calm(), size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        workload = screen.query_one("#workload", Panel)
        await until(pilot, lambda: workload.size.height == 1)


async def test_an_error_of_the_core_stays_until_it_is_seen(running: Running) -> None:
    async with running(calm()) as pilot:
        alarm = pilot.app.screen.query_one("#alarm", Panel)
        assert not alarm.lines
        broken = Event(NOW_S, "error", "abort.node_lost: n2 is lost, all was cleared", "error", "n2")
        for tick in (752, 753):
            core_of(pilot).publish(replace(calm(tick=tick), events=(broken,)))
            await until(pilot, lambda: "ALARM  09:30:00 abort.node_lost" in text(alarm.lines))
        await pilot.press("e", "escape")
        await until(pilot, lambda: not alarm.lines)
        core_of(pilot).publish(replace(calm(tick=754), events=(broken,)))
        await pilot.pause()
        assert not alarm.lines


async def test_the_chart_follows_the_cursor_of_the_wall(running: Running) -> None:
    async with running(calm()) as pilot:
        chart = pilot.app.screen.query_one(DetailChart)
        await pilot.press("down", "right")
        await until(pilot, lambda: chart.node == "n2" and chart.metric is not None)
        assert chart.metric is not None
        assert chart.metric.name == "host.memory.used"
        await pilot.press("plus", "plus", "plus", "plus")
        await until(pilot, lambda: chart.span == 3)


async def test_a_metric_is_found_by_typing(running: Running) -> None:
    async with running(calm()) as pilot:
        # Escape takes back what was typed, and not the dialog with it.
        await pilot.press("m", *"io", "escape", *"iowait", "enter")
        chart = pilot.app.screen.query_one(DetailChart)
        await until(pilot, lambda: chart.metric is not None and chart.metric.name == "host.cpu.iowait")


async def test_a_new_tick_changes_what_is_seen(running: Running) -> None:
    async with running(calm()) as pilot:
        causes = pilot.app.screen.query_one(RootCauses)
        assert "no anomaly on any of 3 nodes" in text(causes.lines)
        core_of(pilot).publish(troubled(tick=752))
        await until(pilot, lambda: text(causes.lines).startswith("▲ 1  n2"))
        wall = pilot.app.screen.query_one(NodeWall)
        assert "suspect" in text(wall.lines)


async def test_a_core_that_falls_silent_is_shown_as_stale(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        assert app.snapshot is not None
        late_s = app.snapshot.frame.time_s + 12
        app._clock = lambda: late_s
        app._second_passed()
        title = pilot.app.screen.query_one("#title", Panel)
        await until(pilot, lambda: "stale for 12 s" in text(title.lines))


async def test_text_from_outside_is_never_markup(running: Running) -> None:
    settings = cluster()
    # No cluster file may have such a name; the console does not rely on that.
    object.__setattr__(settings, "name", "[red]shop[/]")
    snapshot = calm(settings=settings)
    note = "[bold]no[/bold] clean past\x1b[2J"
    assert snapshot.diagnosis is not None
    snapshot = replace(snapshot, diagnosis=replace(snapshot.diagnosis, root_causes=(), note=note))
    async with running(snapshot) as pilot:
        assert "[red]shop[/]" in text(pilot.app.screen.query_one("#title", Panel).lines)
        row = pilot.app.screen.query_one(RootCauses).render_line(0).text
        assert "[bold]no[/bold] clean past [2J" in row
