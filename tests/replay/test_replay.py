"""Moving through a recording, and what is seen on the way."""

from __future__ import annotations

import gc
import sqlite3
import weakref
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from distdiag_core.anomalies.injection import InjectionRequest, Plan
from distdiag_core.cluster.status import NodeState
from distdiag_core.errors import DataError, RefusedError
from distdiag_core.models import model_registry
from distdiag_core.recording.events import Event
from distdiag_core.replay.replay import Replay
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.replay.conftest import EVENTS, START_S, TICKS, Shown, at, record, showing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.recording.recorder import Recorder


async def test_it_stands_still_at_the_first_tick_with_all_that_was_known(recording: Path) -> None:
    async with showing(recording) as shown:
        first = await shown.tick(1)
    assert first.frame.time_s == START_S
    assert first.cluster.name == "shop"
    assert first.cluster.read_only
    assert [status.node for status in first.nodes] == ["n1", "n2"]
    assert first.replay is not None
    assert (first.replay.ticks, first.replay.end_s, first.replay.paused) == (TICKS, START_S + TICKS - 1, True)
    assert [event.text for event in first.events] == ["n1 is up"]
    assert first.collecting is None


async def test_an_ended_replay_lets_go_of_its_model_at_once(recording: Path) -> None:
    gc.collect()
    # Whoever looks back often would otherwise have several models in memory until the next whole collection.
    gc.disable()
    try:
        replay = Replay(recording, model=model_registry.load("lab"), paused=True)
        model = weakref.ref(cast("Model", replay._track._model))
        shown = Shown(replay)
        async with replay:
            await shown.tick(1)
            assert model() is not None
        assert model() is None
    finally:
        gc.enable()


