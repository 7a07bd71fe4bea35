"""Normal life: what is calm is kept, in pieces of one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collecting.conftest import Console


async def test_from_start_to_stop(console: Console) -> None:
    console.tick(30)
    console.collector.collect_normal(on=True)
    started_s = console.now_s
    normal = console.tick(20).normal
    assert (normal.running, normal.seconds, normal.samples, normal.waiting) == (True, 20, 15, "")
    console.collector.collect_normal(on=False)
    assert not console.tick().normal.running

    (case,) = await console.written()
    assert (case.labels, case.normal, case.excluded) == ((), (), None)
    assert (case.window.times_s[0], case.window.times_s[-1]) == (started_s, started_s + 14)
    assert console.keeper.statistics is not None
    assert (console.keeper.statistics.normal, console.keeper.statistics.anomalous) == (15, 0)


async def test_what_is_too_short_to_keep_is_not_passed_over_in_silence(console: Console) -> None:
    console.tick(30)
    console.collector.collect_normal(on=True)
    console.tick(8)
    console.collector.collect_normal(on=False)
    assert "no normal life is kept" in console.journal.newest_first()[0].text

    console.collector.collect_normal(on=True)
    console.tick(30)
    console.collector.collect_normal(on=False)
    assert "25 samples of normal life are kept" in console.journal.newest_first()[0].text


async def test_an_anomaly_is_left_out_with_what_it_may_have_begun_with(console: Console) -> None:
    console.tick()
    console.collector.collect_normal(on=True)
    console.tick(30)
    console.begin("theirs")
    began_s = console.now_s
    assert console.tick().normal.waiting == "an anomaly is active"
    console.tick(10)
    console.clear("theirs")
    console.tick(30)
    console.collector.collect_normal(on=False)

    first, second = await console.written()
    assert first.group == second.group
    assert first.window.times_s[-1] < began_s
    assert second.window.times_s[0] >= began_s + 13 + 3


async def test_a_new_load_is_given_time_to_settle(console: Console) -> None:
    console.tick()
    console.collector.collect_normal(on=True)
    console.tick(30)
    changed_s = console.now_s
    console.threads = 8
    assert console.tick().normal.waiting == "the cluster settles after a change"
    console.tick(30)
    console.collector.collect_normal(on=False)

    first, second = await console.written()
    assert first.workload == "sysbench oltp_read_write, 4 threads a node"
    assert second.workload == "sysbench oltp_read_write, 8 threads a node"
    assert first.window.times_s[-1] <= changed_s
    assert second.window.times_s[0] > changed_s + 5


async def test_a_long_run_is_cut_in_pieces_without_holes(console: Console) -> None:
    console.tick()
    console.collector.collect_normal(on=True)
    started_s = console.now_s
    status = console.tick(700)
    assert status.normal.samples == 695
    console.collector.collect_normal(on=False)

    pieces = await console.written()
    times_s = [time_s for piece in pieces for time_s in piece.window.times_s]
    assert times_s == [started_s + tick for tick in range(695)]
    assert len(pieces) == 3


async def test_what_is_too_short_is_no_case(console: Console) -> None:
    console.tick()
    console.collector.collect_normal(on=True)
    console.tick(5)
    console.collector.collect_normal(on=False)
    await console.keeper_catches_up()
    assert console.keeper.finished == 0


async def test_without_figures_there_is_nothing_to_collect(console: Console) -> None:
    with pytest.raises(ConfigError, match="nothing was sampled yet"):
        console.collector.collect_normal(on=True)


async def test_a_disk_that_refuses_is_told_and_tried_again(console: Console, tmp_path: Path) -> None:
    (tmp_path / "cases").write_text("in the way")
    console.tick()
    console.collector.collect_normal(on=True)
    console.tick(20)
    console.collector.collect_normal(on=False)
    await console.keeper_catches_up()
    assert "cannot be written" in console.keeper.problem
    assert any("cannot be written" in event.text for event in console.journal.newest_first())
    (tmp_path / "cases").unlink()

    (case,) = await console.written()
    assert len(case.window) == 15
    assert console.keeper.problem == ""
