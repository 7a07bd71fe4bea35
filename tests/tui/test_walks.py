"""Everything by keys alone, from the main screen through every dialog to the verb that reaches the core."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from textual import events
from textual.widgets import Button, Input, Label

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.errors import DistdiagError, RefusedError, UnreachableError
from distdiag_core.recording import audit
from distdiag_core.recording.events import Event
from distdiag_core.workloads import kinds, profiles
from distdiag_core.workloads.options import described
from distdiag_core.workloads.sysbench.options import SysbenchOptions
from distdiag_core.workloads.workload import WorkloadRequest
from distdiag_tui.screens.injection import InjectionScreen
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.screens.question import Question
from distdiag_tui.screens.runs import ComparisonScreen
from distdiag_tui.widgets.detail_chart import DetailChart
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.node_wall import NodeWall
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.picker import Picker
from distdiag_tui.widgets.reader import Reader
from distdiag_tui.widgets.root_causes import RootCauses
from tests.tui.canned import NOW_S, calm, cluster, loaded, troubled
from tests.tui.conftest import until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.lines import Line
    from tests.tui.conftest import Running
    from tests.tui.feed import ScriptedCore


def app_of(pilot: Pilot[None]) -> DistdiagApp:
    return cast("DistdiagApp", pilot.app)


def core_of(pilot: Pilot[None]) -> ScriptedCore:
    return cast("ScriptedCore", app_of(pilot)._core)


def text(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def told(pilot: Pilot[None]) -> list[str]:
    return [notification.message for notification in app_of(pilot)._notifications]


async def test_injects_what_was_chosen_and_previewed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "down", "down", "tab", "down", "space", "tab", "down", "down", "tab")
        await pilot.press("9", "0", "s")
        preview = pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: "I/O stress, high" in text(preview.lines) and "01:30" in text(preview.lines))
        assert "run   stress-ng --cpu 2 --timeout 60s" in text(preview.lines)
        assert "undo  pkill-in-cgroup distdiag" in text(preview.lines)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).verbs() == ["inject"])
        assert core_of(pilot).asked[-1] == ("inject", InjectionRequest("io_stress", ("n2",), "high", 90.0))
        await until(pilot, lambda: any("I/O stress on n2 is active" in line for line in told(pilot)))


async def test_keys_typed_right_after_tab_go_to_the_field_that_it_leads_to(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "tab", "tab")
        app = app_of(pilot)
        duration = app.screen.query_one("#duration Input", Input)
        app.screen.query_one("#severity RadioList").focus()
        await pilot.pause()
        # Not by the pilot, which waits after every key: a terminal delivers a paste in one piece.
        for key, character in (("tab", None), ("7", "7"), ("s", "s")):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: duration.value == "7s")


async def test_only_what_is_seen_is_confirmed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "tab", "tab")
        app = app_of(pilot)
        await until(pilot, lambda: "CPU stress, low" in text(app.screen.query_one(Reader).lines))
        for key, character in (("7", "7"), ("s", "s"), ("ctrl+s", None)):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: any("no plan of this" in line for line in told(pilot)))
        assert core_of(pilot).verbs() == []
        assert isinstance(app.screen, InjectionScreen)


async def test_trouble_of_the_whole_cluster_starts_out_on_all_nodes(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "end")
        screen = pilot.app.screen
        await until(pilot, lambda: "Workload overload, low on n1, n2, n3" in text(screen.query_one(Reader).lines))
        await pilot.press("home")
        await until(pilot, lambda: "Choose at least one node" in text(screen.query_one(Reader).lines))
        assert screen.query_one("#inject", Button).disabled


async def test_what_is_off_by_default_says_how_it_is_allowed(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", *["down"] * 8, "tab", "space")
        preview = pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: "REFUSED  cluster lab, key protect.allow" in text(preview.lines))
        assert "off by default; the key protect.allow" in text(preview.lines)
        assert "Node down  off" in text(pilot.app.screen.query_one("#anomaly RadioList", LineView).lines)


async def test_what_is_active_already_is_part_of_the_preview(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("i", "tab", "down", "space")
        preview = pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: "n2 has CPU stress high already: active, 00:42 left" in text(preview.lines))


async def test_an_error_of_the_core_stays_until_it_is_seen(running: Running) -> None:
    async with running(calm()) as pilot:
        alarm = pilot.app.screen.query_one("#alarm", Panel)
        assert not alarm.lines
        broken = Event(NOW_S, "error", "abort.node_lost: n2 is lost, all was cleared", "error", "n2")
        for tick in (752, 753):
            core_of(pilot).publish(replace(calm(tick=tick), events=(broken,)))
            await until(pilot, lambda: "ALARM  09:30:00 abort.node_lost" in text(alarm.lines))
        await pilot.press("e", "escape")
        await until(pilot, lambda: not alarm.lines)
        core_of(pilot).publish(replace(calm(tick=754), events=(broken,)))
        await pilot.pause()
        assert not alarm.lines


async def test_an_event_is_read_to_its_end(running: Running) -> None:
    long = Event(NOW_S, "error", " ".join(f"word{at}" for at in range(100)), "error")
    async with running(replace(calm(), events=(long,)), size=(80, 24)) as pilot:
        await pilot.press("e")
        whole = pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: "word99" in text(whole.lines))
        await pilot.press("tab", "end")
        await until(pilot, lambda: any("word99" in whole.render_line(row).text for row in range(whole.size.height)))


async def test_no_single_key_makes_trouble(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i")
        await pilot.press("enter", "enter", "ctrl+s", "enter")
        assert isinstance(pilot.app.screen, InjectionScreen)
        assert core_of(pilot).verbs() == []
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_production_wants_its_name_typed(running: Running) -> None:
    async with running(calm(settings=cluster(name="shop", production=True))) as pilot:
        await pilot.press("i", "tab", "space")
        screen = pilot.app.screen
        await until(pilot, lambda: "CPU stress, low" in text(screen.query_one(Reader).lines))
        await pilot.press("ctrl+s")
        assert isinstance(pilot.app.screen, InjectionScreen)
        assert screen.query_one("#inject", Button).disabled
        screen.query_one("#confirm Input", Input).focus()
        await pilot.press(*"shop")
        await until(pilot, lambda: not screen.query_one("#inject", Button).disabled)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: core_of(pilot).verbs() == ["inject"])


async def test_a_duration_that_makes_no_sense_is_not_planned(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("i", "tab", "space", "tab", "tab", *"soon")
        preview = pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: "duration is not understood" in text(preview.lines))
        await pilot.press("ctrl+s")
        assert core_of(pilot).verbs() == []


async def test_a_refusal_is_one_clear_line_and_an_event(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).failure = RefusedError("two of three nodes [bold]would[/] be cut off", where="protect.max_nodes")
        await pilot.press("ctrl+x")
        await until(pilot, lambda: any("protect.max_nodes" in line for line in told(pilot)))
        scene = app_of(pilot).scene
        assert scene is not None
        assert scene.events[0].level == "error"
        assert "protect.max_nodes: two of three nodes [bold]would[/] be cut off" in scene.events[0].text


async def test_one_key_clears_all_even_from_within_a_text_field(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("m", *"cpu", "ctrl+x")
        await until(pilot, lambda: core_of(pilot).verbs() == ["clear_all"])
        await until(pilot, lambda: any("CPU stress on n2 is cleared" in line for line in told(pilot)))


async def test_clears_one(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("a", "c")
        await until(pilot, lambda: ("clear", ("7f3a",)) in core_of(pilot).asked)


async def test_read_only_refuses_with_the_reason(running: Running) -> None:
    async with running(troubled(settings=cluster(read_only=True))) as pilot:
        for key in ("i", "w", "W"):
            await pilot.press(key)
        await pilot.pause()
        assert isinstance(pilot.app.screen, MainScreen)
        assert core_of(pilot).verbs() == []
        assert sum("read-only" in line for line in told(pilot)) == 3
        assert "[RO]" in text(pilot.app.screen.query_one("#title", Panel).lines)


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


async def test_the_audit_trail_is_shown_the_newest_first(running: Running) -> None:
    for what, result in (("inject", "done"), ("clear all", "failed")):
        reason = "n3: no answer for 5 s" if result == "failed" else ""
        audit.append(
            audit.Act(what, "lab", ("n2",), NOW_S, 1.25, cast("audit.Result", result), {"severity": "high"}, reason)
        )
    audit.append(audit.Act("inject", "shop", (), NOW_S, 1.0, "done"))
    async with running(calm()) as pilot:
        await pilot.press("u")
        picker, whole = pilot.app.screen.query_one(Picker), pilot.app.screen.query_one(Reader)
        await until(pilot, lambda: len(picker.lines) == 2 and "clear all" in text(picker.lines[:1]))
        assert "n3: no answer for 5 s" in text(whole.lines)
        await pilot.press("down")
        await until(pilot, lambda: "severity=high" in text(whole.lines) and "done after 1.2 s" in text(whole.lines))


async def test_clearing_shows_which_node_keeps_it_waiting_and_how_long_it_took(running: Running) -> None:
    async with running(troubled()) as pilot:
        panel = pilot.app.screen.query_one("#anomalies", Panel)
        core_of(pilot).silent = silent = asyncio.Event()
        await pilot.press("ctrl+x")
        await until(pilot, lambda: any("clearing everything: CPU stress on n2" in line for line in told(pilot)))
        await until(pilot, lambda: "n3 cannot be asked" in " ".join(text(panel.lines).split()))
        silent.set()
        await until(pilot, lambda: any("cleared 1 of 1 in" in line for line in told(pilot)))
        await until(pilot, lambda: "clearing" not in text(panel.lines))


async def test_a_running_workload_is_stopped_by_one_key(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("W")
        await until(pilot, lambda: core_of(pilot).verbs() == ["stop_workload"])


async def test_the_chart_follows_the_cursor_of_the_wall(running: Running) -> None:
    async with running(calm()) as pilot:
        chart = pilot.app.screen.query_one(DetailChart)
        await pilot.press("down", "right")
        await until(pilot, lambda: chart.node == "n2" and chart.metric is not None)
        assert chart.metric is not None
        assert chart.metric.name == "host.memory.used"
        await pilot.press("plus", "plus", "plus", "plus")
        assert chart.span == 3


async def test_a_metric_is_found_by_typing(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("m", *"iowait", "enter")
        chart = pilot.app.screen.query_one(DetailChart)
        await until(pilot, lambda: chart.metric is not None and chart.metric.name == "host.cpu.iowait")


async def test_root_cause_in_detail(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("tab", "enter")
        panel = pilot.app.screen.query_one(Panel)
        await until(pilot, lambda: "CPU stress on n2" in text(panel.lines))
        assert "cpu ↑ 6.1σ" in text(panel.lines)
        assert "trans commit count ↓ 3.8σ" in text(panel.lines)


async def test_quitting_with_something_injected_asks_and_can_clear(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("q")
        assert isinstance(pilot.app.screen, Question)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, MainScreen)
        await pilot.press("ctrl+q", "tab", "enter")
        await until(pilot, lambda: core_of(pilot).verbs() == ["clear_all"])
        await until(pilot, lambda: not pilot.app.is_running or pilot.app._exit)
    assert core_of(pilot).stopped


async def test_when_clearing_fails_the_console_stays(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).failure = UnreachableError("no answer for 12 s", where="n2")
        await pilot.press("q", "tab", "enter")
        await until(pilot, lambda: any("n2: no answer for 12 s" in line for line in told(pilot)))
        assert not pilot.app._exit


async def test_quitting_in_peace_asks_nothing(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: pilot.app._exit)
    assert core_of(pilot).stopped


async def test_relearning_is_asked_first(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("r", "enter")
        assert core_of(pilot).verbs() == []
        await pilot.press("r", "tab", "enter")
        await until(pilot, lambda: core_of(pilot).verbs() == ["relearn"])


async def test_the_palette_knows_every_act(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("ctrl+p", *"stop all load", "enter")
        await until(pilot, lambda: core_of(pilot).verbs() == ["stop_workload"], turns=600)


async def test_screenshot_is_saved_in_the_state_directory(running: Running) -> None:
    from distdiag_core import places

    async with running(calm()) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: list((places.state_dir() / "screenshots").glob("*.svg")))


async def test_a_new_tick_changes_what_is_seen(running: Running) -> None:
    async with running(calm()) as pilot:
        causes = pilot.app.screen.query_one(RootCauses)
        assert "▲" not in text(causes.lines)
        core_of(pilot).publish(troubled(tick=752))
        await until(pilot, lambda: text(causes.lines).startswith("▲ 1  n2"))
        wall = pilot.app.screen.query_one(NodeWall)
        assert "suspect" in text(wall.lines)


async def test_a_core_that_falls_silent_is_said(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        assert app.snapshot is not None
        late_s = app.snapshot.frame.time_s + 12
        app._clock = lambda: late_s
        app._second_passed()
        title = pilot.app.screen.query_one("#title", Panel)
        await until(pilot, lambda: "no news for 12 s" in text(title.lines))


async def test_text_from_outside_is_never_markup(running: Running) -> None:
    snapshot = calm(settings=cluster(name="[red]shop[/]"))
    note = "[bold]no[/bold] clean past\x1b[2J"
    assert snapshot.diagnosis is not None
    snapshot = replace(snapshot, diagnosis=replace(snapshot.diagnosis, root_causes=(), note=note))
    async with running(snapshot) as pilot:
        assert "[red]shop[/]" in text(pilot.app.screen.query_one("#title", Panel).lines)
        row = pilot.app.screen.query_one(RootCauses).render_line(1).text
        assert "[bold]no[/bold] clean past [2J" in row


async def test_a_core_that_cannot_begin_ends_the_console_with_its_error(running: Running) -> None:
    from distdiag_core.errors import ConfigError
    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.glyphs import SETS
    from tests.tui.feed import ScriptedCore

    class Stillborn(ScriptedCore):
        def start(self, listener: object) -> None:
            raise ConfigError("no node is called n9", where="lab.yaml")

    app = DistdiagApp(Stillborn(calm()), SETS["block"])
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.failure is not None)
    assert isinstance(app.failure, DistdiagError)
    assert app.return_code == 2


async def test_a_core_that_dies_is_said(running: Running) -> None:
    async with running(calm()) as pilot:
        core_of(pilot).finished.set_exception(OSError("no space left on device"))
        await until(pilot, lambda: any("the core has stopped: no space left" in line for line in told(pilot)))


async def test_a_mistake_of_ours_is_one_line_too(running: Running) -> None:
    async with running(troubled()) as pilot:
        core_of(pilot).failure = ZeroDivisionError("division by zero")
        await pilot.press("ctrl+x")
        await until(
            pilot, lambda: any("internal error in clear_all: ZeroDivisionError" in line for line in told(pilot))
        )
        assert isinstance(pilot.app.screen, MainScreen)
