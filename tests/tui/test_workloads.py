"""Benchmarks by keys alone: forms, what runs, and the runs that there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Label

from distdiag_core.workloads import kinds, profiles
from distdiag_core.workloads.options import described
from distdiag_core.workloads.sysbench.options import SysbenchOptions
from distdiag_core.workloads.workload import WorkloadRequest
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.runs import ComparisonScreen
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.picker import Picker
from distdiag_tui.widgets.reader import Reader
from tests.tui.canned import calm, loaded, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, text, told

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_workload_is_prepared_and_started_with_what_was_typed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", "tab", "right", "tab", "space", "tab", *"8", "tab", *"50", "tab", "tab")
        await pilot.press("tab", *"2", "tab", *"5000")
        screen = pilot.app.screen
        screen.query_one("#prepare", Button).focus()
        await pilot.press("enter")
        await until(pilot, lambda: core_of(pilot).verbs() == ["prepare_workload"])
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).verbs() == ["prepare_workload", "start_workload"])
        script = tuple(kinds.benchmark("sysbench").scripts)[1]
        wanted = WorkloadRequest("sysbench", script, ("n2", "n3"), 8, 50, options=SysbenchOptions(2, 5000))
        assert core_of(pilot).asked[-1] == ("start_workload", wanted)


@pytest.mark.parametrize("kind", kinds.NAMES)
async def test_the_form_of_every_kind_has_its_scripts_and_options(running: Running, kind: str) -> None:
    benchmark = kinds.benchmark(kind)
    async with running(calm()) as pilot:
        await pilot.press("w", *["right"] * kinds.NAMES.index(kind))
        screen = pilot.app.screen
        labels = {option.label for option in described(benchmark.options)}
        await until(
            pilot, lambda: {str(each.content) for each in screen.query("#of-kind Label").results(Label)} == labels
        )
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).verbs() == ["start_workload"])
        _, request = core_of(pilot).asked[-1]
        assert (request.kind, request.script) == (kind, next(iter(benchmark.scripts)))
        assert request.options == benchmark.options()


async def test_workload_refuses_what_makes_no_sense(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("w", "tab", "tab", "tab", *"many", "ctrl+s")
        await until(pilot, lambda: any("Threads a node: many is no whole number" in line for line in told(pilot)))
        await pilot.press(*["backspace"] * 4, "4", *["tab"] * 4, *"0", "ctrl+s")
        await until(
            pilot, lambda: any("Tables: is 0; give a whole number of at least 1" in line for line in told(pilot))
        )
        assert core_of(pilot).verbs() == []


async def test_profiles_that_cannot_be_read_are_said(running: Running) -> None:
    profiles.own_file().parent.mkdir(parents=True, exist_ok=True)
    profiles.own_file().write_text("- {name: mine, steps: []}\n", encoding="utf-8")
    async with running(calm()) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: any("workloads.yaml" in line for line in told(pilot)))
        assert isinstance(pilot.app.screen, MainScreen)


async def test_what_the_choice_means_is_said(running: Running) -> None:
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
        runs = screen.query_one("#runs", Picker)
        await until(pilot, lambda: len(runs.lines) == 2)
        runs.focus()
        await pilot.press("down")
        await until(pilot, lambda: "new order" in text(screen.query_one("#run", Reader).lines))
        screen.query_one("#stop", Button).focus()
        await pilot.press("enter")
        await until(pilot, lambda: ("stop_workload", ["d7a4"]) in core_of(pilot).asked)


async def test_two_runs_are_compared(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("R")
        picker = pilot.app.screen.query_one(Picker)
        await until(pilot, lambda: "CPU stress high on n2" in text(picker.lines))
        await pilot.press("c")
        await until(pilot, lambda: any("mark two runs first" in line for line in told(pilot)))
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ComparisonScreen))
        reader = pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: "tpmC" in text(reader.lines))
        said = text(reader.lines)
        assert "before  b118" in said
        assert "after   d7a4" in said
        (tpmc, *_) = [line for line in said.splitlines() if "tpmC" in line]
        assert tpmc.split()[1:] == ["756", "234", "-522", "-69.0"]


async def test_a_running_workload_is_stopped_by_one_key(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("W")
        await until(pilot, lambda: core_of(pilot).verbs() == ["stop_workload"])
