"""Interrupted preparations, killed supervisors, several workloads at once, and load profiles, on a real engine."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError, DataError, RefusedError, SqlError
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.clients.run_files import Run, RunDirectory
from distdiag_core.workloads.clients.run_log import TIME_IS_UP, RunLog
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus
from tests.waiting import until
from tests.workloads.conftest import has_ended, silent

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.workloads.control.workload_control import WorkloadControl
    from tests.workloads.engine import Engine

SMALL = WorkloadRequest(nodes=("n1",), threads=1, duration_s=60, options=SysbenchOptions(1, 1_000))
LARGE = replace(SMALL, options=SysbenchOptions(1, 400_000))


@pytest.fixture(autouse=True)
def _homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def _rows(engine: Engine) -> int:
    ((rows,),) = engine.execute("SELECT COUNT(*) FROM sbtest.sbtest1")
    return int(str(rows))


async def test_a_stopped_preparation_resumes(workloads: WorkloadControl, engine: Engine) -> None:
    begun = asyncio.Event()

    def watch(status: WorkloadStatus) -> None:
        assert status.progress is not None
        if status.progress.done:
            begun.set()

    preparing = asyncio.create_task(workloads.prepare(LARGE, watch))
    await begun.wait()
    (status,) = workloads.statuses()
    assert status.state is WorkloadState.PREPARING
    with pytest.raises(RefusedError, match="sysbench is being prepared"):
        await workloads.prepare(SMALL, silent)

    (stopped,) = await workloads.stop([status.id])

    assert (await preparing).state is WorkloadState.INTERRUPTED
    assert stopped.request.options == LARGE.options
    assert 0 < _rows(engine) < 400_000
    assert (await workloads.prepare(SMALL, silent)).state is WorkloadState.PREPARED


_PREPARE = """
import asyncio, json, sys
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
from distdiag_core.workloads.clients.run_files import request_from
from distdiag_core.workloads.control.workload_control import WorkloadControl
sql = SqlSettings(port=int(sys.argv[1]), read_timeout_s=20.0)
node = NodeSettings("n1", "127.0.0.1", connection="local", sql=sql)
cluster = ClusterSettings("test", (node,), read_only=False, sql=sql)
request = request_from(json.loads(sys.argv[2]))
asyncio.run(WorkloadControl(cluster).prepare(request, lambda status: print(status.progress.done, flush=True)))
"""


def _command(engine: Engine) -> list[str]:
    return [sys.executable, "-c", _PREPARE, str(engine.port), json.dumps(asdict(LARGE))]


def _prepare_and_kill(engine: Engine) -> None:
    with subprocess.Popen(_command(engine), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(int(line) > 1_000 for line in process.stdout)
        process.kill()


async def test_another_console_shows_and_ends_a_preparation_and_cannot_use_its_tables(
    workloads: WorkloadControl, engine: Engine
) -> None:
    process = await asyncio.create_subprocess_exec(*_command(engine), stdout=asyncio.subprocess.DEVNULL)
    await until(lambda: any(each.progress and each.progress.done for each in workloads.statuses()))

    (status,) = workloads.statuses()
    assert (status.state, status.request) == (WorkloadState.PREPARING, LARGE)
    assert "rows: n1" in status.detail
    for act in (workloads.start, workloads.cleanup):
        with pytest.raises(RefusedError, match="sysbench is being prepared"):
            await act(SMALL)
    (stopped,) = await workloads.stop([status.id])

    assert stopped.state is WorkloadState.INTERRUPTED
    assert await process.wait() == 0
    assert 0 < _rows(engine) < 400_000
    assert (await workloads.cleanup(SMALL)).state is WorkloadState.ABSENT


async def test_a_preparation_whose_file_cannot_be_written_is_an_error(
    workloads: WorkloadControl, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(DataError, match="a preparation cannot be put on file"):
        await workloads.prepare(SMALL, silent)
    (tmp_path / "state").unlink()


async def test_a_killed_preparation_resumes(workloads: WorkloadControl, engine: Engine) -> None:
    await asyncio.to_thread(_prepare_and_kill, engine)

    left = _rows(engine)
    first: list[int] = []
    request = replace(SMALL, options=SysbenchOptions(1, left + 500))
    await workloads.prepare(request, lambda status: first.append(status.progress.done if status.progress else 0))

    assert first[0] == left
    assert _rows(engine) == left + 500


async def test_a_killed_supervisor_leaves_nothing_running_and_is_in_the_history(workloads: WorkloadControl) -> None:
    await workloads.prepare(SMALL, silent)
    started = await workloads.start(SMALL)
    (run,) = RunDirectory("test").find()
    assert isinstance(run, Run)
    supervisor = run.process()
    assert supervisor is not None
    # The supervisor saves the totals from time to time.
    await until(lambda: any(_saved_tps()))
    family = supervisor.children(recursive=True)

    os.kill(supervisor.pid, signal.SIGKILL)

    await until(lambda: run.process() is None and all(map(has_ended, family)))
    await until(lambda: all(status.state is not WorkloadState.RUNNING for status in workloads.statuses()))
    (past,) = await workloads.past()
    assert past.id == started.id
    assert "killed" in past.why
    totals = past.nodes["n1"].totals
    assert totals is not None
    assert totals.tps > 0
    await workloads.start(SMALL)


def _saved_tps() -> list[float]:
    return [json.loads(path.read_text())["totals"]["tps"] for path in RunDirectory("test").path.glob("*.so_far")]


async def test_a_run_ends_in_time_and_its_results_are_kept(workloads: WorkloadControl) -> None:
    await workloads.prepare(SMALL, silent)
    started = await workloads.start(replace(SMALL, duration_s=4))

    await until(lambda: RunDirectory("test").find() == ())

    (past,) = RunLog("test").read().runs()
    assert (past.id, past.why) == (started.id, TIME_IS_UP)
    totals = past.nodes["n1"].totals
    assert totals is not None
    assert totals.tps > 0
    assert totals.p95_ms is not None


async def test_runs_are_stopped_one_by_one(workloads: WorkloadControl) -> None:
    await workloads.prepare(replace(SMALL, nodes=("n1", "n2")), silent)
    first = await workloads.start(SMALL)
    second = await workloads.start(replace(SMALL, nodes=("n2",)))
    with pytest.raises(RefusedError, match="sysbench runs already on n2; stop it first"):
        await workloads.start(replace(SMALL, nodes=("n2",)))
    with pytest.raises(ConfigError, match="no workload is called zzzz; there is: "):
        await workloads.stop(["zzzz"])
    await workloads.stop([first.id])
    # Both nodes show the same tables.
    with pytest.raises(RefusedError, match="sysbench runs already on n2; stop it first"):
        await workloads.cleanup(SMALL)

    assert [status.id for status in workloads.statuses()] == [second.id]


async def test_two_benchmarks_run_on_a_node_concurrently(workloads: WorkloadControl, engine: Engine) -> None:
    from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import TpccOptions

    tpcc = replace(SMALL, kind="tpcc", script="", options=TpccOptions(scale=1))
    tpcc = replace(tpcc, script=next(iter(_scripts("tpcc"))))
    await workloads.prepare(SMALL, silent)
    await workloads.prepare(tpcc, silent)
    runs = [await workloads.start(SMALL), await workloads.start(tpcc)]

    await until(lambda: len(workloads.figures("n1")) == 2)

    assert [status.id for status in workloads.statuses()] == [run.id for run in runs]
    await workloads.stop([runs[0].id])
    await until(lambda: (tpcc_figures := workloads.figures("n1").get("tpcc")) and tpcc_figures.tps > 0)
    await workloads.stop()
    await workloads.cleanup(tpcc)
    await workloads.cleanup(SMALL)
    assert not {"sbtest", "tpcc"} & {str(row[0]) for row in engine.execute("SHOW DATABASES")}


def _scripts(kind: str) -> tuple[str, ...]:
    from distdiag_core.workloads import benchmark_registry

    return tuple(benchmark_registry.benchmark(kind).scripts)


async def test_a_profile_is_followed(workloads: WorkloadControl, tmp_path: Path) -> None:
    own = tmp_path / "config" / "distdiag" / "workloads.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(
        "- {name: waves, description: up and down, steps: [{minutes: 0.05, threads: 1}, {minutes: 0.05, threads: 3}]}\n"
    )
    await workloads.prepare(SMALL, silent)
    await workloads.start(replace(SMALL, profile="waves"))
    seen: set[int] = set()

    def both() -> bool:
        figures = workloads.figures("n1").get("sysbench")
        seen.update({figures.threads} if figures else ())
        return seen >= {1, 3}

    await until(both)


def _has_zipfian() -> bool:
    return b"zipfian" in subprocess.run(["sysbench", "--help"], capture_output=True, check=False).stdout


async def test_a_distribution_that_sysbench_lacks_ends_the_run_with_the_reason(workloads: WorkloadControl) -> None:
    if await asyncio.to_thread(_has_zipfian):
        pytest.skip("NOT TESTED: this sysbench has all distributions")
    options = replace(SysbenchOptions(1, 1_000), distribution="zipfian")
    await workloads.prepare(SMALL, silent)
    await workloads.start(replace(SMALL, options=options))

    def told() -> bool:
        (status,) = workloads.statuses()
        return status.state is WorkloadState.FAILED and "wants sysbench 1.1" in status.detail

    await until(told)


async def test_an_error_of_the_database_names_the_node(workloads: WorkloadControl, engine: Engine) -> None:
    engine.execute("CREATE DATABASE IF NOT EXISTS sbtest")
    engine.execute("CREATE TABLE sbtest.sbtest1 (other INTEGER)")

    with pytest.raises(SqlError, match="n1: sql"):
        await workloads.prepare(SMALL, silent)

    (status,) = workloads.statuses()
    assert status.state is WorkloadState.FAILED
    assert not status.id


async def test_the_rate_and_the_remaining_time_of_a_preparation_are_reported(workloads: WorkloadControl) -> None:
    told: list[WorkloadStatus] = []
    began_s = time.monotonic()
    await workloads.prepare(replace(SMALL, options=SysbenchOptions(1, 5_000)), told.append)
    took_s = time.monotonic() - began_s

    last = told[-1].progress
    assert last is not None
    assert (last.done, last.total, last.left_s) == (5_000, 5_000, 0)
    assert last.per_s >= 5_000 / took_s / 2
