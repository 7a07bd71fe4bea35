"""How the screens look, at three sizes and with the signs and colours of poor terminals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from textual.widgets import Input

from distdiag_tui.console_settings import ConsoleSettings
from tests.tui.canned import broken, calm, cluster, collecting, loaded, orphaned, troubled
from tests.tui.conftest import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.app import DistdiagApp
    from tests.tui.conftest import Console

    Compare = Callable[..., bool]

SIZES = [(80, 24), (120, 36), (200, 60)]


def after(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Wait for the first tick, then press keys."""

    async def action(pilot: Pilot[None]) -> None:
        app = cast("DistdiagApp", pilot.app)
        await until(pilot, lambda: app.snapshot is not None)
        await pilot.pause()
        await pilot.press(*keys)
        await until(pilot, lambda: app._under_way is None and not app._waiting)
        for field in app.screen.query(Input):
            # A cursor that blinks would be seen or not, by how busy the machine is.
            field.cursor_blink = False
        # A plan that was replaced by a newer one ends as well.
        await until(pilot, lambda: all(each.is_finished for each in app.workers if each.group != "core"))
        await pilot.pause()

    return action


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_main_screen_with_trouble(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(troubled()), terminal_size=size, run_before=after())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_main_screen_that_collects(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(collecting()), terminal_size=size, run_before=after())


def test_main_screen_on_a_large_terminal(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(troubled()), terminal_size=(250, 70), run_before=after("down"))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_zoomed_chart(snap_compare: Compare, console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(troubled()), terminal_size=size, run_before=after("down", "z"))


def test_calm_main_screen(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(calm()), terminal_size=(120, 36), run_before=after())


def test_main_screen_with_broken_nodes(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(broken()), terminal_size=(120, 36), run_before=after("down", "down"))


def test_main_screen_with_an_alarm(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(orphaned()), terminal_size=(80, 24), run_before=after())


def test_wall_with_a_filter_and_a_mistake_in_it(snap_compare: Compare, console: Console) -> None:
    keys = ("S", "enter", "V", "slash", *"zone cpu>20 !zne:1")
    assert snap_compare(console(troubled()), terminal_size=(80, 24), run_before=after(*keys))


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
def test_themes(snap_compare: Compare, console: Console, theme: str) -> None:
    app = console(troubled(settings=replace(cluster(name="shop", production=True), accent="magenta")))
    app.change_settings(ConsoleSettings(theme=theme))
    assert snap_compare(app, terminal_size=(120, 36), run_before=after())


def test_hundred_nodes(snap_compare: Compare, console: Console) -> None:
    assert snap_compare(console(calm(100, hurt=1)), terminal_size=(200, 60), run_before=after("end", "right"))


def test_ascii_in_sixteen_colours(snap_compare: Compare, console: Console) -> None:
    app = console(troubled(), glyphs="ascii", rgb=False)
    assert snap_compare(app, terminal_size=(80, 24), run_before=after())


def test_read_only_production(snap_compare: Compare, console: Console) -> None:
    snapshot = troubled(settings=cluster(name="shop", production=True, read_only=True))
    assert snap_compare(console(snapshot), terminal_size=(80, 24), run_before=after())


_DIALOGS: dict[str, tuple[Snapshot, tuple[str, ...]]] = {
    "injection": (troubled(), ("i", "tab", "down", "space")),
    "injection_on_production": (troubled(settings=cluster(name="shop", production=True)), ("i", "tab", "space")),
    "injections": (orphaned(), ("a",)),
    "waiting_for_baseline": (collecting(), ("a",)),
    "workload": (loaded(), ("w",)),
    "workload_on_production": (calm(settings=cluster(name="shop", production=True)), ("w", "f6")),
    "runs": (calm(), ("R",)),
    "comparison": (calm(), ("R", "space", "down", "space", "c")),
    "dataset": (collecting(), ("d",)),
    "training": (collecting(), ("t",)),
    "root_cause": (troubled(), ("tab", "enter")),
    "events": (troubled(), ("e",)),
    "metric": (troubled(), ("m", "i", "o", "space", "d", "e", "l")),
    "help": (calm(), ("question_mark",)),
    "settings": (calm(), ("f2", "tab", "right")),
    "quit": (troubled(), ("q",)),
    "reset_baseline": (calm(), ("r",)),
}


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
@pytest.mark.parametrize("name", _DIALOGS)
def test_dialog(snap_compare: Compare, console: Console, name: str, size: tuple[int, int]) -> None:
    snapshot, keys = _DIALOGS[name]
    assert snap_compare(console(snapshot), terminal_size=size, run_before=after(*keys))
