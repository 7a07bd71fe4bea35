"""Keys in their order, however fast they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.widgets import Button

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_tui.screens.events import EventsScreen
from distdiag_tui.screens.help import HelpScreen
from distdiag_tui.screens.runs import RunsScreen
from tests.tui.call_log import Call
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_keys_that_come_in_one_burst_take_effect_in_their_order(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        # Not by the pilot, which waits after every key: a terminal delivers a paste in one piece.
        for key in ("i", "down", "down", "tab", "down", "space", "tab", "down", "tab", *"75s"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        wanted = InjectionRequest("io_stress", ("n2",), "medium", 75.0)
        await until(pilot, lambda: Call("injections.plan", wanted) in core_of(pilot).log.calls)
        await until(pilot, lambda: not app.screen.query_one("#inject", Button).disabled)
        for key in ("ctrl+s", "w", "escape", "e"):
            app.post_message(events.Key(key, None))
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject"])
        await until(pilot, lambda: isinstance(app.screen, EventsScreen))


@pytest.mark.parametrize("typed", ["\x1be", "\x1bR"])
async def test_escape_and_a_key_that_came_with_it_are_two_keys(running: Running, typed: str) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        parser = XTermParser()
        for each in (*parser.feed(typed), *parser.feed("")):
            app.post_message(each)
        await until(pilot, lambda: isinstance(app.screen, EventsScreen | RunsScreen))
        assert len(app.screen_stack) == 2
