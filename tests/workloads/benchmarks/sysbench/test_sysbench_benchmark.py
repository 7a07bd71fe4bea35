"""All scripts of sysbench on the tables of distdiag, concurrently."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cluster import password
from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.benchmark_target import BenchmarkTarget
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import Sysbench, SysbenchOptions
from distdiag_core.workloads.clients import client_program
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from tests.workloads.engine import Engine

_LIMIT_S = 110.0


async def test_each_script_gives_figures(engine: Engine) -> None:
    cluster = engine.cluster("test")
    target = BenchmarkTarget(cluster, password.of_nodes(cluster.nodes), "n1", ("n1",))
    request = WorkloadRequest(nodes=("n1",), options=SysbenchOptions(1, 2_000))
    await Sysbench().prepare(target, request, lambda _done, _total: None)
    try:
        async with asyncio.timeout(_LIMIT_S), asyncio.TaskGroup() as all_at_once:
            for script in Sysbench.scripts:
                all_at_once.create_task(_works(target, script))
    finally:
        await Sysbench().cleanup(target, request)


async def _works(target: BenchmarkTarget, script: str) -> None:
    request = WorkloadRequest(script=script, nodes=("n1",), threads=1, options=SysbenchOptions(1, 2_000))
    endpoints = {"n1": await target.endpoint()}
    process = await client_program.start(
        Sysbench().clients(ClientSpec("n1", request, endpoints, None, Path("sysbench.log"), "r1"))
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        async for line in process.stdout:
            said.append(line.decode().rstrip())
            figures = Sysbench().figures(said[-1])
            if figures is not None and figures.tps > 0:
                break
        else:
            raise AssertionError(f"{script} ended: {said}")
    finally:
        await client_program.end(process)
