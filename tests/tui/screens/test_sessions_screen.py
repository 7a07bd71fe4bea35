"""The sessions of a node, by keys: listed, asked for again, and killed after a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.errors import SqlError
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.question import Question
from distdiag_tui.screens.sessions import SessionsScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import troubled
from tests.tui.canned_sessions import SESSIONS
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.conftest import Running

_BLOCKED, _HOLDER = SESSIONS[0].id, SESSIONS[1].id


def rows(pilot: Pilot[None]) -> str:
    return text(pilot.app.screen.query_one(ListView).lines)


async def open_sessions(pilot: Pilot[None]) -> None:
    await pilot.press("down", "N")
    await until(pilot, lambda: bool(pilot.app.screen.query(TextPane)))
    await pilot.press("S")
    await until(pilot, lambda: isinstance(pilot.app.screen, SessionsScreen) and str(_BLOCKED) in rows(pilot))


async def test_the_longest_is_on_top_and_a_session_is_killed_after_a_question(running: Running) -> None:
    async with running(troubled()) as pilot:
        await open_sessions(pilot)
        assert str(_BLOCKED) in rows(pilot).splitlines()[0]
        assert f"blocks {_BLOCKED}" in rows(pilot)
        under = pilot.app.screen.query_one("#detail", TextPane)
        await until(pilot, lambda: f"session {_HOLDER} of batch" in text(under.lines))
        await pilot.press("down", "x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionsScreen))
        assert "sessions.kill" not in core_of(pilot).log.names()
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionsScreen) and "batch" not in rows(pilot))
        await until(pilot, lambda: any("has ended" in each for each in notifications(pilot)))
        (kill,) = (call for call in core_of(pilot).log.calls if call.operation == "sessions.kill")
        assert kill.argument == ("n2", _HOLDER)


async def test_no_tick_asks_the_database_but_a_key_does(running: Running) -> None:
    async with running(troubled()) as pilot:
        await open_sessions(pilot)
        core = core_of(pilot)
        core.publish(replace(troubled(), tick=9999))
        await pilot.pause()
        assert core.log.names().count("sessions.listed") == 1
        await pilot.press("r")
        await until(pilot, lambda: core.log.names().count("sessions.listed") == 2)


async def test_a_read_only_cluster_lets_look_and_refuses_to_kill(running: Running) -> None:
    snapshot = troubled()
    async with running(replace(snapshot, cluster=replace(snapshot.cluster, read_only=True))) as pilot:
        await open_sessions(pilot)
        await pilot.press("x")
        await until(pilot, lambda: any("read-only" in each for each in notifications(pilot)))
        assert isinstance(pilot.app.screen, SessionsScreen)


async def test_a_production_cluster_wants_its_name(running: Running) -> None:
    snapshot = troubled()
    async with running(replace(snapshot, cluster=replace(snapshot.cluster, production=True))) as pilot:
        await open_sessions(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
        await pilot.press(*snapshot.cluster.name, "ctrl+s")
        await until(pilot, lambda: "sessions.kill" in core_of(pilot).log.names())
        (kill,) = (call for call in core_of(pilot).log.calls if call.operation == "sessions.kill")
        assert kill.confirmed == snapshot.cluster.name


async def test_a_database_that_cannot_be_asked_is_said(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).log.failure = SqlError("no answer within 8 s", where="n2: sql")
        await pilot.press("down", "N")
        await until(pilot, lambda: bool(pilot.app.screen.query(TextPane)))
        await pilot.press("S")
        await until(
            pilot, lambda: isinstance(pilot.app.screen, SessionsScreen) and "no answer within 8 s" in rows(pilot)
        )
