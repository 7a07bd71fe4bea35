"""The driver of TPC-C, started and ended as by a supervisor."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import psutil

from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import Tpcc
from distdiag_core.workloads.clients import client_program
from distdiag_core.workloads.clients.run_files import RunDirectory
from tests.waiting import until
from tests.workloads.conftest import has_ended

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from distdiag_core.workloads.endpoint import Endpoint
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import WorkloadFigures


class Drive:
    """The driver of the node n1, and all that it has reported."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.reports: list[WorkloadFigures] = []
        self.said: list[str] = []

    async def until(self, enough: Callable[[Drive], bool]) -> None:
        """Read on."""
        assert self.process.stdout is not None
        while not enough(self):
            line = (await self.process.stdout.readline()).decode()
            assert line, f"the driver ended: {self.said}"
            report = Tpcc().figures(line.strip())
            if report is None:
                self.said.append(line.strip())
            else:
                self.reports.append(report)

    async def end(self) -> int:
        """Read to its end: its exit status."""
        assert self.process.stdout is not None
        self.said += (await self.process.stdout.read()).decode().splitlines()
        return await self.process.wait()

    def family(self) -> list[psutil.Process]:
        """The driver and its processes."""
        driver = psutil.Process(self.process.pid)
        return [driver, *driver.children(recursive=True)]

    def total(self, kind: str) -> float:
        """Transactions of a type that have finished; seconds are about as long as they should be."""
        return sum(report.types[kind].tps for report in self.reports)

    @property
    def finished(self) -> float:
        return sum(report.tps for report in self.reports)


@asynccontextmanager
async def driving(
    request: WorkloadRequest, endpoints: Mapping[str, Endpoint], left_s: float | None = None
) -> AsyncIterator[Drive]:
    """Drive the node n1."""
    process = await client_program.start(
        Tpcc().clients(ClientSpec("n1", request, endpoints, left_s, log_of("n1"), "r1"))
    )
    try:
        yield Drive(process)
    finally:
        await client_program.end(process)


def log_of(node: str) -> Path:
    """The log of the driver of `node`, as a supervisor has it."""
    return RunDirectory("test").log(node, "tpcc")


async def gone(processes: list[psutil.Process]) -> None:
    """Wait until they have ended."""
    await until(lambda: all(map(has_ended, processes)))
