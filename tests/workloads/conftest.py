"""One engine for all tests of the session, since it takes seconds to start; and waiting for processes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psutil
import pytest

from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.workload_status import WorkloadState
from tests.workloads.engine import running_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.workloads.workload_status import WorkloadStatus
    from tests.workloads.engine import Engine


def has_ended(process: psutil.Process) -> bool:
    """Whether a process has ended; a zombie has, however late its parent reaps it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def silent(status: WorkloadStatus) -> None:
    """Hear how far a preparation is, and say nothing."""
    assert status.state is WorkloadState.PREPARING


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if shutil.which("sysbench") is None:
        pytest.skip("NOT TESTED: sysbench is not installed (apt-get install sysbench)")
    with running_engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture
def cluster(engine: Engine) -> ClusterSettings:
    """The engine as a cluster of two nodes, without tables of sysbench."""
    engine.execute("DROP DATABASE IF EXISTS sbtest")
    return engine.cluster("test")


@pytest.fixture
async def workloads(cluster: ClusterSettings) -> AsyncIterator[WorkloadControl]:
    """Of that cluster; what still runs is ended."""
    workloads = WorkloadControl(cluster)
    yield workloads
    await workloads.stop()
