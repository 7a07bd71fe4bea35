"""Zones of the wall folded and unfolded by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.widgets.node_wall import NodeWall
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import core_of, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_zones_are_folded_marked_and_unfolded(running: Running) -> None:
    async with running(calm(6, hurt=4), size=(200, 60)) as pilot:
        wall = pilot.app.screen.query_one(NodeWall)

        def names() -> str:
            return " ".join(line[2:].split()[0] for line in text(wall.lines).splitlines())

        await pilot.press("down", "down", "down", "down", "f")
        await until(pilot, lambda: names() == "n1 zone2 n3 n4 n6")
        assert wall.cursor == 1
        assert "zone2 (2)" in text(wall.lines)
        await pilot.press("space")
        await until(pilot, lambda: wall.marked == {"n2", "n5"})
        core_of(pilot).publish(calm(6, hurt=4, tick=752))
        await pilot.press("enter")
        await until(pilot, lambda: names() == "n1 n2 n3 n4 n5 n6")
        assert wall.node == "n2"
        await pilot.press("F")
        await until(pilot, lambda: names() == "zone1 zone2 zone3")
        assert wall.cursor == 1
        await pilot.press("S", "enter", "V")
        await until(pilot, lambda: names().startswith("zone2"))
        await pilot.press("F")
        await until(pilot, lambda: len(wall.lines) == 6)
