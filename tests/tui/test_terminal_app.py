"""How an app runs, and what it sends to terminals that want no colours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.main import MainScreen
from tests.tui.canned import calm
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import only

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot


async def test_the_console_opens_in_a_loop_whose_tasks_begin_in_turn() -> None:
    app = DistdiagApp(only(ScriptedCore(calm())), SETS["ascii"])
    seen: list[type[object]] = []

    async def look(pilot: Pilot[object]) -> None:
        await pilot.pause()
        seen.append(type(app.screen))
        assert asyncio.get_running_loop().get_task_factory() is None
        app.exit()

    # As it is run on a terminal; `run_test` leaves the loop as it is.
    await app.run_async(headless=True, auto_pilot=look)
    assert (app.failure, seen) == (None, [MainScreen])


def test_no_color_leaves_the_terminal_its_own_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    segments = [Segment("n1", Style.parse("bold default on default")), Segment("bad", Style.parse("red on white"))]
    for each in DistdiagApp(only(ScriptedCore(calm())), SETS["ascii"], rgb=False)._filters:
        segments = each.apply(segments, Color(0, 0, 0))
    assert all(seen.style and seen.style.color and seen.style.bgcolor for seen in segments)
    said = {(seen.style.color, seen.style.bgcolor) for seen in segments if seen.style}
    assert {colour.name for pair in said for colour in pair if colour} == {"default"}
    assert segments[0].style is not None
    assert segments[0].style.bold
