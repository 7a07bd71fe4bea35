"""The sampler against sources that are slow, dead and odd, on a clock that jumps."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError, UnreachableError
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import Reading
from tests.metrics.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from distdiag_core.metrics.frame import Frame

_CATALOGUE = MetricCatalogue(
    (
        Metric("host.level", "level", "1", "gauge", "cpu", "host", "level"),
        Metric("host.work", "work", "1/s", "counter", "cpu", "host", "work"),
        Metric("sysstat.level", "level", "1", "gauge", "cpu", "sysstat", "level"),
    )
)
_EPOCH_S = 1_795_000_000.0


class Scripted:
    """A source whose n-th answer takes the n-th delay; work grows by 10 a second of the loop's clock."""

    def __init__(self, *delays_s: float, name: str = "host", error: Exception | None = None) -> None:
        self.name = name
        self.asked_s: list[float] = []
        self.tasks: set[asyncio.Task[None] | None] = set()
        self.under_way = 0
        self.most_under_way = 0
        self.closed = 0
        self._delays_s = delays_s
        self._error = error

    async def read(self) -> Reading:
        loop = asyncio.get_running_loop()
        self.tasks.add(asyncio.current_task())
        self.asked_s.append(loop.time())
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            asked = len(self.asked_s)
            await asyncio.sleep(self._delays_s[asked - 1] if asked <= len(self._delays_s) else 0.01)
            if self._error is not None:
                raise self._error
            return Reading(loop.time(), {"level": float(asked), "work": 10 * loop.time()})
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        self.tasks.add(asyncio.current_task())
        self.closed += 1


async def _collect(
    nodes: Mapping[str, Scripted], ticks: int, busy_s: Callable[[int], float] = lambda _: 0.0
) -> tuple[list[Frame], list[float]]:
    """The first frames, and when each came; the consumer works for `busy_s` after each."""
    loop = asyncio.get_running_loop()
    frames: list[Frame] = []
    came_s: list[float] = []
    start_s = loop.time()
    sampler = Sampler(
        _CATALOGUE,
        {node: (source,) for node, source in nodes.items()},
        now_s=lambda: _EPOCH_S + loop.time() - start_s,
    )
    async with sampler:
        async for frame in sampler:
            frames.append(frame)
            came_s.append(loop.time() - start_s)
            if len(frames) == ticks:
                break
            await asyncio.sleep(busy_s(len(frames)))
    return frames, came_s


def _times_s(frames: list[Frame]) -> list[float]:
    return [round(frame.time_s - _EPOCH_S, 3) for frame in frames]


def test_ticks_do_not_drift_whatever_the_consumer_does() -> None:
    frames, came_s = run(_collect({"n1": Scripted()}, 20, busy_s=lambda tick: 0.3 + 0.03 * (tick % 5)))
    assert _times_s(frames) == list(range(20))
    assert came_s == [pytest.approx(tick + 0.01, abs=1e-6) for tick in range(20)]


def test_the_first_frame_has_gauges_and_the_next_have_rates() -> None:
    frames, _ = run(_collect({"n1": Scripted()}, 3))
    assert frames[0].value("n1", "host.level") == 1
    assert math.isnan(frames[0].value("n1", "host.work"))
    assert [frame.value("n1", "host.work") for frame in frames[1:]] == [pytest.approx(10), pytest.approx(10)]
    assert all(math.isnan(frame.value("n1", "sysstat.level")) for frame in frames)


def test_a_slow_node_is_late_and_delays_nobody() -> None:
    slow = Scripted(0.01, 1.5)
    frames, came_s = run(_collect({"n1": Scripted(), "n2": slow}, 4))
    assert [sorted(frame.late) for frame in frames] == [[], ["n2"], [], []]
    assert came_s[1] == pytest.approx(1.8)
    assert math.isnan(frames[1].value("n2", "host.level"))
    assert [frame.value("n1", "host.level") for frame in frames] == [1, 2, 3, 4]
    assert slow.most_under_way == 1


def test_a_late_answer_counts_for_the_tick_in_which_it_comes() -> None:
    slow = Scripted(0.01, 1.5)
    frames, _ = run(_collect({"n2": slow}, 4))
    assert [frame.value("n2", "host.level") for frame in frames[2:]] == [2, 3]
    # It was made 2.49 s after the first one: its rate is still the right one.
    assert frames[2].value("n2", "host.work") == pytest.approx(10)


def test_an_answer_after_the_deadline_gives_way_to_a_newer_one() -> None:
    frames, _ = run(_collect({"n1": Scripted(0.01, 0.9)}, 3))
    assert frames[1].late == {"n1"}
    assert frames[2].value("n1", "host.level") == 3
    assert frames[2].value("n1", "host.work") == pytest.approx(10)


