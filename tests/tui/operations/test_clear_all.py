"""Ending injections by keys, from anywhere in the console."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events

from distdiag_core.errors import RefusedError
from distdiag_tui.actions.key_queue import KeyPassed
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.panel import Panel
from tests.tui.call_log import Call
from tests.tui.canned import troubled
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_clearing_all_waits_for_no_other_key(running: Running) -> None:
    async with running(troubled()) as pilot:
        app = app_of(pilot)
        app._under_way = KeyPassed(app.screen)
        app.post_message(events.Key("e", "e"))
        app.post_message(events.Key("ctrl+x", None))
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.clear_all"])
        assert isinstance(app.screen, MainScreen)


async def test_a_refusal_is_one_clear_line_and_an_event(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).log.failure = RefusedError(
            "two of three nodes [bold]would[/] be cut off", where="protect.max_nodes"
        )
        await pilot.press("ctrl+x")
        await until(pilot, lambda: any("protect.max_nodes" in line for line in notifications(pilot)))
        view = app_of(pilot).current.view
        assert view is not None
        assert view.events[0].level == "error"
        assert "protect.max_nodes: two of three nodes [bold]would[/] be cut off" in view.events[0].text


async def test_one_key_clears_all_even_from_within_a_text_field(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("m", *"cpu", "ctrl+x")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.clear_all"])
        await until(pilot, lambda: any("CPU stress on n2 is cleared" in line for line in notifications(pilot)))


async def test_clears_one(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("a", "c")
        await until(pilot, lambda: Call("injections.clear", ("7f3a",)) in core_of(pilot).log.calls)


async def test_clearing_shows_which_node_keeps_it_waiting_and_how_long_it_took(running: Running) -> None:
    async with running(troubled()) as pilot:
        panel = pilot.app.screen.query_one("#anomalies", Panel)
        core_of(pilot).runtime.injections.hold_clear_all = silent = asyncio.Event()
        await pilot.press("ctrl+x")
        await until(
            pilot, lambda: any("clearing everything: CPU stress on n2" in line for line in notifications(pilot))
        )
        await until(pilot, lambda: "n3 cannot be asked" in " ".join(text(panel.lines).split()))
        silent.set()
        await until(pilot, lambda: any("cleared 1 of 1 in" in line for line in notifications(pilot)))
        await until(pilot, lambda: "clearing" not in text(panel.lines))
