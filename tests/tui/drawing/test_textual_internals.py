"""What is private to Textual and used all the same: a release that changes it fails here, and not in a terminal."""

from __future__ import annotations

import inspect
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.geometry import Region
from textual.screen import ModalScreen, Screen

from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing import textual_internals
from distdiag_tui.screens.layered import LayeredScreen
from distdiag_tui.terminal_app import TerminalApp

_PACKAGE = Path(textual_internals.__file__).parents[1]
# Private parts of other libraries, each with its reason beside it.
_OTHER_LIBRARIES = {"views/chart.py", "serving/web_server.py"}


@dataclass
class _Override:
    own: type
    base: type
    name: str


@pytest.mark.parametrize(
    "each",
    [
        _Override(LayeredScreen, Screen, "_compositor_refresh"),
        _Override(TerminalApp, App, "_display"),
        _Override(DistdiagApp, App, "_fatal_error"),
    ],
)
def test_what_is_overridden_takes_what_textual_gives(each: _Override) -> None:
    own, base = (inspect.signature(getattr(kind, each.name)).parameters for kind in (each.own, each.base))
    assert tuple(own) == tuple(base)


def test_an_update_of_changed_parts_can_be_made_anew() -> None:
    assert list(inspect.signature(ChopsUpdate).parameters)[:3] == ["chops", "spans", "chop_ends"]
    assert list(inspect.signature(Compositor.render_update).parameters)[1:3] == ["full", "screen_stack"]


def test_what_the_terminal_has_not_taken_is_counted() -> None:
    writer = WriterThread(io.StringIO())
    driver = LinuxDriver.__new__(LinuxDriver)
    assert textual_internals.waiting_writes(None) == textual_internals.waiting_writes(driver) == 0
    driver._writer_thread = writer
    writer.write("a")
    writer.write("b")
    assert textual_internals.waiting_writes(driver) == 2


async def test_a_screen_is_seen_through_another_and_has_the_parts_that_are_used() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        lower = app.screen
        await app.push_screen(ModalScreen[None]())
        await pilot.pause()
        assert textual_internals.is_seen_through(app, lower)
        assert not textual_internals.is_seen_through(app, app.screen)
        changed = Region(1, 1, 3, 1)
        lower._compositor._dirty_regions.add(changed)
        textual_internals.repaint_from_below(app.screen, lower)
        assert not lower._compositor._dirty_regions
        assert len(textual_internals.lines_of(lower)) == app.size.height
        assert isinstance(textual_internals.update_of(app, {changed}), ChopsUpdate)
        textual_internals.forget_painted()
        assert all(isinstance(each, LineFilter) for each in app._filters)
        assert app.clipboard == app._clipboard


def test_no_other_file_uses_what_is_private_to_textual() -> None:
    found = {
        path.relative_to(_PACKAGE).as_posix()
        for path in _PACKAGE.rglob("*.py")
        if any(mark in path.read_text(encoding="utf-8") for mark in ("SLF001", "from textual._", "import textual._"))
    }
    assert found - _OTHER_LIBRARIES == {"drawing/textual_internals.py"}
