"""Every injection becomes a case: before, anomaly, after; labelled by what was really there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState, Plan, Step
from distdiag_core.collecting.normal_run import stamp
from distdiag_core.errors import RefusedError, UnreachableError

if TYPE_CHECKING:
    from tests.collecting.conftest import Console


async def held(console: Console, name: str, anomaly: str = "cpu_stress", node: str = "n2") -> asyncio.Task[None]:
    """An injection that has been asked for and had its turn."""
    task = asyncio.create_task(console.inject(name, anomaly, node))
    await console.turn()
    return task


async def test_a_case_has_three_parts_and_is_held_back_for_the_first(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(3)
    injecting = await held(console, "i1")
    (waiting,) = console.tick().open
    assert (waiting.part, waiting.injections, waiting.needed_s) == ("before", ("cpu_stress on n2",), 10)
    assert waiting.done_s == 3
    assert not console.listed

    console.tick(7)
    asked_s = console.now_s
    await injecting
    (during,) = console.tick(10).open
    assert (during.part, during.injections) == ("anomaly", ("cpu_stress on n2",))
    until_s = console.now_s
    console.clear("i1")
    (after,) = console.tick().open
    gone_s = console.now_s
    assert (after.part, after.done_s, after.needed_s) == ("after", 0, 14)
    assert console.tick(14).open == ()

    (case,) = await console.written()
    (label,) = case.labels
    assert (label.anomaly, label.node, label.severity) == ("cpu_stress", "n2", "high")
    assert (label.start_s, label.end_s) == (asked_s + 3, until_s)
    assert case.normal == ((asked_s - 10, asked_s), (gone_s + 3, gone_s + 8))
    assert (case.window.times_s[0], case.window.times_s[-1]) == (asked_s - 10, gone_s + 8)
    assert case.group == "cpu_stress-n2-high"
    assert case.workload == "sysbench oltp_read_write, 4 threads a node"
    assert case.excluded is None


async def test_what_is_injected_meanwhile_makes_it_a_compound_case(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.tick(5)
    await console.inject("i2", "io_stress", "n1")
    (both,) = console.tick(5).open
    assert both.injections == ("cpu_stress on n2", "io_stress on n1")
    console.clear("i1")
    console.tick(3)
    console.clear("i2")
    console.tick(15)

    (case,) = await console.written()
    assert [(label.anomaly, label.node) for label in case.labels] == [("cpu_stress", "n2"), ("io_stress", "n1")]
    assert case.group == "cpu_stress-n2-high+io_stress-n1-high"
    assert case.excluded is None


async def test_the_deadline_ends_an_anomaly_as_well(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    deadline_s = console.now_s + 60
    await injecting
    # The nodes are asked now and then, so it is listed for some seconds longer than it is there.
    console.tick(62)
    del console.listed["i1"]
    console.tick(15)

    (case,) = await console.written()
    assert case.labels[0].end_s == deadline_s
    assert case.excluded is None


@pytest.mark.parametrize("trouble", ["node", "load", "abort", "vanished"])
async def test_the_reason_of_an_exclusion_is_kept_with_the_case(console: Console, trouble: str) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.tick(10)
    listed_until_s = console.now_s
    match trouble:
        case "node":
            console.down.add("n3")
            console.tick()
            console.down.clear()
        case "load":
            console.threads = 8
        case "abort":
            console.journal.note("injection", "the abort rule ends i1", abort={"ids": ["i1"]})
            console.tick()
    if trouble == "vanished":
        del console.listed["i1"]
    else:
        console.clear("i1")
    console.tick(15)

    (case,) = await console.written(excluded=True)
    words = {
        "node": "n3 was lost: ssh: connection refused; sql: connection refused",
        "load": "the load changed",
        "abort": "the abort rule ends i1",
        "vanished": "cpu_stress on n2 was ended by somebody else, or by itself",
    }
    assert case.excluded == words[trouble]
    assert await console.written() == ()
    assert console.keeper.statistics is not None
    assert (console.keeper.statistics.cases, console.keeper.statistics.excluded) == (0, 1)
    if trouble == "vanished":
        assert case.labels[0].end_s < listed_until_s


async def test_somebody_elses_injection_becomes_a_case_too(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(14)
    console.begin("theirs")
    began_s = console.now_s
    # They show up late.
    late = console.listed.pop("theirs")
    console.tick(3)
    console.listed["theirs"] = late
    console.tick(10)
    console.clear("theirs")
    console.tick(15)

    (case,) = await console.written()
    assert case.normal[0] == (began_s - 10, began_s)
    assert case.labels[0].start_s == began_s + 4


async def test_an_injection_that_fails_leaves_no_case(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    injecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await injecting
    assert console.tick(5).open == ()


async def test_off_lets_go_of_what_is_held_back(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(3)
    injecting = await held(console, "i1")
    console.collector.collect_anomalies(on=False)
    await injecting
    assert console.tick(3).open == ()
    assert "i1" in console.listed


async def test_clearing_everything_calls_off_what_is_held_back(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(3)
    injecting = await held(console, "i1")
    console.collector.clearing_all()
    with pytest.raises(RefusedError, match="called off: everything was cleared"):
        await injecting
    assert console.tick(20).open == ()
    assert not console.listed


async def test_the_next_case_waits_for_the_end_of_this_one(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    first = await held(console, "i1")
    console.tick()
    await first
    console.tick(5)
    console.clear("i1")
    console.tick(2)
    second = await held(console, "i2", "io_stress", "n1")
    assert [each.part for each in console.tick().open] == ["after", "before"]
    console.tick(16)
    await second
    console.tick(5)
    console.clear("i2")
    console.tick(15)

    one, other = await console.written()
    assert other.normal[0][0] >= one.labels[0].end_s + 3
    assert (len(one.labels), len(other.labels)) == (1, 1)


async def test_a_case_that_is_open_at_the_end_is_marked(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.tick(5)
    console.collector.close()

    (case,) = await console.written(excluded=True)
    assert case.excluded == "the console was closed before it was over"


async def test_an_anomaly_longer_than_any_case_becomes_one_case_and_not_one_a_tick(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = asyncio.create_task(console.inject("i1", for_s=700))
    await console.turn()
    console.tick()
    await injecting
    console.tick(640)
    console.clear("i1")
    console.tick(30)
    (case,) = await console.written()
    assert len(case.window) == 541
    assert case.labels[0].end_s == case.window.times_s[-1]


async def test_the_same_anomaly_twice_on_a_node_is_one_label(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.tick(5)
    await console.inject("i2")
    console.tick(5)
    console.clear("i1")
    console.tick(5)
    until_s = console.now_s
    console.clear("i2")
    console.tick(15)
    (case,) = await console.written()
    (label,) = case.labels
    assert label.end_s == until_s
    assert case.excluded is None


async def test_an_injection_that_fails_beside_another_anomaly_excludes_the_case(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    plan = Plan(InjectionRequest("io_stress", ("n1",), "high", 60), (Step("n1", "ssh", (), (), "i2"),))

    async def fail() -> None:
        async with console.collector.injecting(plan):
            console.tick(2)
            raise UnreachableError("the link was lost", where="n1")

    with pytest.raises(UnreachableError):
        await fail()
    console.clear("i1")
    console.tick(15)
    (case,) = await console.written(excluded=True)
    assert case.excluded == "io_stress on n1 was tried meanwhile, and failed"


async def test_what_was_begun_unseen_is_not_in_what_is_called_normal(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    console.begin("theirs", "io_stress", "n1")
    began_s = console.now_s
    theirs = console.listed.pop("theirs")
    console.tick(3)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.listed["theirs"] = theirs
    console.tick(10)
    console.clear("i1")
    console.clear("theirs")
    console.tick(2)
    # Somebody begins another one right before the end of the stretch after it, which is known late again.
    console.tick(5)
    console.begin("late", "io_stress", "n1")
    late_s = console.now_s
    late = console.listed.pop("late")
    console.tick(4)
    console.listed["late"] = late
    console.tick(10)
    console.clear("late")
    console.tick(15)

    (case,) = await console.written()
    assert {label.anomaly for label in case.labels} == {"cpu_stress", "io_stress"}
    assert case.normal[0][1] == began_s
    assert all(end_s <= began_s or start_s > late_s + 10 for start_s, end_s in case.normal)


async def test_what_settles_before_somebody_elses_injection_is_not_called_normal(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(14)
    console.threads = 8
    console.tick(4)
    console.begin("theirs")
    console.tick(10)
    console.clear("theirs")
    console.tick(15)
    (case,) = await console.written(excluded=True)
    assert case.excluded == "there are only 0 s before it"


async def test_what_is_first_seen_while_it_ends_has_no_label(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(14)
    console.begin("theirs")
    console.listed["theirs"] = replace(console.listed["theirs"], state=InjectionState.CLEARING)
    console.tick(3)
    del console.listed["theirs"]
    console.tick(15)
    (case,) = await console.written(excluded=True)
    assert case.labels == ()
    assert case.excluded is not None


async def test_a_node_that_comes_back_late_is_not_called_normal(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.tick(10)
    console.clear("i1")
    console.degraded.add("n2")
    console.tick(3)
    back_s = console.now_s
    console.degraded.clear()
    console.tick(15)
    (case,) = await console.written()
    assert case.normal[-1][0] == back_s + 3


async def test_a_clock_that_is_set_back_ends_what_is_open(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    console.tick()
    await injecting
    console.tick(10)
    console.start_s -= 30
    console.tick(10)
    console.clear("i1")
    console.tick(20)
    second = await held(console, "i2")
    console.tick()
    await second
    console.tick(10)
    console.clear("i2")
    console.tick(15)
    (case,) = await console.written()
    assert case.excluded is None
    assert (case.window.times_s[1:] > case.window.times_s[:-1]).all()
    assert any("the clock was set back" in event.text for event in console.journal.newest_first())


async def test_two_consoles_may_call_a_case_the_same(console: Console) -> None:
    console.collector.collect_anomalies(on=True)
    console.tick(12)
    injecting = await held(console, "i1")
    (console.directory / f"cpu_stress-n2-high-{stamp(console.now_s + 1)}").mkdir(parents=True)
    console.tick()
    await injecting
    console.clear("i1")
    console.tick(15)
    await console.keeper_catches_up()
    assert console.keeper.finished == 1
    assert console.keeper.problem == ""
