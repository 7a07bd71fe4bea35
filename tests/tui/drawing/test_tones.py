"""The tones of text: what they are made of, and that they follow the theme and the focus."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from distdiag_tui.console_settings import ConsoleSettings
from distdiag_tui.drawing.palettes import ACCENTS
from distdiag_tui.drawing.theme import SIXTEEN, THEMES
from distdiag_tui.drawing.tones import tones_of
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import app_of

if TYPE_CHECKING:
    from rich.style import Style
    from textual.theme import Theme

    from distdiag_tui.widgets.line_view import LineView
    from tests.tui.conftest import Running


def _variables(theme: Theme) -> dict[str, str]:
    return theme.to_color_system().generate() | theme.variables


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_tone_has_the_colours_of_the_theme(theme: Theme) -> None:
    tones = tones_of(_variables(theme))
    assert tones["bad"].color == Color.parse(theme.variables["tone-bad"]).rich_color
    assert tones["injected"].bgcolor == Color.parse(theme.variables["tone-shade"]).rich_color
    assert tones["cursor"].bgcolor == Color.parse(theme.variables["line-cursor"]).rich_color
    assert [bool(tones[name].bold) for name in ("bad", "muted")] == [True, False]


def test_the_cursor_is_underlined_where_the_theme_says_so() -> None:
    assert tones_of(_variables(SIXTEEN))["cursor"].underline
    assert not tones_of(_variables(THEMES["dark"]))["cursor"].underline


def test_the_same_colours_are_the_same_object() -> None:
    one, two = (_variables(replace(THEMES["dark"], name=name)) for name in ("one", "two"))
    assert tones_of(one) is tones_of(two)
    assert tones_of(one) is not tones_of(_variables(THEMES["light"]))


async def test_what_is_shown_follows_a_theme_of_which_one_tone_is_another(running: Running) -> None:
    async with running(calm()) as pilot:
        title = pilot.app.screen.query_one("#title", Panel)
        green = Color.parse(ACCENTS["green"][0]).rich_color
        assert green not in {style.color for style in _styles(title)}
        app_of(pilot).change_settings(ConsoleSettings(accent="green"))
        await until(pilot, lambda: green in {style.color for style in _styles(title)})


async def test_the_cursor_is_brighter_in_the_list_that_has_the_focus(running: Running) -> None:
    async with running(calm()) as pilot:
        wall = pilot.app.screen.query_one(NodeWall)
        await until(pilot, lambda: wall.lines)
        focused, blurred = (
            Color.parse(pilot.app.theme_variables[name]).rich_color for name in ("line-cursor", "line-cursor-blurred")
        )
        assert focused in {style.bgcolor for style in _styles(wall)}
        await pilot.press("tab")
        await until(pilot, lambda: blurred in {style.bgcolor for style in _styles(wall)})
        assert focused not in {style.bgcolor for style in _styles(wall)}


def _styles(view: LineView) -> list[Style]:
    """As it is painted: of the lines that are kept unless they are to be painted anew."""
    return [style for line in view.render_lines(view.size.region) for _, style, _ in line if style is not None]
