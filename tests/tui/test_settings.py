"""The operator's settings of the console: the file, the screen, and what they do at once."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError
from distdiag_tui import console_settings
from distdiag_tui.app import DistdiagApp
from distdiag_tui.console_settings import ConsoleSettings
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.palettes import ACCENTS, LIGHT
from distdiag_tui.screens.settings import SettingsScreen
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import calm, cluster
from tests.tui.conftest import until
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import app_of, core_of, notifications, only, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


def test_settings_are_written_and_read_and_a_broken_file_is_left_alone() -> None:
    assert console_settings.load() == ConsoleSettings()
    chosen = ConsoleSettings(theme="light", accent="cyan", refresh_s=2.0, desktop=True)
    console_settings.save(chosen)
    assert console_settings.load() == chosen
    console_settings.save(ConsoleSettings())
    assert console_settings.load() == ConsoleSettings()
    console_settings.settings_file().write_text("theme: dark\nacent: cyan\n")
    with pytest.raises(ConfigError, match=r"console.yaml:2: acent: unknown key; is accent meant\?"):
        console_settings.save(chosen)
    assert "acent" in console_settings.settings_file().read_text()


def test_every_setting_is_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "console.md").read_text(encoding="utf-8")
    missing = [each.name for each in fields(ConsoleSettings) if f"| `{each.name}` |" not in page]
    assert missing == []


async def test_settings_take_effect_at_once_and_are_kept(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen))
        await pilot.press("right", "right")
        await until(pilot, lambda: pilot.app.current_theme.background == LIGHT.background)
        await pilot.press("tab", "right", "tab", "tab", "left")
        await until(pilot, lambda: app_of(pilot).glyphs is SETS["ascii"])
        assert pilot.app.current_theme.variables["tone-accent"] == ACCENTS["blue"][1]
        assert pilot.app.has_class("-ascii")
        await pilot.press("escape")
        wall = pilot.app.screen.query_one(NodeWall)
        await until(pilot, lambda: text(wall.lines).startswith("o n1"))
    assert console_settings.load() == ConsoleSettings(theme="light", accent="blue", glyphs="ascii")


async def test_a_theme_is_chosen_in_the_palette(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("ctrl+p", *"theme: high", "enter")
        await until(pilot, lambda: console_settings.load().theme == "high-contrast")
        assert pilot.app.current_theme.background == "#000000"


async def test_a_theme_that_cannot_be_used_is_reported_and_the_default_is_there() -> None:
    app = DistdiagApp(only(ScriptedCore(calm())), SETS["block"], settings=ConsoleSettings(theme="mine"))
    async with app.run_test(notifications=True) as pilot:
        await until(pilot, lambda: any("there is no theme mine" in line for line in notifications(pilot)))
        assert app.current_theme.name == "dark"


async def test_with_few_repaints_samples_are_passed_over(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        app.change_settings(ConsoleSettings(refresh_s=5.0))
        title = pilot.app.screen.query_one("#title", Panel)
        wall = pilot.app.screen.query_one(NodeWall)
        before = text(wall.lines)
        core_of(pilot).publish(calm(tick=753))
        await until(pilot, lambda: app.snapshot is not None and app.snapshot.tick == 753)
        await pilot.pause()
        assert text(wall.lines) == before
        core_of(pilot).publish(calm(tick=756))
        await until(pilot, lambda: text(wall.lines) != before)
        assert title.lines


async def test_the_colour_of_a_cluster_is_in_its_header_and_yields_to_the_operators(running: Running) -> None:
    settings = replace(cluster(name="shop", production=True), accent="red")
    async with running(calm(settings=settings)) as pilot:
        title = pilot.app.screen.query_one("#title", Panel)
        await until(pilot, lambda: (" shop ", "chip") in title.lines[0])
        assert (" PROD ", "badge") in title.lines[0]
        assert pilot.app.current_theme.variables["tone-accent"] == ACCENTS["red"][0]
        app_of(pilot).change_settings(ConsoleSettings(accent="green"))
        assert pilot.app.current_theme.variables["tone-accent"] == ACCENTS["green"][0]
