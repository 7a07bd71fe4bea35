"""Leaving the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import UnreachableError
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.question import Question
from tests.tui.canned import calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_quitting_with_something_injected_asks_and_can_clear(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("q")
        assert isinstance(pilot.app.screen, Question)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, MainScreen)
        await pilot.press("ctrl+q", "tab", "enter")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.clear_all"])
        await until(pilot, lambda: not pilot.app.is_running or pilot.app._exit)
    assert core_of(pilot).stopped


async def test_when_clearing_fails_the_console_stays(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).log.failure = UnreachableError("no answer for 12 s", where="n2")
        await pilot.press("q", "tab", "enter")
        await until(pilot, lambda: any("n2: no answer for 12 s" in line for line in notifications(pilot)))
        assert not pilot.app._exit


async def test_quitting_without_injections_asks_nothing(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: pilot.app._exit)
    assert core_of(pilot).stopped
