"""Keys in their order, however fast they come."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.widgets import Button

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.incidents import incident_files
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.events import EventsScreen
from distdiag_tui.screens.help import HelpScreen
from distdiag_tui.screens.incident import IncidentScreen
from distdiag_tui.screens.incidents import IncidentsScreen
from distdiag_tui.screens.runs import RunsScreen
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.call_log import Call
from tests.tui.canned import calm
from tests.tui.canned_incidents import with_incidents
from tests.tui.conftest import until
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import app_of, core_of, only, text

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from distdiag_core.recording.reader import Recording
    from tests.tui.conftest import Running


def type_at_once(app: App[None], *keys: str) -> None:
    """Type keys as a terminal delivers a paste, in one piece; the pilot waits after every key."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_keys_that_come_in_one_burst_take_effect_in_their_order(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        type_at_once(app, "i", "down", "down", "tab", "down", "space", "tab", "down", "tab", *"75s")
        wanted = InjectionRequest("io_stress", ("n2",), "medium", 75.0)
        await until(pilot, lambda: Call("injections.plan", wanted) in core_of(pilot).log.calls)
        await until(pilot, lambda: not app.screen.query_one("#inject", Button).disabled)
        type_at_once(app, "ctrl+s", "w", "escape", "e")
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


@pytest.fixture
def held_reading(monkeypatch: pytest.MonkeyPatch) -> Event:
    """A recording whose incidents are read once this is set, as on a disk that is busy."""
    may_read = Event()
    read = incident_files.incidents_of

    def read_later(recording: Recording) -> tuple[incident_files.RecordedIncident, ...]:
        assert may_read.wait(30)
        return read(recording)

    monkeypatch.setattr(incident_files, "incidents_of", read_later)
    return may_read


async def test_keys_wait_for_the_list_that_they_act_on(running: Running, tmp_path: Path, held_reading: Event) -> None:
    async with running(with_incidents(tmp_path)) as pilot:
        app = app_of(pilot)
        type_at_once(app, "I", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))
        held_reading.set()
        await until(pilot, lambda: isinstance(app.screen, IncidentScreen))
        pane = app.screen.query_one(TextPane)
        await until(pilot, lambda: "incident 1, over" in text(pane.lines))


@pytest.mark.parametrize(("keys", "closes"), [({}, "escape"), ({"close": "f9"}, "f9")])
async def test_a_key_that_closes_waits_for_no_list(
    tmp_path: Path, held_reading: Event, keys: dict[str, str], closes: str
) -> None:
    core = ScriptedCore(with_incidents(tmp_path))
    app = DistdiagApp(only(core), SETS["braille"], keys=keys)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.snapshot is not None)
        type_at_once(app, "I")
        await until(pilot, lambda: isinstance(app.screen, IncidentsScreen))
        type_at_once(app, "down", closes, "e")
        await until(pilot, lambda: isinstance(app.screen, EventsScreen))
        assert not held_reading.is_set()
        held_reading.set()
