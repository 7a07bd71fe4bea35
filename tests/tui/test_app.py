"""The app around its screens: refusals, the palette, a core that ends, mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from distdiag_core.errors import DistdiagError
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import calm, cluster, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, only, text

if TYPE_CHECKING:
    from tests.tui.conftest import Console, Running


async def test_read_only_refuses_with_the_reason(running: Running) -> None:
    async with running(troubled(settings=cluster(read_only=True))) as pilot:
        for key in ("i", "w", "W"):
            await pilot.press(key)
        await until(pilot, lambda: sum("read-only" in line for line in notifications(pilot)) == 3)
        assert isinstance(pilot.app.screen, MainScreen)
        assert core_of(pilot).log.names() == []
        assert "[RO]" in text(pilot.app.screen.query_one("#title", Panel).lines)


async def test_resetting_the_baseline_is_confirmed_first(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("r", "enter")
        assert core_of(pilot).log.names() == []
        await pilot.press("r", "tab", "enter")
        await until(pilot, lambda: core_of(pilot).log.names() == ["diagnosis.reset_baseline"])


async def test_the_palette_runs_an_action(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("ctrl+p", *"stop all load", "enter")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.stop"])


async def test_the_palette_begins_with_what_can_be_done_now(running: Running) -> None:
    async with running(replace(calm(), simulated=True)) as pilot:
        await pilot.press("ctrl+p")
        await until(
            pilot, lambda: pilot.app.screen.query(OptionList) and pilot.app.screen.query_one(OptionList).options
        )
        said = [str(each.prompt) for each in pilot.app.screen.query_one(OptionList).options]
        refused = ["not now" in each for each in said]
        assert any(refused)
        assert refused == sorted(refused)


async def test_screenshot_is_saved_in_the_state_directory(running: Running) -> None:
    from distdiag_core import places

    async with running(calm()) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: list((places.state_dir() / "screenshots").glob("*.svg")))


async def test_a_core_that_cannot_begin_ends_the_console_with_its_error(running: Running) -> None:
    from distdiag_core.errors import ConfigError
    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.drawing.glyphs import SETS
    from tests.tui.scripted_core import ScriptedCore

    class Stillborn(ScriptedCore):
        def start(self, listener: object) -> None:
            raise ConfigError("no node is called n9", where="lab.yaml")

    app = DistdiagApp(only(Stillborn(calm())), SETS["block"])
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.failure is not None)
    assert isinstance(app.failure, DistdiagError)
    assert app.return_code == 2


async def test_the_end_of_the_core_is_reported(running: Running) -> None:
    async with running(calm()) as pilot:
        core_of(pilot).finished.set_exception(OSError("no space left on device"))
        await until(pilot, lambda: any("the core has stopped: no space left" in line for line in notifications(pilot)))


async def test_an_internal_error_is_reported_in_one_line(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).log.failure = ZeroDivisionError("division by zero")
        await pilot.press("ctrl+x")
        await until(
            pilot,
            lambda: any("internal error in clear all: ZeroDivisionError" in line for line in notifications(pilot)),
        )
        assert isinstance(pilot.app.screen, MainScreen)


async def test_a_console_that_breaks_ends_with_one_line_and_keeps_the_traceback_in_the_log(
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
