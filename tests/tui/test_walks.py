"""Everything by keys alone, from the main screen through every dialog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from distdiag_core.errors import DistdiagError
from distdiag_core.recording import audit_log
from distdiag_core.recording.events import Event
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.root_causes import RootCauses
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import NOW_S, calm, cluster, troubled
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Console, Running


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


async def test_an_event_is_read_to_its_end(running: Running) -> None:
    long = Event(NOW_S, "error", " ".join(f"word{at}" for at in range(100)), "error")
    async with running(replace(calm(), events=(long,)), size=(80, 24)) as pilot:
        await pilot.press("e")
        whole = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "word99" in text(whole.lines))
        await pilot.press("tab", "end")
        await until(pilot, lambda: any("word99" in whole.render_line(row).text for row in range(whole.size.height)))


async def test_read_only_refuses_with_the_reason(running: Running) -> None:
    async with running(troubled(settings=cluster(read_only=True))) as pilot:
        for key in ("i", "w", "W"):
            await pilot.press(key)
        await pilot.pause()
        assert isinstance(pilot.app.screen, MainScreen)
        assert core_of(pilot).log.names() == []
        assert sum("read-only" in line for line in notifications(pilot)) == 3
        assert "[RO]" in text(pilot.app.screen.query_one("#title", Panel).lines)


async def test_the_audit_trail_is_shown_the_newest_first(running: Running) -> None:
    for what, result in (("inject", "done"), ("clear all", "failed")):
        reason = "n3: no answer for 5 s" if result == "failed" else ""
        said = cast("audit_log.Result", result)
        audit_log.append(audit_log.AuditRecord(what, "lab", ("n2",), NOW_S, 1.25, said, {"severity": "high"}, reason))
    audit_log.append(audit_log.AuditRecord("inject", "shop", (), NOW_S, 1.0, "done"))
    async with running(calm()) as pilot:
        await pilot.press("u")
        list_view, whole = pilot.app.screen.query_one(ListView), pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: len(list_view.lines) == 2 and "clear all" in text(list_view.lines[:1]))
        assert "n3: no answer for 5 s" in text(whole.lines)
        await pilot.press("down")
        await until(pilot, lambda: "severity=high" in text(whole.lines) and "done after 1.2 s" in text(whole.lines))


async def test_the_chart_follows_the_cursor_of_the_wall(running: Running) -> None:
    async with running(calm()) as pilot:
        chart = pilot.app.screen.query_one(DetailChart)
        await pilot.press("down", "right")
        await until(pilot, lambda: chart.node == "n2" and chart.metric is not None)
        assert chart.metric is not None
        assert chart.metric.name == "host.memory.used"
        await pilot.press("plus", "plus", "plus", "plus")
        assert chart.span == 3


async def test_a_metric_is_found_by_typing(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("m", *"iowait", "enter")
        chart = pilot.app.screen.query_one(DetailChart)
        await until(pilot, lambda: chart.metric is not None and chart.metric.name == "host.cpu.iowait")


async def test_root_cause_in_detail(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("tab", "enter")
        panel = pilot.app.screen.query_one(Panel)
        await until(pilot, lambda: "CPU stress on n2" in text(panel.lines))
        assert "cpu ↑ 6.1σ" in text(panel.lines)
        assert "trans commit count ↓ 3.8σ" in text(panel.lines)


async def test_quitting_in_peace_asks_nothing(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: pilot.app._exit)
    assert core_of(pilot).stopped


async def test_relearning_is_asked_first(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("r", "enter")
        assert core_of(pilot).log.names() == []
        await pilot.press("r", "tab", "enter")
        await until(pilot, lambda: core_of(pilot).log.names() == ["diagnosis.reset_baseline"])


async def test_the_palette_knows_every_act(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("ctrl+p", *"stop all load", "enter")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.stop"])


async def test_screenshot_is_saved_in_the_state_directory(running: Running) -> None:
    from distdiag_core import places

    async with running(calm()) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: list((places.state_dir() / "screenshots").glob("*.svg")))


async def test_a_new_tick_changes_what_is_seen(running: Running) -> None:
    async with running(calm()) as pilot:
        causes = pilot.app.screen.query_one(RootCauses)
        assert "▲" not in text(causes.lines)
        core_of(pilot).publish(troubled(tick=752))
        await until(pilot, lambda: text(causes.lines).startswith("▲ 1  n2"))
        wall = pilot.app.screen.query_one(NodeWall)
        assert "suspect" in text(wall.lines)


async def test_a_core_that_falls_silent_is_said(running: Running) -> None:
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
        row = pilot.app.screen.query_one(RootCauses).render_line(1).text
        assert "[bold]no[/bold] clean past [2J" in row


async def test_a_core_that_cannot_begin_ends_the_console_with_its_error(running: Running) -> None:
    from distdiag_core.errors import ConfigError
    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.drawing.glyphs import SETS
    from tests.tui.scripted_core import ScriptedCore

    class Stillborn(ScriptedCore):
        def start(self, listener: object) -> None:
            raise ConfigError("no node is called n9", where="lab.yaml")

    app = DistdiagApp(Stillborn(calm()), SETS["block"])
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.failure is not None)
    assert isinstance(app.failure, DistdiagError)
    assert app.return_code == 2


async def test_a_core_that_dies_is_said(running: Running) -> None:
    async with running(calm()) as pilot:
        core_of(pilot).finished.set_exception(OSError("no space left on device"))
        await until(pilot, lambda: any("the core has stopped: no space left" in line for line in notifications(pilot)))


async def test_a_mistake_of_ours_is_one_line_too(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).log.failure = ZeroDivisionError("division by zero")
        await pilot.press("ctrl+x")
        await until(
            pilot,
            lambda: any("internal error in clear all: ZeroDivisionError" in line for line in notifications(pilot)),
        )
        assert isinstance(pilot.app.screen, MainScreen)


async def test_a_console_that_breaks_ends_with_a_word_and_keeps_the_traceback_in_the_log(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    app = console(calm())

    def mistake() -> None:
        secret = "swordfish"  # noqa: F841 - nothing may print it
        raise ZeroDivisionError

    async def run() -> None:
        async with app.run_test() as pilot:
            await until(pilot, lambda: app.snapshot is not None)
            app.call_later(mistake)
            await until(pilot, lambda: app.failure is not None)

    with pytest.raises(ZeroDivisionError):
        await run()
    assert app.return_code == 1
    assert "mistake of its own (ZeroDivisionError)" in str(app.failure)
    assert "`distdiag clear --all` ends it now" in str(app.failure)
    assert "in mistake" in caplog.text
    assert "swordfish" not in caplog.text
    assert app._exit_renderables == []
