"""What a closed screen leaves in memory."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from textual._styles_cache import StylesCache

from distdiag_tui.screens.main import MainScreen
from tests.tui.canned import troubled
from tests.tui.conftest import until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.conftest import Running


async def test_closed_screens_leave_nothing_that_was_painted(running: Running) -> None:
    async with running(troubled()) as pilot:
        await _visit(pilot)
        before = _painted()
        for _ in range(3):
            await _visit(pilot)
        assert _painted() <= before


async def _visit(pilot: Pilot[None]) -> None:
    await pilot.press("e")
    await until(pilot, lambda: not isinstance(pilot.app.screen, MainScreen))
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))
    await pilot.pause()


def _painted() -> int:
    """The widgets whose lines are kept."""
    gc.collect()
    return sum(isinstance(each, StylesCache) for each in gc.get_objects())
