"""Every injection becomes a case: before, anomaly, after; labelled by what was really there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState, Plan, Step
from distdiag_core.dataset.building.case_timeline import name_stamp
from distdiag_core.errors import ConfigError, RefusedError, UnreachableError
from tests.collecting.conftest import clear, held, inject, injected, unseen
from tests.small_cluster import SmallCluster

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_case_has_three_parts_and_is_held_back_for_the_first(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(3)
    injecting = await held(core)
    (waiting,) = core.tick().open
    assert (waiting.part, waiting.injections, waiting.needed_s) == ("before", ("cpu_stress on n2",), 10)
    assert waiting.done_s == 3
    assert not core.injected

    core.tick(7)
    asked_s = core.now_s
    await injecting
    (during,) = core.tick(10).open
    assert (during.part, during.injections) == ("anomaly", ("cpu_stress on n2",))
    until_s = core.now_s
    clear(core, "i1")
    (after,) = core.tick().open
    gone_s = core.now_s
    assert (after.part, after.done_s, after.needed_s) == ("after", 0, 14)
    assert core.tick(14).open == ()

    (case,) = await core.written()
    (label,) = case.labels
    assert (label.anomaly, label.node, label.severity) == ("cpu_stress", "n2", "high")
    assert (label.start_s, label.end_s) == (asked_s + 3, until_s)
    assert case.normal == ((asked_s - 10, asked_s), (gone_s + 3, gone_s + 8))
    assert (case.window.times_s[0], case.window.times_s[-1]) == (asked_s - 10, gone_s + 8)
    assert case.group == "cpu_stress-n2-high"
    assert case.workload == "sysbench oltp_read_write, 4 threads a node"
    assert case.excluded is None


async def test_an_injection_during_an_anomaly_makes_a_compound_case(core: SmallCluster) -> None:
    await injected(core)
    core.tick(5)
    await inject(core, "io_stress", "n1")
    (both,) = core.tick(5).open
    assert both.injections == ("cpu_stress on n2", "io_stress on n1")
    clear(core, "i1")
    core.tick(3)
    clear(core, "i2")
    core.tick(15)

    (case,) = await core.written()
    assert [(label.anomaly, label.node) for label in case.labels] == [("cpu_stress", "n2"), ("io_stress", "n1")]
    assert case.group == "cpu_stress-n2-high+io_stress-n1-high"
    assert case.excluded is None


async def test_the_deadline_ends_an_anomaly_as_well(core: SmallCluster) -> None:
    await injected(core)
    deadline_s = core.injected["i1"].deadline_s
    # The nodes are asked now and then, so it is listed for some seconds longer than it is there.
    core.tick(62)
    del core.injected["i1"]
    core.tick(15)

    (case,) = await core.written()
    assert case.labels[0].end_s == deadline_s
    assert case.excluded is None


@pytest.mark.parametrize("incident", ["node", "load", "abort", "vanished"])
async def test_the_reason_of_an_exclusion_is_kept_with_the_case(core: SmallCluster, incident: str) -> None:
    await injected(core)
    core.tick(10)
    listed_until_s = core.now_s
    match incident:
        case "node":
            core.down.add("n3")
            core.tick()
            core.down.clear()
        case "load":
            core.load(threads=8)
        case "abort":
            core.journal.note("injection", "the abort rule ends i1", abort={"ids": ["i1"]})
            core.tick()
    if incident == "vanished":
        del core.injected["i1"]
    else:
        clear(core, "i1")
    core.tick(15)

    (case,) = await core.written(excluded=True)
    words = {
        "node": "n3 was lost: ssh: connection refused; sql: connection refused",
        "load": "the load changed",
        "abort": "the abort rule ends i1",
        "vanished": "cpu_stress on n2 was ended by somebody else, or by itself",
    }
    assert case.excluded == words[incident]
    assert await core.written() == ()
    assert core.writer.statistics is not None
    assert (core.writer.statistics.cases, core.writer.statistics.excluded) == (0, 1)
    if incident == "vanished":
        assert case.labels[0].end_s < listed_until_s


async def test_somebody_elses_injection_becomes_a_case_too(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(14)
    core.begin("theirs")
    began_s = core.now_s
    with unseen(core, "theirs"):
        core.tick(3)
    core.tick(10)
    clear(core, "theirs")
    core.tick(15)

    (case,) = await core.written()
    assert case.normal[0] == (began_s - 10, began_s)
    assert case.labels[0].start_s == began_s + 4


async def test_an_injection_that_fails_leaves_no_case(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(12)
    injecting = await held(core)
    injecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await injecting
    assert core.tick(5).open == ()


async def test_off_lets_go_of_what_is_held_back(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(3)
    injecting = await held(core)
    core.dataset.collect_anomalies(on=False)
    await injecting
    assert core.tick(3).open == ()
    assert "i1" in core.injected


async def test_clearing_everything_calls_off_what_is_held_back(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(3)
    injecting = await held(core)
    core.dataset.clearing_all()
    with pytest.raises(RefusedError, match="called off: everything was cleared"):
        await injecting
    assert core.tick(20).open == ()
    assert not core.injected


async def test_the_next_case_waits_for_the_end_of_this_one(core: SmallCluster) -> None:
    await injected(core)
    core.tick(5)
    clear(core, "i1")
    core.tick(2)
    second = await held(core, "io_stress", "n1")
    assert [each.part for each in core.tick().open] == ["after", "before"]
    core.tick(16)
    await second
    core.tick(5)
    clear(core, "i2")
    core.tick(15)

    one, other = await core.written()
    assert other.normal[0][0] >= one.labels[0].end_s + 3
    assert (len(one.labels), len(other.labels)) == (1, 1)


async def test_a_case_that_is_open_at_the_end_is_marked(core: SmallCluster) -> None:
    await injected(core)
    core.tick(5)
    core.dataset.close()

    (case,) = await core.written(excluded=True)
    assert case.excluded == "the console was closed before it was over"


async def test_a_case_may_be_hours_long(core: SmallCluster) -> None:
    await injected(core, for_s=10_000)
    began_s = core.injected["i1"].started_s
    core.tick(3_700)
    until_s = core.now_s
    clear(core, "i1")
    core.tick(20)
    (case,) = await core.written()
    (label,) = case.labels
    assert (label.start_s, label.end_s) == (began_s + 3, until_s)
    assert len(case.window) == case.window.times_s[-1] - case.window.times_s[0] + 1 > 3_700
    # The frames are those of the recording, in their order.
    assert (np.diff(case.window.series("n1", "host.tick")) == 1).all()
    assert case.excluded is None


async def test_an_injection_that_cannot_be_undone_ends_the_case(core: SmallCluster) -> None:
    await injected(core)
    core.tick(5)
    core.injected["i1"] = replace(core.injected["i1"], state=InjectionState.ORPHANED)
    assert core.tick().open == ()
    # It stays on the node, and begins no further case.
    assert core.tick(30).open == ()
    (case,) = await core.written(excluded=True)
    assert case.excluded == "cpu_stress on n2 could not be undone"


async def test_without_a_recording_nothing_is_collected(tmp_path: Path) -> None:
    core = SmallCluster(tmp_path, recorded=False)
    core.tick()
    for switch in (core.dataset.collect_anomalies, core.dataset.collect_normal):
        with pytest.raises(ConfigError, match="cases are made from the recording, and nothing is recorded"):
            switch(on=True)
    status = core.tick()
    assert (status.anomalies, status.normal.running) == (False, False)


async def test_the_same_anomaly_twice_on_a_node_is_one_label(core: SmallCluster) -> None:
    await injected(core)
    core.tick(5)
    await inject(core)
    core.tick(5)
    clear(core, "i1")
    core.tick(5)
    until_s = core.now_s
    clear(core, "i2")
    core.tick(15)
    (case,) = await core.written()
    (label,) = case.labels
    assert label.end_s == until_s
    assert case.excluded is None


async def test_an_injection_that_fails_beside_another_anomaly_excludes_the_case(core: SmallCluster) -> None:
    await injected(core)
    plan = Plan(InjectionRequest("io_stress", ("n1",), "high", 60), (Step("n1", "ssh", (), (), "i2"),))

    async def fail() -> None:
        async with core.dataset.injecting(plan):
            core.tick(2)
            raise UnreachableError("the link was lost", where="n1")

    with pytest.raises(UnreachableError):
        await fail()
    clear(core, "i1")
    core.tick(15)
    (case,) = await core.written(excluded=True)
    assert case.excluded == "io_stress on n1 was tried meanwhile, and failed"


async def test_what_was_begun_unseen_is_not_in_what_is_called_normal(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(12)
    core.begin("theirs", "io_stress", "n1")
    began_s = core.now_s
    with unseen(core, "theirs"):
        core.tick(3)
        injecting = await held(core)
        core.tick()
        await injecting
    core.tick(10)
    clear(core, "i1")
    clear(core, "theirs")
    core.tick(2)
    # Somebody begins another one right before the end of the stretch after it, which is known late again.
    core.tick(5)
    core.begin("late", "io_stress", "n1")
    late_s = core.now_s
    with unseen(core, "late"):
        core.tick(4)
    core.tick(10)
    clear(core, "late")
    core.tick(15)

    (case,) = await core.written()
    assert {label.anomaly for label in case.labels} == {"cpu_stress", "io_stress"}
    assert case.normal[0][1] == began_s
    assert all(end_s <= began_s or start_s > late_s + 10 for start_s, end_s in case.normal)


async def test_what_settles_before_somebody_elses_injection_is_not_called_normal(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(14)
    core.load(threads=8)
    core.tick(4)
    core.begin("theirs")
    core.tick(10)
    clear(core, "theirs")
    core.tick(15)
    (case,) = await core.written(excluded=True)
    assert case.excluded == "there are only 0 s before it"


async def test_what_is_first_seen_while_it_ends_has_no_label(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(14)
    core.begin("theirs")
    core.injected["theirs"] = replace(core.injected["theirs"], state=InjectionState.CLEARING)
    core.tick(3)
    del core.injected["theirs"]
    core.tick(15)
    (case,) = await core.written(excluded=True)
    assert case.labels == ()
    assert case.excluded is not None


async def test_a_node_that_comes_back_late_is_not_called_normal(core: SmallCluster) -> None:
    await injected(core)
    core.tick(10)
    clear(core, "i1")
    core.degraded.add("n2")
    core.tick(3)
    back_s = core.now_s
    core.degraded.clear()
    core.tick(15)
    (case,) = await core.written()
    assert case.normal[-1][0] == back_s + 3


async def test_a_clock_that_is_set_back_ends_what_is_open(core: SmallCluster) -> None:
    await injected(core)
    core.tick(10)
    core.start_s -= 30
    core.tick(10)
    clear(core, "i1")
    core.tick(20)
    second = await held(core)
    core.tick()
    await second
    core.tick(10)
    clear(core, "i2")
    core.tick(15)
    (case,) = await core.written()
    assert case.excluded is None
    assert (case.window.times_s[1:] > case.window.times_s[:-1]).all()
    assert any("the clock was set back" in event.text for event in core.journal.newest_first())


async def test_two_consoles_may_call_a_case_the_same(core: SmallCluster) -> None:
    core.dataset.collect_anomalies(on=True)
    core.tick(12)
    injecting = await held(core)
    (core.cases_dir / f"cpu_stress-n2-high-{name_stamp(core.now_s + 1)}").mkdir(parents=True)
    core.tick()
    await injecting
    clear(core, "i1")
    core.tick(15)
    await core.write_all()
    assert core.writer.finished == 1
    assert core.writer.problem == ""
