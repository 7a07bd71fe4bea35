"""The wall and the lists, filtered and sorted by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from distdiag_tui import list_orders
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.views.arrangement import Order
from distdiag_tui.widgets.filter_field import FilterField
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.node_wall import NodeWall
from tests.tui.canned import calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_the_wall_is_filtered_while_one_types_and_escape_shows_all_nodes_again(running: Running) -> None:
    async with running(troubled()) as pilot:
        screen = pilot.app.screen
        wall, field = screen.query_one(NodeWall), screen.query_one(FilterField)
        await pilot.press("slash", *"zone:zone2")
        await until(pilot, lambda: len(wall.lines) == 1 and "n2" in text(wall.lines))
        assert "1 of 3 with zone:zone2" in str(wall.border_title)
        assert isinstance(screen, MainScreen)
        await pilot.press("space", *"cpo>1")
        problem = field.query_one(LineView)
        await until(pilot, lambda: "character 12: nothing here is called cpo; is cpu meant?" in text(problem.lines))
        assert text(problem.lines).index("^") == 11
        assert len(wall.lines) == 1
        await pilot.press("enter", "N")
        await until(pilot, lambda: bool(pilot.app.screen.query("#page-title")))
        await until(pilot, lambda: "node n2" in text(pilot.app.screen.query_one("#page-title", LineView).lines))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(wall.lines) == 3 and not field.display)
        assert str(wall.border_title) == "NODES"
        assert pilot.app.focused is wall


async def test_a_mistake_is_said_whole_on_a_narrow_terminal(running: Running) -> None:
    async with running(troubled(), (60, 24)) as pilot:
        await pilot.press("slash", *"foo>3")
        problem = pilot.app.screen.query_one(FilterField).query_one(LineView)
        await until(pilot, lambda: "nothing here is called foo" in text(problem.lines))
        assert text(problem.lines).split()[-1] == "latency"
        assert max(map(width_of, problem.lines)) <= 60


async def test_a_filter_that_no_node_fits_leaves_the_console_whole(running: Running) -> None:
    async with running(calm()) as pilot:
        wall = pilot.app.screen.query_one(NodeWall)
        await pilot.press("slash", *"zone9", "enter", "N", "enter")
        await until(pilot, lambda: "no node fits" in text(wall.lines))
        core_of(pilot).publish(calm(tick=752))
        await until(pilot, lambda: "0 of 3 with zone9" in str(wall.border_title))
        assert isinstance(pilot.app.screen, MainScreen)


async def test_the_wall_is_sorted_and_the_cursor_stays_on_its_node(running: Running) -> None:
    async with running(troubled()) as pilot:
        wall = pilot.app.screen.query_one(NodeWall)
        await pilot.press("down", "down", "S", "enter")
        await until(pilot, lambda: "by cpu ↑" in str(wall.border_title))
        assert text(wall.lines).splitlines()[-1].split()[1] == "n2"
        assert wall.node == "n3"
        await pilot.press("V")
        await until(pilot, lambda: text(wall.lines).splitlines()[0].split()[1] == "n2")
        assert wall.node == "n3"
    async with running(troubled()) as pilot:
        wall = pilot.app.screen.query_one(NodeWall)
        await until(pilot, lambda: "by cpu ↓" in str(wall.border_title))
        await pilot.press("S", "home", "enter")
        await until(pilot, lambda: list_orders.load("nodes") == Order())
        assert str(wall.border_title) == "NODES"


async def test_a_list_is_filtered_and_sorted_like_the_wall(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: bool(pilot.app.screen.query(ListView)))
        rows = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(rows.lines) == 4)
        box = pilot.app.screen.query_one(".box")
        await pilot.press("S", "down", "down", "enter")
        await until(pilot, lambda: "by kind ↑" in str(box.border_title))
        assert "suffers" in text(rows.lines[:1])
        await pilot.press("slash", *"node:n2 age<40", "enter")
        await until(pilot, lambda: len(rows.lines) == 1 and "suffers" in text(rows.lines))
        assert "1 of 4 with node:n2 age<40 · by kind ↑" in str(box.border_title)
        await pilot.press("escape")
        await until(pilot, lambda: len(rows.lines) == 4)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))
    assert list_orders.load("events") == Order("kind")


async def test_an_empty_field_goes_away_by_enter(running: Running) -> None:
    async with running(calm()) as pilot:
        field = pilot.app.screen.query_one(FilterField)
        await pilot.press("slash")
        await until(pilot, lambda: field.query_one(Input).has_focus)
        await pilot.press("enter")
        await until(pilot, lambda: not field.display)
