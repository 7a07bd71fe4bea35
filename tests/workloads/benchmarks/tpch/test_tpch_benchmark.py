"""TPC-H through the operations on workloads: prepared, started, measured and stopped."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from distdiag_core.workloads.benchmarks.tpch.tpch_benchmark import Tpch, TpchOptions
from distdiag_core.workloads.control.workload_control import WorkloadControl
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState
from tests.waiting import until
from tests.workloads.benchmarks.tpch.conftest import target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.workloads.engine import Engine

REQUEST = WorkloadRequest("tpch", "throughput", ("n1", "n2"), 1, duration_s=120, options=TpchOptions(0.01))


@pytest.fixture(autouse=True)
def _places(tpch_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tpch_cache))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def _measured(workloads: WorkloadControl, node: str) -> Callable[[], bool]:
    return lambda: (found := workloads.figures(node).get("tpch")) is not None and found.tps > 0


def _drivers(state: Path) -> list[int]:
    """The drivers that keep their state in `state`."""
    found: list[int] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            ours = process.environ().get("XDG_STATE_HOME") == str(state)
            if ours and "distdiag_core.workloads.benchmarks.tpch.tpch_driver" in process.cmdline():
                found.append(process.pid)
    return found


async def test_a_run_has_figures_on_all_nodes_until_it_is_stopped(loaded: Engine, tmp_path: Path) -> None:
    workloads = WorkloadControl(loaded.cluster("test"))
    try:
        started = await workloads.start(REQUEST)
        assert started.state is WorkloadState.RUNNING
        for node in REQUEST.nodes:
            await until(_measured(workloads, node))
        running = _drivers(tmp_path)
        figures = workloads.figures("n1")["tpch"]
    finally:
        stopped = await workloads.stop()

    assert set(figures.types) <= set(Tpch.types)
    assert [each.state for each in stopped] == [WorkloadState.PREPARED]
    assert len(running) == 2
    assert _drivers(tmp_path) == []


async def test_prepare_and_validate_of_loaded_tables_succeed(loaded: Engine) -> None:
    node, told = target(loaded), [(0, 0)]

    await Tpch().prepare(node, REQUEST, lambda done, total: told.append((done, total)))
    findings = await Tpch().validate(node, REQUEST)

    # All was there already.
    assert told[1:] == [(86_805, 86_805)]
    assert await Tpch().missing(node, REQUEST) == ""
    assert len(findings) == 22
    assert all(each.holds for each in findings)


async def test_a_scale_factor_that_was_not_prepared_is_missing(engine: Engine) -> None:
    request = WorkloadRequest("tpch", "power", ("n1",), options=TpchOptions(3))

    assert await Tpch().missing(target(engine), request) == "the tables of tpch_sf3 are not there"


def test_the_failure_that_the_driver_printed_is_explained() -> None:
    said = json.dumps({"query": 3}), json.dumps({"hopeless": "the tables are not there"})

    complaint = Tpch().explain(said, 1)
    assert (complaint.text, complaint.permanent) == ("the tables are not there", True)
    assert Tpch().explain(("Traceback:", "ValueError: x"), 1).text == "the driver ended with status 1: ValueError: x"
    assert Tpch().explain(("3", "[]", '"hopeless"'), -9).text == "the driver was ended by signal 9"
    assert Tpch().explain((), 2).text == "the driver ended with status 2"
