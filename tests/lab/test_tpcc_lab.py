"""TPC-C over all nodes of the real cluster, each of which is a database of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil
import pytest

from distdiag_core.cluster import inventory
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import TpccOptions
from distdiag_core.workloads.clients.run_files import Run, RunDirectory
from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

_LIMIT_S = 110.0


@pytest.fixture
def request_() -> WorkloadRequest:
    settings = inventory.load(inventory.find("lab"))
    options = TpccOptions(warehouses=1, scale=1)
    return WorkloadRequest(
        "tpcc", "mix", tuple(node.name for node in settings.nodes), threads=2, duration_s=_LIMIT_S, options=options
    )


@pytest.fixture
async def workloads(request_: WorkloadRequest) -> AsyncIterator[WorkloadControl]:
    """With nothing of TPC-C there, of whatever scale, before and after; what else runs goes on."""
    workloads = WorkloadControl(inventory.load(inventory.find("lab")))
    await _clear(workloads, request_)
    yield workloads
    await _clear(workloads, request_)


async def _clear(workloads: WorkloadControl, request: WorkloadRequest) -> None:
    await workloads.refresh()
    await workloads.stop([each.id for each in workloads.statuses() if each.id and each.request.kind == request.kind])
    await workloads.cleanup(request)


async def test_what_spans_nodes_stays_consistent_when_all_drivers_are_killed(
    workloads: WorkloadControl, request_: WorkloadRequest
) -> None:
    async with asyncio.timeout(_LIMIT_S):
        await workloads.prepare(request_, lambda _status: None)
        started = await workloads.start(request_)
        while not _all_span(workloads, request_):  # noqa: ASYNC110 - it waits for other processes
            await asyncio.sleep(0.2)
        drivers = _drivers(started.id)
        for driver in drivers:
            driver.kill()
        await workloads.stop([started.id])
        findings = await workloads.validate(request_)
    assert len(drivers) == len(request_.nodes)
    assert set(findings) == set(request_.nodes)
    assert [each for of_node in findings.values() for each in of_node if not each.holds] == []


def _all_span(workloads: WorkloadControl, request: WorkloadRequest) -> bool:
    measured = [workloads.figures(node).get(request.kind) for node in request.nodes]
    return all(figures is not None and figures.extra["remote_per_s"] > 0 for figures in measured)


def _drivers(started: str) -> list[psutil.Process]:
    """Those that the supervisors of this run have started."""
    runs = [run for run in RunDirectory("lab").find() if isinstance(run, Run) and run.id == started]
    return [driver for run in runs for driver in psutil.Process(run.pid).children()]
