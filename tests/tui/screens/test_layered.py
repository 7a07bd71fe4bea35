"""Screens that a dialog lies over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._compositor import ChopsUpdate
from textual.app import App

from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import calm
from tests.tui.conftest import until

if TYPE_CHECKING:
    import pytest

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
