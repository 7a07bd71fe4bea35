"""The snapshot of this machine, with a real process behind the run."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmarks.tpch.tpch_benchmark import TpchOptions
from distdiag_core.workloads.clients.client_log import REMARK
from distdiag_core.workloads.clients.local_load_host import LocalLoadHost
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.timestamped_log import TimestampedLog
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadFigures

if TYPE_CHECKING:
    from pathlib import Path

_REQUEST = WorkloadRequest("tpch", "power", ("n1",), options=TpchOptions())
_REFUSED = "query 15 is not answered: refused (error 1235)"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TimestampedLog:
    """Of a run that this process keeps."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runs = RunDirectory("test")
    with runs.claim("n1", "tpch") or pytest.fail("somebody else has the claim"):
        runs.write(Run("r7k2", "n1", _REQUEST, os.getpid(), born_s(), time.time() - 60))
    return TimestampedLog(runs.log("n1", "tpch"))


def _note() -> str:
    (client,) = LocalLoadHost("test").snapshot().clients
    return client.note


def test_the_note_of_the_figures_is_the_note_of_the_clients(log: TimestampedLog) -> None:
    log.append(report_line.encode(WorkloadFigures(1, 1, 5, 0.5, 1, note=_REFUSED)))
    assert _note() == _REFUSED

    log.append(report_line.encode(WorkloadFigures(1, 1, 5, 0, 1)))
    assert _note() == ""


def test_a_remark_of_the_supervisor_takes_precedence_over_the_note(log: TimestampedLog) -> None:
    log.append(report_line.encode(WorkloadFigures(1, 1, 5, 0.5, 1, note=_REFUSED)))
    log.append(f"{REMARK}the driver was ended by signal 9; trying again")

    assert _note() == "the driver was ended by signal 9; trying again"