def test_a_node_that_always_answers_after_the_deadline_is_seen_one_tick_later() -> None:
    frames, _ = run(_collect({"n1": Scripted(*[0.9] * 8)}, 6))
    assert all(frame.late == {"n1"} for frame in frames)
    assert [frame.value("n1", "host.level") for frame in frames[1:]] == [1, 2, 3, 4, 5]
    assert [frame.value("n1", "host.work") for frame in frames[2:]] == [pytest.approx(10)] * 4


def test_a_gap_is_unknown_and_not_a_spike() -> None:
    frames, _ = run(_collect({"n1": Scripted(0.01, 3.5)}, 7))
    work = [frame.value("n1", "host.work") for frame in frames]
    assert [math.isnan(value) for value in work] == [True] * 5 + [False] * 2
    assert [sorted(frame.late) for frame in frames[1:4]] == [["n1"]] * 3


def test_a_source_that_hangs_is_given_up_and_asked_again() -> None:
    hangs = Scripted(0.01, math.inf)
    frames, _ = run(_collect({"n1": Scripted(), "n2": hangs}, 9))
    assert hangs.asked_s[:2] == [1000.0, 1001.0]
    assert 1006.0 <= hangs.asked_s[2] <= 1007.0
    assert hangs.most_under_way == 1
    assert frames[-1].value("n2", "host.work") == pytest.approx(10)
    assert not frames[-1].late


@pytest.mark.parametrize("error", [UnreachableError("no route", where="n2"), DataError("nonsense", where="n2")])
def test_a_node_that_fails_is_unknown_and_says_why(error: Exception) -> None:
    async def scenario() -> tuple[Frame, dict[tuple[str, str], str]]:
        sampler = Sampler(_CATALOGUE, {"n1": (Scripted(),), "n2": (Scripted(error=error),)})
        async with sampler:
            async for frame in sampler:
                return frame, sampler.failures()
        raise AssertionError("no frame")

    frame, troubles = run(scenario())
    assert frame.value("n1", "host.level") == 1
    assert math.isnan(frame.value("n2", "host.level"))
    assert frame.late == frozenset()
    assert troubles == {("n2", "host"): str(error)}


def test_ticks_are_skipped_after_a_sleep_and_never_made_up_for() -> None:
    frames, _ = run(_collect({"n1": Scripted()}, 5, busy_s=lambda tick: 3.4 if tick == 2 else 0.0))
    assert _times_s(frames) == [0, 1, 5, 6, 7]


def test_a_consumer_that_is_a_little_late_misses_nothing() -> None:
    frames, _ = run(_collect({"n1": Scripted()}, 4, busy_s=lambda tick: 1.1 if tick == 2 else 0.0))
    assert _times_s(frames) == [0, 1, 2, 3]


def test_times_go_on_where_the_machine_slept() -> None:
    async def scenario() -> list[float]:
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        sampler = Sampler(
            _CATALOGUE,
            {"n1": (Scripted(),)},
            now_s=lambda: loop.time() - start_s + (3600.0 if loop.time() - start_s > 1.5 else 0.0),
        )
        times_s: list[float] = []
        async with sampler:
            async for frame in sampler:
                times_s.append(round(frame.time_s, 3))
                if len(times_s) == 4:
                    break
        return times_s

    assert run(scenario()) == [0, 1, 3602, 3603]


@pytest.mark.parametrize("moved_s", [-3600.0, 3600.0])
def test_a_wall_clock_that_is_set_moves_no_tick(moved_s: float) -> None:
    async def scenario() -> list[tuple[float, float]]:
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        sampler = Sampler(
            _CATALOGUE,
            {"n1": (Scripted(),)},
            now_s=lambda: loop.time() - start_s,
            clock_offset_s=lambda: moved_s if loop.time() - start_s > 1.5 else 0.0,
        )
        times_s: list[tuple[float, float]] = []
        async with sampler:
            async for frame in sampler:
                times_s.append((round(frame.time_s, 3), round(frame.wall_s, 3)))
                if len(times_s) == 4:
                    break
        return times_s

    assert run(scenario()) == [(0, 0), (1, 1), (2, 2 + moved_s), (3, 3 + moved_s)]


def test_sources_are_read_and_closed_in_one_task_also_when_the_consumer_fails() -> None:
    source = Scripted(0.01, math.inf)

    async def scenario() -> None:
        sampler = Sampler(_CATALOGUE, {"n1": (source,)})
        async with sampler:
            async for frame in sampler:
                if frame.late:
                    raise LookupError("the consumer")

    with pytest.raises(ExceptionGroup) as caught:
        run(scenario())
    assert caught.group_contains(LookupError, match="the consumer")
    assert (source.closed, len(source.tasks), source.under_way) == (1, 1, 0)


