"""Benchmarks by keys alone: the form, and what runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Label

from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark_options import described
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.control import profiles
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_settings import GeneratorSettings, WorkloadSettings
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.call_log import Call
from tests.tui.canned import calm, loaded, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_workload_is_prepared_and_started_with_what_was_typed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", "tab", "right", "tab", "space", "tab", *"8", "tab", *"50", "tab", "tab")
        await pilot.press("tab", *"2", "tab", *"5000")
        await pilot.press("f5")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.prepare"])
        await pilot.press("f6")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.prepare", "workloads.start"])
        script = tuple(benchmark_registry.benchmark("sysbench").scripts)[1]
        wanted = WorkloadRequest("sysbench", script, ("n2", "n3"), 8, 50, options=SysbenchOptions(2, 5000))
        assert core_of(pilot).log.calls[-1] == Call("workloads.start", wanted)


async def test_generators_of_the_cluster_file_are_chosen(running: Running) -> None:
    snapshot = calm()
    hosts = tuple(GeneratorSettings(name, "192.0.2.1") for name in ("g1", "g2"))
    cluster = replace(snapshot.cluster, sections=(WorkloadSettings(generators=hosts),))
    async with running(replace(snapshot, cluster=cluster)) as pilot:
        await pilot.press("w", "tab", "tab", "tab")
        await pilot.press("f6")
        await until(pilot, lambda: len(core_of(pilot).log.calls) == 1)
        await pilot.press("space", "end", "space", "f6")
        await until(pilot, lambda: len(core_of(pilot).log.calls) == 2)
        assert [call.argument.generators for call in core_of(pilot).log.calls] == [(), ("g2", "here")]  # type: ignore[attr-defined]
        await pilot.press("space", "up", "space", "f6")
        await until(pilot, lambda: any("Generators: none is chosen" in line for line in notifications(pilot)))


@pytest.mark.parametrize("kind", benchmark_registry.names())
async def test_the_form_of_every_kind_has_its_scripts_and_options(running: Running, kind: str) -> None:
    benchmark = benchmark_registry.benchmark(kind)
    async with running(calm()) as pilot:
        await pilot.press("w", *["right"] * benchmark_registry.names().index(kind))
        screen = pilot.app.screen
        labels = {option.label for option in described(benchmark.options)}
        await until(
            pilot, lambda: {str(each.content) for each in screen.query("#of-kind Label").results(Label)} == labels
        )
        await pilot.press("f6")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.start"])
        request = core_of(pilot).log.calls[-1].argument
        assert isinstance(request, WorkloadRequest)
        assert (request.kind, request.script) == (kind, next(iter(benchmark.scripts)))
        assert request.options == benchmark.options()


async def test_workload_refuses_what_makes_no_sense(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", "tab", "tab", "tab", *"many", "ctrl+s")
        await until(
            pilot, lambda: any("Threads a node: many is no whole number" in line for line in notifications(pilot))
        )
        await pilot.press(*["backspace"] * 4, "4", *["tab"] * 4, *"0", "ctrl+s")
        await until(
            pilot,
            lambda: any("Tables: is 0; give a whole number of at least 1" in line for line in notifications(pilot)),
        )
        assert core_of(pilot).log.names() == []


async def test_profiles_that_cannot_be_read_are_reported(running: Running) -> None:
    profiles.own_file().parent.mkdir(parents=True, exist_ok=True)
    profiles.own_file().write_text("- {name: mine, steps: []}\n", encoding="utf-8")
    async with running(calm()) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: any("workloads.yaml" in line for line in notifications(pilot)))
        assert isinstance(pilot.app.screen, MainScreen)


async def test_the_meaning_of_the_choice_is_shown(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", *["tab"] * 6, "right")
        hint = pilot.app.screen.query_one("#hint", LineView)
        await until(pilot, lambda: "a quiet application" in text(hint.lines))
        await pilot.press("tab")
        await until(pilot, lambda: "How many tables." in text(hint.lines))


async def test_one_of_several_runs_is_stopped(running: Running) -> None:
    async with running(loaded()) as pilot:
        await pilot.press("w")
        screen = pilot.app.screen
        listed = screen.query_one("#runs", ListView)
        await until(pilot, lambda: len(listed.lines) == 2)
        listed.focus()
        await pilot.press("down")
        await until(pilot, lambda: "new order" in text(screen.query_one("#run", TextPane).lines))
        await pilot.press("f8")
        await until(pilot, lambda: Call("workloads.stop", ("d7a4",)) in core_of(pilot).log.calls)
        await pilot.press("f9")
        await until(pilot, lambda: core_of(pilot).log.calls[-1] == Call("workloads.stop"))


async def test_what_is_not_prepared_is_prepared_first(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w")
        prepare, start = (pilot.app.screen.query_one(name, Button) for name in ("#prepare", "#start"))
        await until(pilot, lambda: (prepare.variant, start.variant) == ("primary", "default"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.prepare"])
        status = WorkloadStatus(WorkloadRequest(), WorkloadState.PREPARED, "all is there")
        core_of(pilot).publish(replace(calm(tick=752), workloads=(status,)))
        await until(pilot, lambda: (prepare.variant, start.variant) == ("default", "primary"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.prepare", "workloads.start"])
        await pilot.press("right")
        await until(pilot, lambda: prepare.variant == "primary")


async def test_enter_goes_on_from_every_field_and_presses_at_the_buttons(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w")
        seen: list[object] = []
        while not isinstance(pilot.app.focused, Button):
            seen.append(pilot.app.focused)
            await pilot.press("enter")
        assert len(seen) == len(set(seen)) > 8
        assert pilot.app.focused.id == "prepare"
        await pilot.press("enter")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.prepare"])


async def test_stopping_where_nothing_runs_is_not_silent(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", "f8")
        await until(pilot, lambda: any("nothing that could be stopped" in line for line in notifications(pilot)))
        assert core_of(pilot).log.names() == []


@pytest.mark.parametrize("kind", benchmark_registry.names())
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
async def test_every_heading_is_shown_whole(running: Running, kind: str, size: tuple[int, int]) -> None:
    async with running(calm(), size) as pilot:
        await pilot.press("w", *["right"] * benchmark_registry.names().index(kind))
        labels = {option.label for option in described(benchmark_registry.benchmark(kind).options)}
        shown = pilot.app.screen.query("#of-kind Label")
        await until(pilot, lambda: {str(each.content) for each in shown.results(Label)} == labels)
        await until(pilot, lambda: all(each.size.width for each in shown.results(Label)))
        assert not [each for each in shown.results(Label) if len(str(each.content)) >= each.size.width]


async def test_a_running_workload_is_stopped_by_one_key(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("W")
        await until(pilot, lambda: core_of(pilot).log.names() == ["workloads.stop"])
