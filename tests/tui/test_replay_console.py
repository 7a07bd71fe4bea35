"""The console on a replay: its mark, its keys, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.recording import recorder_lock, recordings
from distdiag_core.recording.events import Event
from distdiag_core.replay.replay import Replay
from distdiag_core.runtime.replay_status import ReplayStatus
from distdiag_core.runtime.thread import CoreThread
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.metric_history import MetricHistoryScreen
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import NOW_S, calm, cluster, troubled
from tests.tui.conftest import until
from tests.tui.test_snapshots import after
from tests.tui.walking import app_of, core_of, notifications, only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from distdiag_core.runtime.snapshot import Snapshot
    from tests.tui.conftest import Console, Running


def _replayed(*, paused: bool = True, tick: int = 271) -> Snapshot:
    snapshot = troubled(settings=cluster(read_only=True))
    return replace(
        snapshot,
        replay=ReplayStatus(tick, 300, NOW_S - 270, NOW_S + 29, 4, paused),
        collecting=None,
    )


@pytest.fixture
def example() -> Iterator[Path]:
    """The recording that ships, unpacked."""
    with recordings.opened(recordings.find("example")) as path:
        yield path


@pytest.fixture
def recorded(example: Path) -> Snapshot:
    """A snapshot of a cluster whose run is recorded; what is recorded is the example."""
    snapshot = troubled()
    assert snapshot.recording is not None
    return replace(snapshot, recording=replace(snapshot.recording, path=str(example)))


def keys(pilot: Pilot[None]) -> str:
    """The keys that the screen names on its first line of them."""
    return "".join(part for part, _ in pilot.app.screen.query_one(KeyBar)._lines[0])


async def told(pilot: Pilot[None], what: str, times: int = 1) -> None:
    """Wait until the operator was told this, so many times."""
    await until(pilot, lambda: sum(what in each for each in notifications(pilot)) >= times)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
def test_main_screen_of_a_replay(snap_compare: Callable[..., bool], console: Console, size: tuple[int, int]) -> None:
    assert snap_compare(console(_replayed()), terminal_size=size, run_before=after())


async def test_its_time_is_that_of_the_tick(console: Console) -> None:
    app = DistdiagApp(only(console(_replayed()).current.core), SETS["ascii"], clock=lambda: NOW_S + 86_400)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.current.view is not None)
        assert app.current.view is not None
        assert (app.now_s, app.current.view.silent_s) == (NOW_S, 0.0)


async def test_what_needs_a_cluster_is_refused_in_words(running: Running) -> None:
    async with running(_replayed()) as pilot:
        app = app_of(pilot)
        for key in ("i", "ctrl+x", "w", "W", "R", "n", "o"):
            await pilot.press(key)
        await told(pilot, "this is a replay", times=7)
        # Among the events they would cover those of the recording.
        assert app.current.notices.own_events == []
        assert core_of(pilot).log.names() == []
        # What was injected then is not asked about now.
        await pilot.press("q")
        await until(pilot, lambda: app._exit)


async def test_the_keys_of_a_page_are_those_that_a_replay_can_do(running: Running) -> None:
    async with running(_replayed()) as pilot:
        await pilot.press("N")
        assert "Next" in keys(pilot)
        assert "Top SQL" not in keys(pilot)


async def test_the_keys_of_a_replay_are_refused_on_a_cluster(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("full_stop")
        await told(pilot, "this is no replay")
        assert "Step" not in keys(pilot)


async def test_the_example_is_walked_through_by_keys(example: Path) -> None:
    app = DistdiagApp(only(CoreThread(lambda: Replay(example, paused=True))), SETS["ascii"])
    async with app.run_test(size=(120, 36)) as pilot:

        def tick() -> int:
            return app.snapshot.replay.tick if app.snapshot and app.snapshot.replay else 0

        await until(pilot, lambda: tick() == 1)
        await pilot.press("full_stop", "full_stop")
        await until(pilot, lambda: tick() == 3)
        await pilot.press("comma")
        await until(pilot, lambda: tick() == 2)
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: app.snapshot and app.snapshot.injections)
        assert app.snapshot is not None
        assert [each.anomaly for each in app.snapshot.injections] == ["cpu_stress"]
        await pilot.press("less_than_sign")
        await until(pilot, lambda: tick() == 1)
        await pilot.press("right_square_bracket", "space")
        await until(pilot, lambda: tick() > 3)
        await pilot.press("ctrl+end")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay and app.snapshot.replay.at_end)
        await pilot.press("T", "plus", "plus")
        await until(pilot, lambda: isinstance(app.screen, MetricHistoryScreen))
        screen = app.screen
        assert isinstance(screen, MetricHistoryScreen)
        # Of a day, the two minutes that are recorded.
        await until(pilot, lambda: "100% recorded" in screen.query_one(TextPane).text)
        assert screen.place.endswith("since its start")
        await until(pilot, lambda: "injected" in screen.query_one(TextPane).text)
        # The zoomed chart of ten minutes goes on there, and back.
        await pilot.press("escape", "z", "plus", "plus")
        await until(pilot, lambda: isinstance(app.screen, MetricHistoryScreen))
        await pilot.press("minus")
        await until(pilot, lambda: not isinstance(app.screen, MetricHistoryScreen))
    assert app.failure is None


async def test_hours_and_days_go_on_with_the_cluster(running: Running, recorded: Snapshot) -> None:
    async with running(recorded) as pilot:
        app, core = app_of(pilot), core_of(pilot)

        def read_until_s() -> float:
            screen = app.screen
            shown = screen._history if isinstance(screen, MetricHistoryScreen) else None
            return shown.extremes.end_s if shown is not None and shown.done >= 1 else 0.0

        await pilot.press("T")
        await until(pilot, read_until_s)
        before_s, newest = read_until_s(), core.runtime.newest
        # Longer than a column of the chart.
        later = replace(newest.frame, time_s=newest.frame.time_s + 120.0)
        core.publish(replace(newest, tick=newest.tick + 1, frame=later))
        await until(pilot, lambda: read_until_s() == before_s + 120.0 or app.failure)
    assert app.failure is None


async def test_while_live_it_goes_back_in_time_and_returns(running: Running, recorded: Snapshot) -> None:
    async with running(recorded) as pilot:
        app, core = app_of(pilot), core_of(pilot)
        await pilot.press("b")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay)
        assert app.snapshot is not None
        assert app.snapshot.cluster.name == "example"
        assert "Live" in keys(pilot)
        # The cluster goes on meanwhile, and is not shown; what happens there is told.
        news = Event(NOW_S + 1, "diagnosis", "CPU stress on n3 is the likeliest root cause", "warning")
        newest = core.runtime.newest
        core.publish(replace(newest, tick=752, events=(news, *newest.events)))
        await until(pilot, lambda: any("Now, live: CPU stress on n3" in each.message for each in app._notifications))
        replay = app.snapshot.replay
        assert replay is not None
        await pilot.press("full_stop")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay and app.snapshot.replay != replay)
        await pilot.press("b")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay is None)
        assert app.snapshot.tick == 752
        # What ends the injections ends them from the past too; and `q` leads to the present, not out.
        await pilot.press("b")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay)
        await pilot.press("ctrl+x")
        await until(pilot, lambda: "injections.clear_all" in core.log.names())
        assert app.snapshot.replay is None
        await pilot.press("b")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay)
        await pilot.press("q")
        await until(pilot, lambda: app.snapshot and app.snapshot.replay is None)
        assert not app._exit


async def test_without_a_recording_there_is_no_past(running: Running) -> None:
    async with running(replace(calm(), recording=None)) as pilot:
        await pilot.press("b")
        await told(pilot, "nothing is recorded")


async def test_without_a_recording_there_are_no_hours_and_days(running: Running) -> None:
    async with running(replace(calm(), recording=None)) as pilot:
        await pilot.press("T")
        await until(pilot, lambda: "nothing is recorded" in pilot.app.screen.query_one(TextPane).text)


async def test_a_past_that_cannot_be_read_is_said(running: Running) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        await pilot.press("b")
        await told(pilot, "there is no such recording")
        assert app.snapshot is not None
        assert app.snapshot.replay is None


async def test_what_the_service_records_is_shown_in_the_past(running: Running, example: Path) -> None:
    async with running(calm()) as pilot:
        app = app_of(pilot)
        await pilot.press("B")
        await told(pilot, "does not record this cluster")
        with recorder_lock.locked("lab", example):
            await pilot.press("B")
            await until(pilot, lambda: app.snapshot and app.snapshot.replay)
            await pilot.press("b")
            await until(pilot, lambda: app.snapshot and app.snapshot.replay is None)