def test_a_mistake_in_one_source_is_logged_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> tuple[list[Frame], dict[tuple[str, str], str]]:
        sampler = Sampler(_CATALOGUE, {"n1": (Scripted(),), "n2": (Scripted(error=KeyError("a mistake")),)})
        frames: list[Frame] = []
        async with sampler:
            async for frame in sampler:
                frames.append(frame)
                if len(frames) == 3:
                    break
            return frames, sampler.failures()

    frames, troubles = run(scenario())
    assert [frame.value("n1", "host.level") for frame in frames] == [1, 2, 3]
    assert troubles == {
        ("n2", "host"): "n2: host: a mistake of distdiag itself: KeyError: 'a mistake'; its log says more"
    }
    (record,) = caplog.records
    assert record.exc_info is not None


def test_a_frame_cannot_be_changed_and_a_cluster_without_sources_still_ticks() -> None:
    async def scenario() -> Frame:
        async with Sampler(_CATALOGUE, {"n1": ()}) as sampler:
            async for frame in sampler:
                return frame
        raise AssertionError("no frame")

    frame = run(scenario())
    assert frame.values.shape == (1, 3)
    with pytest.raises(ValueError, match="read-only"):
        frame.values[0, 0] = 1.0


def test_a_node_that_stays_silent_makes_no_tick_of_the_others_late() -> None:
    dead = Scripted(0.01, *[1000.0] * 8)
    frames, came_s = run(_collect({"n1": Scripted(), "n2": dead}, 13))
    late_s = [round(came - tick, 2) for tick, came in enumerate(came_s)]
    assert late_s[:4] == [0.01, 0.8, 0.8, 0.8]
    # Nor when it was given up, and asked again.
    assert late_s[4:] == [0.01] * 9
    assert len(dead.asked_s) == 4
    assert all("n2" in frame.late for frame in frames[1:])


def test_a_node_that_was_silent_is_seen_again_and_waited_for_again() -> None:
    back = Scripted(0.01, 4.3, 0.5)
    frames, came_s = run(_collect({"n1": Scripted(), "n2": back}, 9))
    assert [round(came - tick, 2) for tick, came in enumerate(came_s)][5:] == [0.01, 0.5, 0.01, 0.01]
    assert [frame.value("n2", "host.level") for frame in frames[6:]] == [3, 4, 5]


def test_sources_that_were_given_up_together_are_begun_again_apart() -> None:
    silent = {f"n{number}": Scripted(0.01, math.inf) for number in range(30)}
    frames, came_s = run(_collect({"alive": Scripted(), **silent}, 9))
    again_s = sorted(source.asked_s[2] for source in silent.values())
    assert again_s[0] >= 1006.0
    assert again_s[-1] < 1007.6
    assert max(sum(start <= each < start + 0.1 for each in again_s) for start in again_s) < 15
    # One alone waits for nobody, and the other node for none of them.
    assert [round(came - tick, 2) for tick, came in enumerate(came_s)][4:7] == [0.01] * 3
    assert not frames[8].late


def test_a_source_that_is_switched_off_is_closed_and_one_in_its_place_is_read_while_the_others_go_on() -> None:
    first, second = Scripted(), Scripted(name="sysstat")
    other = Scripted(name="other")
    level, work, of_database = _CATALOGUE.metrics

    async def collect() -> list[Frame]:
        frames: list[Frame] = []
        by_source = {"host": (level, work), "sysstat": (of_database,)}
        async with Sampler(_CATALOGUE, {"n1": (first, second)}, read_by=by_source) as sampler:
            async for frame in sampler:
                frames.append(frame)
                if len(frames) == 3:
                    sampler.read_from_now({"n1": (other,)}, {"other": (level,), "sysstat": (of_database,)})
                if len(frames) == 5:
                    sampler.read_from_now({}, {"sysstat": (of_database,)})
                if len(frames) == 7:
                    return frames
        return frames

    frames = run(collect())
    assert [frame.value("n1", "sysstat.level") for frame in frames] == [1, 2, 3, 4, 5, 6, 7]
    assert [frame.value("n1", "host.level") for frame in frames[:5]] == [1, 2, 3, 1, 2]
    assert all(math.isnan(frame.value("n1", "host.work")) for frame in frames[3:])
    assert all(math.isnan(frame.value("n1", "host.level")) for frame in frames[5:])
    assert all(not frame.late for frame in frames)
    assert (first.closed, other.closed, len(first.asked_s), len(other.asked_s)) == (1, 1, 3, 2)
