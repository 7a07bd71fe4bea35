"""What is copied by a key, and where it goes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from distdiag_tui.screens.root_cause import RootCauseScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import troubled
from tests.tui.conftest import until
from tests.tui.walking import notifications, text

if TYPE_CHECKING:
    import pytest

    from tests.tui.conftest import Running


async def test_node_cause_event_and_its_whole_text_are_copied(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    async with running(troubled()) as pilot:
        app, sent = pilot.app, list[str]()
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", sent.append)
        await pilot.press("down", "y")
        await until(pilot, lambda: app.clipboard.startswith("node n2, zone zone2, state suspect injected, cpu 100%, "))
        assert sent == [f"\x1b]52;c;{base64.b64encode(app.clipboard.encode()).decode()}\a"]
        await until(pilot, lambda: any(line.startswith("copied: node n2") for line in notifications(pilot)))
        await pilot.press("tab", "y")
        await until(pilot, lambda: app.clipboard.startswith("CPU stress on n2, confidence 0.98 since 09:29:22: "))
        assert "cpu 31% → 99%" in app.clipboard
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RootCauseScreen))
        await pilot.press("y")
        await until(pilot, lambda: "CPU stress on n2" in app.clipboard and "\n" in app.clipboard)
        await pilot.press("escape", "e")
        await until(pilot, lambda: bool(app.screen.query(ListView)))
        rows, pane = app.screen.query_one(ListView), app.screen.query_one(TextPane)
        await until(pilot, lambda: len(rows.lines) == 4)
        await pilot.press("y")
        await until(pilot, lambda: "level warning, text n2 suffers from CPU stress" in app.clipboard)
        await pilot.press("tab", "y")
        await until(pilot, lambda: app.clipboard == text(pane.lines).strip())


async def test_the_commands_of_a_plan_are_copied_without_line_breaks_in_them(running: Running) -> None:
    async with running(troubled(), size=(80, 24)) as pilot:
        await pilot.press("i", "tab", "space")
        await until(pilot, lambda: bool(pilot.app.screen.query(TextPane)))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "  run " in text(pane.lines))
        await pilot.press("y")
        await until(pilot, lambda: "  run " in pilot.app.clipboard)
        assert len(pilot.app.clipboard.splitlines()) <= len(text(pane.lines).splitlines())
        assert any("  run   " in line and len(line) > pane.line_width for line in pilot.app.clipboard.splitlines())
