"""Which of several sources says what is known of the tables of a benchmark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.workloads.control.known_tables import KnownTables
from distdiag_core.workloads.control.preparation import Preparation
from distdiag_core.workloads.control.preparation_files import PreparationFiles
from distdiag_core.workloads.control.prepared_tables import PreparedTables
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget

_REQUEST = WorkloadRequest("sysbench", "read_write", ("n1",))


def _no_node(name: str) -> BenchmarkTarget:
    raise AssertionError(f"{name} is asked")


@pytest.mark.usefixtures("own_places")
async def test_what_goes_on_hides_a_result_and_the_databases_outdate_all_but_failures() -> None:
    known = KnownTables(PreparationFiles("shop"), PreparedTables((), _no_node))
    done = known.note(WorkloadStatus(_REQUEST, WorkloadState.PREPARED, "all is there"))
    failed = known.note(WorkloadStatus(replace(_REQUEST, kind="tpcc"), WorkloadState.FAILED, "no room"))
    assert known.beside(()) == (done, failed)

    async with known.preparations.published(Preparation("2222", _REQUEST, lambda _: None)):
        assert [each.state for each in known.beside(())] == [WorkloadState.PREPARING, WorkloadState.FAILED]
    running = WorkloadStatus(_REQUEST, WorkloadState.RUNNING)
    assert known.beside((running,)) == (running, failed)

    # No node has to be asked, so that all of them have answered.
    await known.look()
    assert known.beside(()) == (failed,)
