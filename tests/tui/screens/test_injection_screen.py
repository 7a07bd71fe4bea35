"""The injection dialog by keys alone, from the choice to the call that reaches the core."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Button, Input

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.call_log import Call
from tests.tui.canned import calm, cluster, troubled
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_injects_what_was_chosen_and_previewed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "down", "down", "tab", "down", "space", "tab", "down", "down", "tab")
        await pilot.press("9", "0", "s")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "I/O stress, high" in text(preview.lines) and "01:30" in text(preview.lines))
        assert "run   stress-ng --cpu 2 --timeout 60s" in text(preview.lines)
        assert "undo  pkill-in-cgroup distdiag" in text(preview.lines)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject"])
        assert core_of(pilot).log.calls[-1] == Call(
            "injections.inject", InjectionRequest("io_stress", ("n2",), "high", 90.0)
        )
        await until(pilot, lambda: any("I/O stress on n2 is active" in line for line in notifications(pilot)))


async def test_only_what_is_seen_is_confirmed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "tab", "tab")
        app = app_of(pilot)
        preview = app.screen.query_one(TextPane)
        await until(pilot, lambda: "CPU stress, low" in text(preview.lines))
        for key, character in (("7", "7"), ("s", "s"), ("ctrl+s", None)):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: any("the plan is ready" in line for line in notifications(pilot)))
        assert "for 00:07" in text(preview.lines)
        assert core_of(pilot).log.names() == []
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject"])
        assert core_of(pilot).log.calls[-1].argument == InjectionRequest("cpu_stress", ("n1",), "low", 7.0)


async def test_confirming_while_the_plan_is_made_waits_for_it_and_shows_it(running: Running) -> None:
    async with running(calm()) as pilot:
        thinks = core_of(pilot).runtime.injections.hold_plan = asyncio.Event()
        await pilot.press("i", "tab", "space")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "planning: asking n1" in text(preview.lines))
        await pilot.press("ctrl+s", "ctrl+s")
        assert notifications(pilot) == []
        assert len(core_of(pilot).log.calls) == 1
        thinks.set()
        await until(pilot, lambda: "run   stress-ng" in text(preview.lines))
        await until(pilot, lambda: any("the plan is ready" in line for line in notifications(pilot)))
        assert core_of(pilot).log.names() == []
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject"])


async def test_another_choice_forgets_that_the_last_one_was_confirmed_early(running: Running) -> None:
    async with running(calm()) as pilot:
        thinks = core_of(pilot).runtime.injections.hold_plan = asyncio.Event()
        await pilot.press("i", "tab", "space")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "planning: asking n1" in text(preview.lines))
        await pilot.press("ctrl+s", "down", "space")
        await until(pilot, lambda: "planning: asking n1, n2" in text(preview.lines))
        thinks.set()
        await until(pilot, lambda: "run   stress-ng" in text(preview.lines))
        assert notifications(pilot) == []


async def test_confirming_what_cannot_be_planned_says_why(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "ctrl+s")
        await until(pilot, lambda: any("Choose at least one node" in line for line in notifications(pilot)))
        await pilot.press(*["down"] * 8, "tab", "space")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "REFUSED" in text(preview.lines))
        await pilot.press("ctrl+s")
        await until(
            pilot, lambda: any("no plan: cluster lab, key protect.allow" in each for each in notifications(pilot))
        )
        assert core_of(pilot).log.names() == []


async def test_an_anomaly_of_the_whole_cluster_starts_out_on_all_nodes(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "end")
        screen = pilot.app.screen
        await until(pilot, lambda: "Workload overload, low on n1, n2, n3" in text(screen.query_one(TextPane).lines))
        await pilot.press("home")
        await until(pilot, lambda: "Choose at least one node" in text(screen.query_one(TextPane).lines))
        assert screen.query_one("#inject", Button).disabled


async def test_what_is_off_by_default_says_how_it_is_allowed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", *["down"] * 8, "tab", "space")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "REFUSED  cluster lab, key protect.allow" in text(preview.lines))
        assert "off by default; the key protect.allow" in text(preview.lines)
        assert "Node down  off" in text(pilot.app.screen.query_one("#anomaly RadioList", LineView).lines)


async def test_what_is_active_already_is_part_of_the_preview(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("i", "tab", "down", "space")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "n2 has CPU stress high already: 00:42 left" in text(preview.lines))


async def test_no_single_key_injects(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i")
        await pilot.press("enter", "enter", "ctrl+s", "enter")
        assert isinstance(pilot.app.screen, InjectionScreen)
        assert core_of(pilot).log.names() == []
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_a_production_cluster_is_confirmed_by_its_name(running: Running) -> None:
    async with running(calm(settings=cluster(name="shop", production=True))) as pilot:
        await pilot.press("i", "tab", "space")
        screen = pilot.app.screen
        await until(pilot, lambda: "CPU stress, low" in text(screen.query_one(TextPane).lines))
        await pilot.press("ctrl+s")
        assert isinstance(pilot.app.screen, InjectionScreen)
        assert screen.query_one("#inject", Button).disabled
        screen.query_one("#confirm Input", Input).focus()
        await pilot.press(*"shop")
        await until(pilot, lambda: not screen.query_one("#inject", Button).disabled)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["injections.inject"])


async def test_a_duration_that_makes_no_sense_is_not_planned(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "tab", "tab", *"soon")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "duration is not understood" in text(preview.lines))
        await pilot.press("ctrl+s")
        assert core_of(pilot).log.names() == []


async def test_a_refusal_of_what_was_typed_before_does_not_hide_what_is_wrong_now(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "tab", "tab")
        preview = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "run   stress-ng" in text(preview.lines))
        duration = pilot.app.screen.query_one("#duration Input", Input)
        thinks = core_of(pilot).runtime.injections.hold_plan = asyncio.Event()
        duration.value = "2560s"
        wanted = InjectionRequest("cpu_stress", ("n1",), "low", 2560)
        await until(pilot, lambda: core_of(pilot).log.calls[-1] == Call("injections.plan", wanted))
        duration.value = "25s60s"
        await until(pilot, lambda: "duration is not understood" in text(preview.lines))
        thinks.set()
        await app_of(pilot).workers.wait_for_complete([each for each in app_of(pilot).workers if each.group == "plan"])
        await pilot.pause()
        assert "duration is not understood" in text(preview.lines)
