"""The switches that collect cases, and the injections that wait for their baseline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widgets import Button

from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.call_log import Call
from tests.tui.canned import calm, collecting
from tests.tui.conftest import until
from tests.tui.forms import with_collecting
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_both_kinds_of_collecting_are_a_key_away(running: Running) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("n", "o")
        await until(pilot, lambda: len(core_of(pilot).log.calls) == 2)
        assert core_of(pilot).log.calls == [
            Call("dataset.collect_normal", argument=False),
            Call("dataset.collect_anomalies", argument=False),
        ]
        await pilot.press("d", "n")
        await until(pilot, lambda: len(core_of(pilot).log.calls) == 3)
        off = collecting()
        assert off.collecting is not None
        core_of(pilot).publish(with_collecting(off, anomalies=False))
        await until(pilot, lambda: "anomaly cases off" in text(pilot.app.screen.query_one("#glance", Panel).lines))
        await pilot.press("o")
        await until(pilot, lambda: core_of(pilot).log.calls[-1] == Call("dataset.collect_anomalies", argument=True))


async def test_nothing_is_collected_where_it_cannot_be(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("n", "o")
        await until(pilot, lambda: sum("nothing can be collected" in line for line in notifications(pilot)) == 2)
        assert core_of(pilot).log.calls == []


async def test_injections_that_wait_for_a_baseline_are_listed_and_cancelled(running: Running) -> None:
    async with running(collecting()) as pilot:
        core_of(pilot).runtime.injections.hold_inject = asyncio.Event()
        for keys in (("space",), ("down", "space")):
            await pilot.press("i", "tab", *keys)
            await until(pilot, lambda: not pilot.app.screen.query_one("#inject", Button).disabled)
            await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject", "injections.inject"])
        await pilot.press("a")
        list_view = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "waiting for baseline, 00:42" in text(list_view.lines))
        assert "CPU stress on n2" in text(list_view.lines)
        assert "▶before 18/60 s" in text(pilot.app.screen.query_one(TextPane).lines)
        await pilot.press("c")
        await until(pilot, lambda: sum("called off" in line for line in notifications(pilot)) == 2)
