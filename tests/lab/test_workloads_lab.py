"""Load on the real cluster: every node gets clients of its own, and is measured by them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.workloads.sysbench import Sysbench
from distdiag_core.workloads.workload import WorkloadRequest, WorkloadState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from distdiag_core.workloads.workload import WorkloadStatus

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

_LIMIT_S = 100.0


@pytest.fixture
async def sysbench() -> AsyncIterator[Sysbench]:
    workload = Sysbench(inventory.load(inventory.find("lab")))
    await workload.stop()
    yield workload
    await workload.stop()


def _request() -> WorkloadRequest:
    settings = inventory.load(inventory.find("lab"))
    return WorkloadRequest(nodes=tuple(node.name for node in settings.nodes), threads=2, duration_s=_LIMIT_S)


async def test_all_nodes_are_prepared_loaded_and_measured(sysbench: Sysbench) -> None:
    request = _request()
    told: list[WorkloadStatus] = []
    async with asyncio.timeout(_LIMIT_S):
        prepared = await sysbench.prepare(request, told.append)
        started = await sysbench.start(request)
        while not _all_work(sysbench, request):  # noqa: ASYNC110 - it waits for another process
            await asyncio.sleep(0.2)
        stopped = await sysbench.stop()

    assert prepared.state is WorkloadState.PREPARED
    assert told[-1].progress == 1
    assert started.state is WorkloadState.RUNNING
    assert stopped is not None
    assert stopped.state is WorkloadState.PREPARED


async def test_what_one_console_starts_another_ends(sysbench: Sysbench) -> None:
    request = _request()
    told: list[WorkloadStatus] = []
    async with asyncio.timeout(_LIMIT_S):
        await sysbench.prepare(request, told.append)
        await sysbench.start(request)
        other = Sysbench(inventory.load(inventory.find("lab")))
        found = other.status()
        await other.stop()

    assert found is not None
    assert (found.state, found.request) == (WorkloadState.RUNNING, request)
    ended = sysbench.status()
    assert ended is not None
    assert ended.state is WorkloadState.PREPARED


def _all_work(sysbench: Sysbench, request: WorkloadRequest) -> bool:
    measured = [sysbench.figures(node) for node in request.nodes]
    return all(figures is not None and figures.tps > 0 and figures.p95_ms > 0 for figures in measured)
