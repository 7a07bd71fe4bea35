"""Screens that a dialog lies over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import ModalScreen

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.layered import size_classes
from distdiag_tui.screens.logbook import LogbookScreen
from distdiag_tui.screens.settings import SettingsScreen
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import app_of

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_under_a_dialog_only_what_changed_is_painted(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(calm()) as pilot:
        await pilot.press("f2")
        await pilot.pause()
        sent: list[object] = []
        monkeypatch.setattr(App, "_display", lambda _app, _screen, update: sent.append(update))
        title = pilot.app.screen_stack[0].query_one("#title", Panel)
        for text in ("one", "two", "three"):
            before = len(sent)
            title.show_lines([((text, "plain"),)])
            await until(pilot, lambda: len(sent) > before)  # noqa: B023 - it is called at once
        updates = [update for update in sent if isinstance(update, ChopsUpdate)]
        assert len(updates) == len([update for update in sent if update is not None])
        assert {y for update in updates for y, _, _ in update.spans} == {0}


async def test_what_changed_on_a_page_is_painted_though_the_screen_below_it_changed_at_the_same_tick(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(calm()) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogbookScreen))
        await pilot.pause()
        sent: list[object] = []
        monkeypatch.setattr(App, "_display", lambda _app, _screen, update: sent.append(update))
        below, page = pilot.app.screen_stack[0], pilot.app.screen
        above = page.query_one("#page-title", Panel)
        above.show_lines([(("changed", "plain"),)])
        # As at a tick, in one turn of the loop: what of the page is to be painted is known when the screen below has it
        # painted that something of its own has changed.
        page._dirty_widgets.add(above)
        below._compositor._dirty_regions.add(Region(0, 5, 3, 1))
        below._compositor_refresh()
        page._on_timer_update()
        assert _holds(sent, "changed")


@pytest.mark.parametrize("key", ["question_mark", "N"])
async def test_the_first_that_is_painted_of_a_dialog_is_all_that_it_shows(
    running: Running, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    async with running(calm()) as pilot:
        below = pilot.app.screen
        sent: list[LayoutUpdate] = []

        def note(_app: object, screen: object, update: object) -> None:
            if screen is not below and isinstance(update, LayoutUpdate):
                sent.append(update)

        monkeypatch.setattr(App, "_display", note)
        await pilot.press(key)
        await until(pilot, lambda: sent)
        shown = max(pilot.app.screen.query_one(TextPane).text.splitlines(), key=len).strip()
        assert shown
        assert shown in "\n".join("".join(strip.text for strip in line) for line in sent[0].strips)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=str)
async def test_a_dialog_begins_with_the_classes_of_the_size_of_the_terminal(
    running: Running, size: tuple[int, int]
) -> None:
    async with running(calm(), size) as pilot:
        # Of the main screen, Textual has set them.
        sizes = {each for each in pilot.app.screen.classes if each.startswith("-")}
        assert set(size_classes(pilot.app)) == sizes
        await pilot.press("L")
        assert {each for each in pilot.app.screen.classes if each.startswith("-")} == sizes


async def test_the_dimmed_screen_looks_as_textual_paints_it(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(calm()) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen) and pilot.app.screen.is_shown)
        ours = pilot.app.export_screenshot()
        monkeypatch.setattr(Dialog, "render", ModalScreen.render)
        pilot.app.screen.refresh()
        await pilot.pause()
        assert pilot.app.export_screenshot() == ours


async def test_a_screen_that_is_covered_wholly_is_not_painted_until_it_is_seen_again(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        title = app.screen.query_one("#title", Panel)
        await until(pilot, lambda: title.text)
        painted = title.text
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, LogbookScreen))
        await pilot.pause()
        later = replace(calm(), frame=replace(calm().frame, time_s=calm().frame.time_s + 7), tick=calm().tick + 7)
        app.current.snapshot_arrived(app.current.core, later)
        app.current.second_passed()
        assert title.text == painted
        await pilot.press("escape")
        await until(pilot, lambda: title._scene is not None and title._scene.snapshot.tick == later.tick)


async def test_a_screen_under_a_dialog_goes_on(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        later = replace(calm(), tick=calm().tick + 1)
        app.current.snapshot_arrived(app.current.core, later)
        app.current.repaint()
        scene = app.screen_stack[0].query_one("#title", Panel)._scene
        assert scene is not None
        assert scene.snapshot.tick == later.tick


def _holds(sent: list[object], text: str) -> bool:
    """Whether an update has this text in the first line of the screen."""
    lines = [update.chops[0] for update in sent if isinstance(update, ChopsUpdate)]
    return any(text in "".join(strip.text for strip in line.values() if strip is not None) for line in lines)
