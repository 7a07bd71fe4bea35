"""Several nodes marked on the wall, for an injection into all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.screens.form import NodesField
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.node_wall import NodeWall
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import core_of, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_marked_nodes_are_chosen_for_an_injection_and_escape_takes_the_marks_away(running: Running) -> None:
    async with running(calm()) as pilot:
        wall = pilot.app.screen.query_one(NodeWall)
        await pilot.press("space", "down", "down", "space", "down", "up", "space", "space")
        await until(pilot, lambda: "2 marked" in str(wall.border_title))
        assert [line[1] for line in text(wall.lines).splitlines()] == ["x", " ", "x"]
        core_of(pilot).publish(calm(tick=752))
        await pilot.press("i")
        await until(pilot, lambda: bool(pilot.app.screen.query(NodesField)))
        assert pilot.app.screen.query_one(NodesField).value == ("n1", "n3")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: wall.marked == frozenset())
        assert isinstance(pilot.app.screen, MainScreen)
        assert str(wall.border_title) == "NODES"
