"""What holds on every screen of a terminal of ASCII and sixteen colours; how a screen looks is in the snapshots."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from rich.cells import cell_len
from rich.color import ColorType
from textual.geometry import Region

from distdiag_core.experiments import experiment_files
from distdiag_core.recording import audit_log
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.line_view import LineView
from tests.cli.test_experiment import RESULT
from tests.tui.canned import NOW_S, collecting
from tests.tui.canned_graph import with_graph
from tests.tui.canned_incidents import with_incidents
from tests.tui.canned_sources import SOURCES
from tests.tui.conftest import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from rich.style import Style
    from textual.pilot import Pilot
    from textual.widget import Widget

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.app import DistdiagApp
    from tests.tui.conftest import Console

# The keys from the main screen to each screen.
SCREENS = {
    "main": "",
    "zoomed chart": "z",
    "filter": "slash z o n e",
    "node": "N",
    "sessions": "N S",
    "parameters": "N p",
    "top sql": "N t",
    "graph": "C",
    "heat map": "H",
    "incidents": "I",
    "incident": "I enter",
    "hours and days": "T",
    "models side by side": "v",
    "logbook": "L",
    "sources": "O",
    "events": "e",
    "audit": "u",
    "settings": "f2",
    "help": "question_mark",
    "metric": "m",
    "sort": "S",
    "root cause": "tab enter",
    "injection": "i",
    "injections": "a",
    "workload": "w",
    "runs": "R",
    "comparison of runs": "R space down space c",
    "experiments": "X",
    "experiment form": "X n",
    "dataset": "d",
    "advice": "d a",
    "training": "t",
    "models": "M",
    "reset baseline": "r",
    "quit": "q",
}


@pytest.fixture
def everything(tmp_path: Path, dataset: Path) -> Snapshot:
    """A tick with something to show on every screen."""
    assert dataset.is_dir()
    experiment_files.write(RESULT)
    audit_log.append(audit_log.AuditRecord("inject", "lab", ("n2",), NOW_S - 45, 1.25, "done", {"severity": "high"}))
    return replace(with_graph(with_incidents(tmp_path)), collecting=collecting().collecting, sources=SOURCES)


async def walk(pilot: Pilot[None], names: Iterable[str]) -> AsyncIterator[str]:
    """Open these screens one after another, and come back from each."""
    app = cast("DistdiagApp", pilot.app)
    await until(pilot, lambda: app.snapshot is not None)
    for name in names:
        await pilot.pause()
        await pilot.press(*SCREENS[name].split())
        # What is asked for in the background has come.
        await until(pilot, lambda: app._under_way is None and not app._waiting)
        await until(pilot, lambda: all(each.is_finished for each in app.workers if each.group != "core"))
        await pilot.pause()
        yield name
        while len(app.screen_stack) > 1:
            await pilot.press("escape")
        await pilot.press("escape", "escape")


def _drawn(app: DistdiagApp) -> Iterator[Widget]:
    """The widgets of the uppermost screen that paint text themselves, and that are not turned off."""
    for widget in app.screen.query("*"):
        if widget.is_on_screen and widget.size and not widget.is_container and not widget.disabled:
            yield widget


def _pieces(widget: Widget) -> Iterator[tuple[str, Style]]:
    """The text of a widget as it is painted, with its colours."""
    for strip in widget.render_lines(Region(0, 0, *widget.size)):
        for text, style, _ in strip:
            if text.strip() and style is not None:
                yield text.strip(), style


def _too_wide(app: DistdiagApp) -> list[str]:
    """Lines, key bars and titles that are cut off where nothing says so."""
    found = []
    for view in app.screen.query(LineView):
        if not view.is_on_screen:
            continue
        lines = [*view.lines, *([view._header] if view._header is not None else [])]
        found += [
            "".join(text for text, _ in line)
            for line in lines
            if width_of(line) > view.size.width and "".join(text for text, _ in line)[view.size.width :].strip()
        ]
    for widget in app.screen.query("*"):
        title = widget.border_title
        if widget.is_on_screen and title and cell_len(str(title)) > widget.outer_size.width - 4:
            found.append(f"title: {title}")
    return found


def _bars_out_of_place(app: DistdiagApp) -> list[str]:
    """Key bars that are not the last line of what they belong to."""
    return [
        str(bar.region)
        for bar in app.screen.query(KeyBar)
        if bar.region.height != 1 or bar.region.bottom != cast("Widget", bar.parent).content_region.bottom
    ]


def _is_plain(style: Style) -> bool:
    """Whether its colours are the terminal's own, and not both the same."""
    colours = [colour for colour in (style.color, style.bgcolor) if colour is not None]
    return all(colour.type is not ColorType.TRUECOLOR for colour in colours) and (
        len(colours) < 2 or colours[0] != colours[1] or colours[0].is_default
    )


async def test_the_poorest_terminal_shows_every_screen_whole(console: Console, everything: Snapshot) -> None:
    app = console(everything, glyphs="ascii", rgb=False)
    found: dict[str, list[str]] = {}
    async with app.run_test(size=(80, 24)) as pilot:
        async for name in walk(pilot, SCREENS):
            pieces = [piece for widget in _drawn(app) for piece in _pieces(widget)]
            foreign = [text[:24] for text, style in pieces if not text.isascii() or not _is_plain(style)]
            found[name] = [*foreign, *_bars_out_of_place(app), *_too_wide(app)]
    assert {name: each for name, each in found.items() if each} == {}
