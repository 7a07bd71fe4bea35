"""Load on the real cluster: every node gets clients of its own, and is measured by them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from distdiag_core.workloads.workload_status import WorkloadStatus

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

_LIMIT_S = 100.0


@pytest.fixture
async def workloads() -> AsyncIterator[WorkloadControl]:
    workloads = WorkloadControl(inventory.load(inventory.find("lab")))
    await workloads.stop()
    yield workloads
    await workloads.stop()


def _request() -> WorkloadRequest:
    settings = inventory.load(inventory.find("lab"))
    return WorkloadRequest(nodes=tuple(node.name for node in settings.nodes), threads=2, duration_s=_LIMIT_S)


async def test_all_nodes_are_prepared_loaded_and_measured(workloads: WorkloadControl) -> None:
    request = _request()
    reported: list[WorkloadStatus] = []
    async with asyncio.timeout(_LIMIT_S):
        prepared = await workloads.prepare(request, reported.append)
        started = await workloads.start(request)
        while not _all_work(workloads, request):  # noqa: ASYNC110 - it waits for another process
            await asyncio.sleep(0.2)
        stopped = await workloads.stop()

    assert prepared.state is WorkloadState.PREPARED
    assert (progress := reported[-1].progress)
    assert progress.share == 1
    assert started.state is WorkloadState.RUNNING
    assert [each.state for each in stopped] == [WorkloadState.PREPARED]


async def test_what_one_console_starts_another_ends(workloads: WorkloadControl) -> None:
    request = _request()
    reported: list[WorkloadStatus] = []
    async with asyncio.timeout(_LIMIT_S):
        await workloads.prepare(request, reported.append)
        await workloads.start(request)
        other = WorkloadControl(inventory.load(inventory.find("lab")))
        (found,) = other.statuses()
        await other.stop()
        # What a console has read it takes for new for a moment.
        await until(lambda: workloads.statuses()[0].state is WorkloadState.PREPARED)

    assert (found.state, found.request.nodes) == (WorkloadState.RUNNING, request.nodes)
    (ended,) = workloads.statuses()
    assert ended.state is WorkloadState.PREPARED


def _all_work(workloads: WorkloadControl, request: WorkloadRequest) -> bool:
    measured = [workloads.figures(node).get(request.kind) for node in request.nodes]
    return all(figures is not None and figures.tps > 0 and figures.p95_ms > 0 for figures in measured)
