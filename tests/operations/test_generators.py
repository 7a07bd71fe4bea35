"""A load that two generators share: real SSH servers on loopback, a state of its own for each, sysbench, an engine."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import ConfigError
from distdiag_core.operations.workloads import Workloads, connect_workloads
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_settings import GeneratorSettings, WorkloadSettings
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from tests.cluster.conftest import SshServer
    from tests.workloads.engine import Engine

_LIMIT_S = 120.0
_REQUEST = WorkloadRequest(nodes=("n1", "n2"), threads=3, options=SysbenchOptions(1, 1_000))


def _program(server: SshServer) -> str:
    """distdiag on the machine of this server: runs there are files there, and not of the tests' own."""
    path = server.directory / "distdiag"
    state = server.directory / "state"
    path.write_text(
        f"#!/bin/sh\nXDG_STATE_HOME={state} exec {sys.executable} -c "
        '"from distdiag_core.cli.main import main; main(print)" "$@"\n'
    )
    path.chmod(0o700)
    return str(path)


@pytest.fixture
async def cluster(
    engine: Engine, new_server: Callable[[str], SshServer], own_places: Path
) -> AsyncIterator[ClusterSettings]:
    """The engine as two nodes, and the generators g1 and g2 in the cluster file."""
    engine.execute("DROP DATABASE IF EXISTS sbtest")
    servers = [new_server(name) for name in ("g1", "g2")]
    async with servers[0].listening(), servers[1].listening():
        generators = tuple(
            GeneratorSettings(
                server.directory.name,
                "127.0.0.1",
                ssh=server.settings(connect_timeout_s=60.0).ssh,
                command=_program(server),
            )
            for server in servers
        )
        yield replace(engine.cluster("shared"), sections=(WorkloadSettings(generators=generators),))


@asynccontextmanager
async def console(cluster: ClusterSettings) -> AsyncIterator[Workloads]:
    async with connect_workloads(cluster) as verbs:
        yield verbs


async def test_every_console_sees_ends_and_sums_up_a_load_that_generators_share(cluster: ClusterSettings) -> None:
    async with console(cluster) as first, console(cluster) as second:
        await first.prepare(_REQUEST)
        with pytest.raises(ConfigError, match="no generator is called 'g9'; there are: here, g1, g2"):
            await first.start(replace(_REQUEST, generators=("g9",)))
        with pytest.raises(ConfigError, match="1 threads a node cannot be divided among 2 generators"):
            await first.start(replace(_REQUEST, threads=1))
        started = await first.start(_REQUEST)
        try:
            async with asyncio.timeout(_LIMIT_S):
                while True:
                    (seen,) = [each for each in await second.statuses() if each.id]
                    # Both generators have reported: one has two of the threads, the other one.
                    if [figures.threads for figures in seen.figures.values()] == [3, 3]:
                        break
                    await asyncio.sleep(0.05)
        finally:
            await second.stop([started.id])
        left = [each for each in await first.statuses() if each.state is WorkloadState.RUNNING]
        (past, *_) = await first.history()

    assert (seen.id, seen.state, seen.request.threads) == (started.id, WorkloadState.RUNNING, 3)
    assert all(figures.tps > 0 for figures in seen.figures.values())
    assert left == []
    assert past.run.id == started.id
    assert set(past.run.nodes) == {"n1", "n2"}
    assert past.run.why == "it was stopped"


async def test_one_generator_is_chosen_by_name(cluster: ClusterSettings) -> None:
    async with console(cluster) as verbs:
        await verbs.prepare(_REQUEST)
        started = await verbs.start(replace(_REQUEST, threads=1, nodes=("n1",), generators=("g2",)))
        runs = [client.run for client in verbs.control._snapshot().clients]
        await verbs.stop([started.id])
    assert [(run.id, run.node) for run in runs] == [(started.id, "n1")]
