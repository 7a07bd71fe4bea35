"""Operations on workloads on a real engine: prepare, start, measure, stop, resume."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cli.workload import statuses_facts
from distdiag_core.errors import ConfigError, DataError, RefusedError, UnreachableError
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import TpccOptions
from distdiag_core.workloads.clients.run_files import RunDirectory
from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.control.workload_source import WorkloadSource
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadFigures, WorkloadState, WorkloadStatus
from tests.pages.json_shapes import mismatches_of_facts
from tests.waiting import until
from tests.workloads.conftest import silent

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from tests.workloads.engine import Engine

REQUEST = WorkloadRequest(nodes=("n1", "n2"), threads=1, duration_s=60, options=SysbenchOptions(2, 2_000))


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def _status(workloads: WorkloadControl) -> WorkloadStatus | None:
    """Of the only one that there is."""
    found = workloads.statuses()
    assert len(found) <= 1
    return found[0] if found else None


def _figures(workloads: WorkloadControl, node: str) -> WorkloadFigures | None:
    return workloads.figures(node).get("sysbench")


def _counts(engine: Engine) -> list[object]:
    return [engine.execute(f"SELECT COUNT(*), MIN(id), MAX(id) FROM sbtest.sbtest{n}")[0] for n in (1, 2)]  # noqa: S608


async def test_prepare_fills_the_tables_and_reports_progress(workloads: WorkloadControl, engine: Engine) -> None:
    told: list[WorkloadStatus] = []

    status = await workloads.prepare(REQUEST, told.append)

    assert status.state is WorkloadState.PREPARED
    assert _counts(engine) == [(2_000, 1, 2_000)] * 2
    progress = [each.progress.share for each in told if each.progress is not None]
    assert progress == sorted(progress)
    assert progress[-1] == 1
    assert "n1 4,000 of 4,000" in told[-1].detail


async def test_prepare_again_keeps_existing_rows(workloads: WorkloadControl, engine: Engine) -> None:
    await workloads.prepare(REQUEST, silent)
    engine.execute("UPDATE sbtest.sbtest1 SET pad = 'kept' WHERE id = 17")
    await workloads.prepare(REQUEST, silent)

    assert engine.execute("SELECT pad FROM sbtest.sbtest1 WHERE id = 17") == (("kept",),)
    assert _counts(engine) == [(2_000, 1, 2_000)] * 2


async def test_prepare_fills_holes(workloads: WorkloadControl, engine: Engine) -> None:
    await workloads.prepare(REQUEST, silent)
    engine.execute("DELETE FROM sbtest.sbtest1 WHERE id BETWEEN 100 AND 300")
    engine.execute("DROP TABLE sbtest.sbtest2")
    await workloads.prepare(REQUEST, silent)

    assert _counts(engine) == [(2_000, 1, 2_000)] * 2


async def test_a_cancelled_preparation_resumes(workloads: WorkloadControl, engine: Engine) -> None:
    begun = asyncio.Event()

    def watch(status: WorkloadStatus) -> None:
        if status.progress:
            begun.set()

    preparing = asyncio.create_task(workloads.prepare(replace(REQUEST, options=SysbenchOptions(2, 30_000)), watch))
    await begun.wait()
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    interrupted = _status(workloads)
    assert interrupted is not None
    assert interrupted.state is WorkloadState.INTERRUPTED
    assert "prepare again" in interrupted.detail

    await workloads.prepare(REQUEST, silent)
    status = await workloads.start(REQUEST)
    assert status.state is WorkloadState.RUNNING


async def test_a_run_has_figures_until_it_is_stopped(workloads: WorkloadControl) -> None:
    request = REQUEST
    await workloads.prepare(request, silent)

    status = await workloads.start(request)
    assert status.state is WorkloadState.RUNNING
    assert status.ends_s is not None
    await until(lambda: all((measured := _figures(workloads, node)) and measured.tps > 0 for node in request.nodes))
    reading = await WorkloadSource("n1", workloads).read()
    (running,) = workloads.statuses()
    stopped = await workloads.stop()

    assert set(reading.values) == {"tps", "qps", "p50_ms", "p95_ms", "p99_ms", "errors_per_s"}
    assert reading.values["p50_ms"] <= reading.values["p99_ms"]
    assert [each.state for each in stopped] == [WorkloadState.PREPARED]
    assert set(running.figures) == set(request.nodes)
    for verb, statuses in (("start sysbench", (status, running)), ("stop", stopped)):
        assert mismatches_of_facts(f"workload {verb}", statuses_facts(statuses)) == []
    assert RunDirectory("test").find() == ()


async def test_the_state_is_stopping_while_a_run_ends(workloads: WorkloadControl) -> None:
    await workloads.prepare(REQUEST, silent)
    await workloads.start(REQUEST)
    stopping = asyncio.create_task(workloads.stop())
    seen: set[WorkloadState] = set()
    while WorkloadState.STOPPING not in seen and not stopping.done():
        seen.update(status.state for status in workloads.statuses())
        await asyncio.sleep(0.02)
    await stopping

    assert WorkloadState.STOPPING in seen
    assert [status.state for status in workloads.statuses()] == [WorkloadState.PREPARED]


async def test_without_a_workload_there_are_no_figures(workloads: WorkloadControl) -> None:
    assert _status(workloads) is None
    assert dict((await WorkloadSource("n1", workloads).read()).values) == {}
    assert await workloads.stop() == ()


async def test_a_later_console_finds_and_ends_a_run(workloads: WorkloadControl, cluster: ClusterSettings) -> None:
    await workloads.prepare(REQUEST, silent)
    await workloads.start(REQUEST)
    later = WorkloadControl(cluster)
    await until(lambda: _figures(later, "n2"))

    found = _status(later)
    assert found is not None
    assert (found.state, found.request) == (WorkloadState.RUNNING, REQUEST)
    with pytest.raises(RefusedError, match="runs already on n1, n2; stop it first"):
        await later.start(REQUEST)
    with pytest.raises(RefusedError, match="stop it first"):
        await later.cleanup(REQUEST)
    await later.stop()

    ended = _status(workloads)
    assert ended is not None
    assert ended.state is WorkloadState.PREPARED


async def test_clients_continue_after_an_outage_of_the_database(workloads: WorkloadControl, engine: Engine) -> None:
    await workloads.prepare(REQUEST, silent)
    await workloads.start(replace(REQUEST, duration_s=None))
    await until(lambda: _figures(workloads, "n1"))

    engine.kill()
    await until(lambda: "trying again" in _detail(workloads) and _figures(workloads, "n1") is None)
    await asyncio.to_thread(engine.start)

    await until(lambda: (measured := _figures(workloads, "n1")) and measured.tps > 0 and not _detail(workloads))


def _detail(workloads: WorkloadControl) -> str:
    status = _status(workloads)
    assert status is not None
    assert status.state is WorkloadState.RUNNING
    return status.detail


async def test_a_run_without_prepared_tables_is_refused(workloads: WorkloadControl) -> None:
    with pytest.raises(DataError, match=r"sbtest\.sbtest1 is not there; prepare the workload first"):
        await workloads.start(replace(REQUEST, nodes=("n1",)))

    await workloads.prepare(replace(REQUEST, options=SysbenchOptions(2, 100)), silent)
    with pytest.raises(DataError, match="has 100 of 2,000 rows"):
        await workloads.start(replace(REQUEST, nodes=("n1",)))
    assert RunDirectory("test").find() == ()


async def test_cleanup_drops_what_prepare_made_and_nothing_else(workloads: WorkloadControl, engine: Engine) -> None:
    await workloads.prepare(REQUEST, silent)
    engine.execute("CREATE TABLE sbtest.mine (id INTEGER)")
    await workloads.cleanup(REQUEST)
    assert engine.execute("SHOW TABLES FROM sbtest") == (("mine",),)

    engine.execute("DROP TABLE sbtest.mine")
    await workloads.prepare(REQUEST, silent)
    # Fewer tables than were prepared.
    await workloads.cleanup(replace(REQUEST, options=SysbenchOptions(1, 2_000)))
    assert ("sbtest",) not in engine.execute("SHOW DATABASES")


async def test_cleanup_keeps_tables_that_somebody_made_with_sysbench(
    workloads: WorkloadControl, engine: Engine
) -> None:
    engine.execute("CREATE DATABASE sbtest")
    engine.execute("CREATE TABLE sbtest.sbtest2 (id INT PRIMARY KEY, k INT, c CHAR(120), pad CHAR(60))")
    await workloads.prepare(REQUEST, silent)

    with pytest.raises(DataError, match=r"not made by distdiag, and therefore kept: sbtest\.sbtest2"):
        await workloads.cleanup(replace(REQUEST, nodes=("n1",)))
    assert engine.execute("SHOW TABLES FROM sbtest") == (("sbtest2",),)


@pytest.mark.parametrize("password", ["it's # not \\ simple", ' "quoted" = yes '])
async def test_the_password_is_in_no_command_line(
    engine: Engine, cluster: ClusterSettings, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    literal = password.replace("\\", "\\\\").replace("'", "''")
    engine.execute("DROP USER IF EXISTS bench")
    engine.execute(f"CREATE USER bench IDENTIFIED BY '{literal}'")
    engine.execute("GRANT ALL ON *.* TO bench")
    monkeypatch.setenv("BENCH_PASSWORD", password)
    workloads = WorkloadControl(engine.cluster("test", "bench", "BENCH_PASSWORD"))
    request = replace(REQUEST, nodes=("n1",))
    await workloads.prepare(request, silent)
    await workloads.start(request)
    await until(lambda: (measured := _figures(workloads, "n1")) and measured.tps > 0)

    lines = _command_lines(engine.port)
    await workloads.stop()

    assert len(lines) == 1
    assert not any(password.encode() in line for line in lines)


def _command_lines(port: int) -> list[bytes]:
    """The command line of each sysbench that works on the engine at `port`."""
    lines: list[bytes] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes())
    return [line for line in lines if line.startswith(b"sysbench\0") and f"--mysql-port={port}".encode() in line]


async def test_a_password_that_the_option_file_cannot_hold_is_refused(
    engine: Engine, cluster: ClusterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.execute("DROP USER IF EXISTS bench")
    engine.execute("CREATE USER bench IDENTIFIED BY 'both''\"'")
    engine.execute("GRANT ALL ON *.* TO bench")
    monkeypatch.setenv("BENCH_PASSWORD", "both'\"")
    workloads = WorkloadControl(engine.cluster("test", "bench", "BENCH_PASSWORD"))
    await workloads.prepare(REQUEST, silent)

    with pytest.raises(ConfigError, match="n1: sysbench cannot be told a password with both kinds of quotes"):
        await workloads.start(replace(REQUEST, nodes=("n1",)))


async def test_an_unreachable_node_does_not_stop_the_preparation_of_the_others(
    cluster: ClusterSettings, engine: Engine
) -> None:
    n1, n2 = cluster.nodes
    assert n2.sql is not None
    dead = replace(n2, sql=replace(n2.sql, port=1))
    workloads = WorkloadControl(replace(cluster, nodes=(n1, dead)))

    with pytest.raises(UnreachableError, match="refused"):
        await workloads.prepare(REQUEST, silent)

    assert _counts(engine) == [(2_000, 1, 2_000)] * 2
    status = _status(workloads)
    assert status is not None
    assert status.state is WorkloadState.FAILED


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "tpcx"}, "no workload is called .tpcx."),
        ({"script": "oltp_nothing"}, "sysbench has oltp_read_write"),
        ({"nodes": ()}, "no node is named"),
        ({"nodes": ("n9",)}, "no node is called 'n9'"),
        ({"threads": 0}, "must be at least 1"),
        ({"duration_s": 0.0}, "duration must be more than 0"),
    ],
)
async def test_a_wrong_request_is_refused(workloads: WorkloadControl, wrong: dict[str, object], words: str) -> None:
    request = replace(REQUEST, **wrong)  # type: ignore[arg-type]

    with pytest.raises(ConfigError, match=words):
        await workloads.prepare(request, silent)
    with pytest.raises(ConfigError, match=words):
        await workloads.start(request)


async def test_nothing_is_changed_in_a_read_only_cluster(cluster: ClusterSettings) -> None:
    workloads = WorkloadControl(replace(cluster, read_only=True))

    for act in (workloads.prepare(REQUEST, silent), workloads.start(REQUEST), workloads.cleanup(REQUEST)):
        with pytest.raises(RefusedError, match="read_only"):
            await act


async def test_a_missing_sysbench_is_named(
    workloads: WorkloadControl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match="apt-get install sysbench"):
        await workloads.start(REQUEST)


async def test_a_damaged_run_file_is_a_problem_and_no_run(workloads: WorkloadControl, cluster: ClusterSettings) -> None:
    await workloads.prepare(REQUEST, silent)
    await workloads.start(replace(REQUEST, nodes=("n1",)))
    file = RunDirectory("test").log("n1", "sysbench").with_suffix(".json")
    sound = file.read_bytes()
    file.write_bytes(b"{")

    control = WorkloadControl(cluster)
    statuses, (problem,) = control.statuses(), control.problems
    file.write_bytes(sound)

    assert statuses == ()
    assert str(file) in problem
    assert "remove the file" in problem


async def test_tables_that_another_machine_has_prepared_are_known(
    workloads: WorkloadControl, cluster: ClusterSettings, engine: Engine
) -> None:
    engine.execute("DROP DATABASE IF EXISTS tpcc")
    await workloads.prepare(REQUEST, silent)
    await workloads.prepare(WorkloadRequest("tpcc", "mix", ("n1",), options=TpccOptions(1, 1)), silent)

    other = WorkloadControl(cluster)
    await other.look_for_tables()
    found = {each.request.kind: each for each in other.statuses()}
    assert {each.state for each in found.values()} == {WorkloadState.PREPARED}
    assert found["sysbench"].detail == "found in the databases; tables: 2, rows a table: 2,000"
    assert (found["sysbench"].request.options, found["sysbench"].request.nodes) == (REQUEST.options, ("n1", "n2"))
    # Each node has its own warehouses, also where both are one database.
    assert (found["tpcc"].request.options, found["tpcc"].request.nodes) == (TpccOptions(1, 1), ("n1",))

    await workloads.cleanup(REQUEST)
    await workloads.look_for_tables()
    # Other tests may have left tables of TPC-H in the engine.
    assert {each.request.kind for each in workloads.statuses()} - {"tpch"} == {"tpcc"}
    # What the other has asked a moment ago still holds.
    await other.look_for_tables()
    assert {each.request.kind for each in other.statuses()} - {"tpch"} == {"sysbench", "tpcc"}
    engine.execute("DROP DATABASE tpcc")
