"""Normal operation becomes cases of one group, as far as it is normal for sure."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cli.cases_collect import collecting_facts
from distdiag_core.errors import ConfigError
from tests.collecting.conftest import clear, collecting_core
from tests.pages.json_shapes import mismatches_of_facts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.small_cluster import SmallCluster


async def test_from_start_to_stop(core: SmallCluster) -> None:
    core.tick(30)
    core.dataset.collect_normal(on=True)
    started_s = core.now_s
    normal = core.tick(20).normal
    assert (normal.running, normal.seconds, normal.samples, normal.waiting) == (True, 20, 15, "")
    core.dataset.collect_normal(on=False)
    assert not core.tick().normal.running

    (case,) = await core.written()
    assert (case.labels, case.normal, case.excluded) == ((), (), None)
    assert (case.window.times_s[0], case.window.times_s[-1]) == (started_s, started_s + 14)
    assert core.writer.statistics is not None
    assert (core.writer.statistics.normal, core.writer.statistics.anomalous) == (15, 0)
    status = core.tick()
    assert (status.finished_cases, status.statistics) == (1, core.writer.statistics)
    assert mismatches_of_facts("cases collect", collecting_facts(status)) == []


async def test_a_period_that_is_too_short_to_keep_is_reported(core: SmallCluster) -> None:
    core.tick(30)
    core.dataset.collect_normal(on=True)
    core.tick(8)
    core.dataset.collect_normal(on=False)
    assert "nothing is kept" in core.journal.newest_first()[0].text

    core.dataset.collect_normal(on=True)
    core.tick(30)
    core.dataset.collect_normal(on=False)
    assert "25 samples of normal operation are kept" in core.journal.newest_first()[0].text


async def test_an_anomaly_is_left_out_with_what_it_may_have_begun_with(core: SmallCluster) -> None:
    core.tick()
    core.dataset.collect_normal(on=True)
    core.tick(30)
    core.begin("theirs")
    began_s = core.now_s
    assert core.tick().normal.waiting == "an anomaly is active"
    core.tick(10)
    clear(core, "theirs")
    core.tick(30)
    core.dataset.collect_normal(on=False)

    first, second = await core.written()
    assert first.group == second.group
    assert first.window.times_s[-1] < began_s
    assert second.window.times_s[0] >= began_s + 13 + 3


async def test_a_new_load_is_given_time_to_settle(core: SmallCluster) -> None:
    core.tick()
    core.dataset.collect_normal(on=True)
    core.tick(30)
    changed_s = core.now_s
    core.load(threads=8)
    assert core.tick().normal.waiting == "the cluster settles after a change"
    core.tick(30)
    core.dataset.collect_normal(on=False)

    first, second = await core.written()
    assert first.workload == "sysbench oltp_read_write, 4 threads a node"
    assert second.workload == "sysbench oltp_read_write, 8 threads a node"
    assert first.window.times_s[-1] <= changed_s
    assert second.window.times_s[0] > changed_s + 5


async def test_a_long_period_becomes_several_cases_without_gaps(core: SmallCluster) -> None:
    core.tick()
    core.dataset.collect_normal(on=True)
    started_s = core.now_s
    status = core.tick(700)
    assert status.normal.samples == 695
    core.dataset.collect_normal(on=False)

    pieces = await core.written()
    times_s = [time_s for piece in pieces for time_s in piece.window.times_s]
    assert times_s == [started_s + tick for tick in range(695)]
    assert len(pieces) == 3


async def test_a_short_period_is_no_case(core: SmallCluster) -> None:
    core.tick()
    core.dataset.collect_normal(on=True)
    core.tick(5)
    core.dataset.collect_normal(on=False)
    await core.write_all()
    assert core.writer.finished == 0


async def test_without_figures_there_is_nothing_to_collect(core: SmallCluster) -> None:
    with pytest.raises(ConfigError, match="nothing was sampled yet"):
        core.dataset.collect_normal(on=True)


async def test_a_case_waits_for_a_recording_that_cannot_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "recordings"
    in_the_way.write_text("a file")
    with collecting_core(tmp_path) as core:
        core.tick()
        core.dataset.collect_normal(on=True)
        core.tick(20)
        core.dataset.collect_normal(on=False)
        await core.write_all()
        assert "not all of it is on the disk yet: nothing can be written to" in core.writer.problem
        said = core.journal.newest_first()[0].text
        assert said.startswith("the case normal-20270115T080001-1 is not in the dataset: ")
        assert said.endswith("the next console builds it")
        in_the_way.unlink()
        (case,) = await core.written()
    assert len(case.window) == 15
    assert core.writer.problem == ""


async def test_a_case_whose_frames_are_lost_is_reported_and_holds_up_no_other(
    core: SmallCluster, tmp_path: Path
) -> None:
    core.tick()
    core.dataset.collect_normal(on=True)
    core.tick(20)
    core.dataset.collect_normal(on=False)
    assert core.recording is not None
    core.recording.flush()
    with closing(sqlite3.connect(core.recording.path)) as connection, connection:
        connection.execute("DELETE FROM frame")
    core.dataset.collect_normal(on=True)
    core.tick(30)
    core.dataset.collect_normal(on=False)
    (case,) = await core.written()
    assert case.name == "normal-20270115T080021-1"
    texts = [event.text for event in core.journal.newest_first()]
    assert any("the case normal-20270115T080001-1 is lost" in text and "was recorded" in text for text in texts)


async def test_a_disk_that_refuses_is_told_and_tried_again(core: SmallCluster, tmp_path: Path) -> None:
    (tmp_path / "cases").write_text("in the way")
    core.tick()
    core.dataset.collect_normal(on=True)
    core.tick(20)
    core.dataset.collect_normal(on=False)
    await core.write_all()
    assert "cannot be written" in core.writer.problem
    assert any("cannot be written" in event.text for event in core.journal.newest_first())
    (tmp_path / "cases").unlink()

    (case,) = await core.written()
    assert len(case.window) == 15
    assert core.writer.problem == ""