async def test_it_plays_every_tick_to_the_end_and_stays_there(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        record(recorder, 0, 20)
    async with showing(recorder.path, paused=False) as shown:
        shown.replay.change_speed(1)
        assert shown.replay.change_speed(1) == 16
        assert shown.replay.change_speed(1) == 16
        last = await shown.tick(20)
        assert last.replay is not None
        assert last.replay.at_end
        played = list(dict.fromkeys(shown.ticks))
    assert played == list(range(1, 21))
    assert len(last.window) == 20


async def test_figures_that_nobody_asked_for_are_left_out_of_the_diagnosis(
    new_recorder: Callable[[], Recorder],
) -> None:
    with new_recorder() as recorder:
        record(recorder, 0, 20)
        data = {"unread": ["host.cpu.usage"]}
        recorder.event(Event(START_S + 10, "action", "the source host is no longer read", data=data))
    async with showing(recorder.path) as shown:
        assert (await shown.tick(1)).unread == frozenset()
        shown.replay.step(14)
        assert (await shown.tick(15)).unread == {"host.cpu.usage"}


async def test_steps_go_both_ways_and_stop_at_the_ends(recording: Path) -> None:
    async with showing(recording) as shown:
        await shown.tick(1)
        shown.replay.step(-1)
        await shown.tick(1)
        shown.replay.step(1)
        shown.replay.step(1)
        third = await shown.tick(3)
        shown.replay.step(-1)
        second = await shown.tick(2)
        shown.replay.step(10 * TICKS)
        last = await shown.tick(TICKS)
    assert [third.frame.time_s, second.frame.time_s] == [START_S + 2, START_S + 1]
    assert second.window.times_s.tolist() == [START_S, START_S + 1]
    assert last.frame.time_s == START_S + TICKS - 1


async def test_a_step_while_it_plays_makes_it_stand_still(recording: Path) -> None:
    async with showing(recording, paused=False) as shown:
        await shown.until(lambda seen: seen.tick)
        shown.replay.step(5)
        seen = await shown.until(lambda seen: seen.replay and seen.replay.paused and seen.replay.tick >= 6)
        shown.replay.toggle_pause()
        assert seen.replay is not None
        await shown.tick(seen.replay.tick + 1)


async def test_it_jumps_from_event_to_event_and_says_what_is_there(recording: Path) -> None:
    async with showing(recording) as shown:
        await shown.tick(1)
        texts: list[str] = []
        ticks = [1]
        while text := shown.replay.jump(1):
            texts.append(text)
            ticks.append(at(await shown.until(lambda seen: at(seen) > ticks[-1])))
        assert shown.replay.jump(-1) == texts[-2]
        await shown.tick(ticks[-2])
    # What was typed is no event of its own; the incident is one.
    assert len(texts) == len(EVENTS) - 2 + 1
    assert any(text.startswith("incident 1: CPU stress on n2") for text in texts)
    assert ticks == sorted(ticks)


async def test_nodes_injections_and_loads_are_as_the_events_say(recording: Path) -> None:
    async with showing(recording) as shown:
        before = await shown.tick(1)
        shown.replay.step(21)
        degraded = await shown.tick(22)
        shown.replay.step(13)
        hurt = await shown.tick(35)
        shown.replay.go_to_end(last=True)
        after = await shown.tick(TICKS)
    assert (before.injections, before.workloads, before.incident) == ((), (), None)
    assert [status.state for status in degraded.nodes] == [NodeState.UP, NodeState.DEGRADED]
    assert degraded.reasons("n2") == ("sql: no answer",)
    (injected,) = hurt.injections
    assert (injected.node, injected.anomaly, injected.detail) == ("n2", "cpu_stress", "by stress-ng")
    (load,) = hurt.workloads
    assert load.request.script == "oltp_read_write"
    assert {node: figures.tps for node, figures in load.figures.items()} == {"n1": 100.0, "n2": 50.0}
    assert hurt.incident is not None
    assert (hurt.incident.main_cause.node, hurt.incident.ended_s) == ("n2", None)
    assert (after.injections, after.events[0].text) == ((), "CPU stress on n2 has ended")


async def test_what_happened_before_the_tick_is_marked_wherever_the_replay_begins(recording: Path) -> None:
    async with showing(recording, start_s=START_S + 55) as shown:
        ended = await shown.tick(56)
        shown.replay.step(-20)
        early = await shown.tick(36)
    marks = {each.kind: (each.node, each.anomaly, each.end_s - START_S) for each in ended.marks}
    assert marks == {"injected": ("n2", "cpu_stress", 50.0), "diagnosed": ("n2", "cpu_stress", 44.0)}
    assert {each.kind: each.end_s - START_S for each in early.marks} == {"injected": 35.0, "diagnosed": 35.0}


async def test_a_tick_has_the_same_diagnosis_whenever_it_is_seen(recording: Path) -> None:
    async with showing(recording) as shown:
        await shown.tick(1)
        for _ in range(40):
            shown.replay.step(1)
        straight = await shown.tick(41)
        shown.replay.go_to_end(last=False)
        await shown.tick(1)
        shown.replay.step(40)
        again = await shown.tick(41)
    assert again.diagnosis == straight.diagnosis
    np.testing.assert_array_equal(again.window.values, straight.window.values)


async def test_whatever_would_change_something_is_refused_in_words(recording: Path) -> None:
    request, load = InjectionRequest("cpu_stress", ("n1",), "low", 10.0), WorkloadRequest(nodes=("n1",))
    async with showing(recording) as shown:
        await shown.tick(1)
        replay = shown.replay
        refused: list[Any] = [
            replay.injections.plan(request),
            replay.injections.inject(Plan(request, ())),
            replay.injections.clear(("7f3a",)),
            replay.injections.clear_all(),
            replay.workloads.prepare(load),
            replay.workloads.start(load),
            replay.workloads.stop(),
            replay.workloads.cleanup(load),
            replay.workloads.history(),
        ]
        for operation in refused:
            with pytest.raises(RefusedError, match="replay of a recording"):
                await operation
        for switch in (replay.dataset.collect_normal, replay.dataset.collect_anomalies):
            with pytest.raises(RefusedError, match="nothing can be collected"):
                switch(on=True)
        assert await replay.injections.active() == ()


async def test_a_recording_that_is_being_written_is_followed(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        record(recorder, 0, 3)
        recorder.flush()
        async with showing(recorder.path) as shown:
            await shown.tick(1)
            shown.replay.go_to_end(last=True)
            await shown.tick(3)
            shown.replay.toggle_pause()
            recorder.event(Event(START_S + 4, "error", "it grew"))
            record(recorder, 3, 5)
            recorder.flush()
            grown = await shown.tick(5)
    assert [event.text for event in grown.events][:1] == ["it grew"]


async def test_a_damaged_tick_is_said_and_the_last_good_one_stays(recording: Path) -> None:
    with closing(sqlite3.connect(recording)) as connection, connection:
        connection.execute("UPDATE frame SET figures = x'00' WHERE rowid = 10")
    async with showing(recording) as shown:
        await shown.tick(1)
        shown.replay.step(5)
        await shown.tick(6)
        shown.replay.step(10)
        stopped = await shown.until(lambda seen: seen.events[0].level == "error")
        assert stopped.replay is not None
        assert (stopped.replay.tick, stopped.replay.paused) == (6, True)
        assert "it is damaged" in stopped.events[0].text
        shown.replay.step(-1)
        await shown.tick(5)


def test_an_empty_recording_is_refused(new_recorder: Callable[[], Recorder]) -> None:
    with new_recorder() as recorder:
        recorder.event(EVENTS[0])
    with pytest.raises(DataError, match="holds no tick yet"):
        Replay(recorder.path)


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        (
            "UPDATE event SET data = '{\"injection\": {\"id\": 3}}' WHERE kind = 'injection'",
            "event that cannot be read",
        ),
        ("UPDATE event SET data = 'no JSON'", "it is not JSON"),
        ("UPDATE meta SET json = replace(json, '\"shop\"', '\"sh/op\"')", "cluster that cannot be"),
        ("DROP TABLE frame", "cannot be read"),
    ],
)
def test_a_damaged_recording_is_refused(recording: Path, statement: str, match: str) -> None:
    with closing(sqlite3.connect(recording)) as connection, connection:
        connection.execute(statement)
    with pytest.raises(DataError, match=match):
        Replay(recording)


async def test_it_begins_at_a_moment_and_follows_what_is_written_meanwhile(
    new_recorder: Callable[[], Recorder],
) -> None:
    with new_recorder() as recorder:
        record(recorder, 0, 40)
        recorder.flush()
        async with showing(recorder.path, start_s=START_S + 28.4) as shown:
            first = await shown.tick(29)
            assert first.frame.time_s == START_S + 28
            record(recorder, 40, TICKS)
            recorder.flush()
            shown.replay.go_to_end(last=True)
            last = await shown.tick(TICKS)
            assert last.replay is not None
            assert (last.replay.at_end, last.replay.end_s) == (True, START_S + TICKS - 1)
            shown.replay.go_to_time(START_S + 33)
            assert (await shown.tick(34)).replay is not None
            shown.replay.go_to_time(0.0)
            await shown.tick(1)
