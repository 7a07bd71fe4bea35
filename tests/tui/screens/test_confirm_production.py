"""Changes on a production cluster: the operator types its name, and only then it is passed to the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.workload import WorkloadScreen
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.call_log import Call
from tests.tui.canned import calm, cluster
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running

CHANGES = [("f5", "workloads.prepare"), ("f6", "workloads.start")]


@pytest.mark.parametrize(("key", "name"), CHANGES)
async def test_a_workload_on_production_asks_for_the_name(running: Running, key: str, name: str) -> None:
    async with running(calm(settings=cluster(name="shop", production=True))) as pilot:
        log = core_of(pilot).log
        await pilot.press("w", key)
        await until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
        await pilot.press("escape", key, *"shopp", "enter")
        await until(pilot, lambda: any("type its name to" in line for line in notifications(pilot)))
        assert isinstance(pilot.app.screen, WorkloadScreen)
        assert log.calls == []
        await pilot.press(key, *"shop", "enter")
        await until(pilot, lambda: log.names() == [name])
        assert log.calls[0].confirmed == "shop"


@pytest.mark.parametrize(("key", "name"), CHANGES)
async def test_a_workload_outside_production_asks_nothing(running: Running, key: str, name: str) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", key)
        await until(pilot, lambda: core_of(pilot).log.names() == [name])
        assert core_of(pilot).log.calls[0].confirmed == ""
        assert isinstance(pilot.app.screen, WorkloadScreen)


@pytest.mark.parametrize("production", [False, True])
async def test_an_injection_passes_the_name_where_it_was_typed(running: Running, *, production: bool) -> None:
    async with running(calm(settings=cluster(name="shop", production=production))) as pilot:
        await pilot.press("i", "tab", "space")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "CPU stress, low" in text(preview.lines))
        if production:
            await pilot.press("tab", "tab", "tab", "tab", *"shop")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject"])
        wanted = InjectionRequest("cpu_stress", ("n1",), "low", 60.0)
        assert core_of(pilot).log.calls[-1] == Call("injections.inject", wanted, "shop" if production else "")
