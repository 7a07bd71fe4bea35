"""The run log: written by several processes, readable in any state."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.clients.run_log import STOPPED, TIME_IS_UP, RunLog
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.workloads.clients.run_log import PastRun

REQUEST = WorkloadRequest(nodes=("n1", "n2"), options=SysbenchOptions(2, 100))
RUN = Run("r7k2", "n1", REQUEST, 1, 0.0, 1000.0, 1060.0)
TOTALS = RunTotals(60, 20.5, 410, 0, p95_ms=12.5, types={"all": TypeTotals(20.5, 0)}, extra={"tpmc": 3})


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def history(_state: None) -> RunLog:
    return RunLog("test")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _only(history: RunLog) -> PastRun:
    (run,) = history.read().runs()
    return run


def _put(run: Run) -> None:
    runs = RunDirectory("test")
    claim = runs.claim(run.node, "sysbench")
    assert claim is not None
    with claim:
        runs.write(run)


def test_a_run_is_recorded_with_its_totals(history: RunLog) -> None:
    history.begun(RUN)
    history.begun(replace(RUN, node="n2", started_s=1001.0))
    history.ended(RUN, TIME_IS_UP, TOTALS)
    history.ended(replace(RUN, node="n2"), TIME_IS_UP, RunTotals())

    run = _only(history)

    assert (run.id, run.request, run.began_s, run.why) == ("r7k2", REQUEST, 1000.0, TIME_IS_UP)
    assert run.nodes["n1"].totals == TOTALS
    assert run.ended_s is not None


def test_different_reasons_are_given_by_node(history: RunLog) -> None:
    history.begun(RUN)
    history.begun(replace(RUN, node="n2"))
    history.ended(RUN, STOPPED, TOTALS)
    history.ended(replace(RUN, node="n2"), "no tables", RunTotals())

    assert _only(history).why == "n1: it was stopped; n2: no tables"


def test_a_running_run_has_no_end(history: RunLog, sleeper: subprocess.Popen[bytes]) -> None:
    run = replace(RUN, pid=sleeper.pid, born_s=born_s(sleeper.pid))
    _put(run)
    history.begun(run)

    assert (_only(history).ended_s, _only(history).why) == (None, "")


def test_the_reason_of_a_killed_supervisor_is_recorded(history: RunLog) -> None:
    history.begun(RUN)

    assert "killed" in _only(history).why
    assert _only(history).nodes["n1"].totals is None


def test_the_totals_of_a_run_outlive_its_supervisor(history: RunLog) -> None:
    history.begun(RUN)
    history.save(RUN, RunTotals(5))
    history.save(RUN, TOTALS)
    killed = _only(history)
    history.begun(replace(RUN, id="later", started_s=2000.0))

    assert killed.ended_s is not None
    assert "killed" in killed.why
    assert killed.nodes["n1"].totals == TOTALS
    assert [(run.id, run.nodes["n1"].totals) for run in history.read().runs()] == [("later", None), ("r7k2", TOTALS)]


def test_a_running_run_does_not_count_as_killed(history: RunLog, sleeper: subprocess.Popen[bytes]) -> None:
    run = replace(RUN, pid=sleeper.pid, born_s=born_s(sleeper.pid))
    _put(run)
    history.begun(run)
    history.save(run, TOTALS)

    assert (_only(history).ended_s, _only(history).why) == (None, "")


def test_a_recorded_end_takes_precedence_over_a_saved_one(history: RunLog) -> None:
    history.begun(RUN)
    history.save(RUN, RunTotals(5))
    (kept,) = history.path.parent.glob("*.so_far")
    before = kept.read_bytes()
    history.ended(RUN, STOPPED, TOTALS)
    assert not kept.exists()

    kept.write_bytes(before)
    assert (_only(history).why, _only(history).nodes["n1"].totals) == (STOPPED, TOTALS)


def test_the_newest_comes_first(history: RunLog) -> None:
    for number in range(3):
        history.begun(replace(RUN, id=f"r{number}", started_s=1000.0 + number))

    assert [run.id for run in history.read().runs()] == ["r2", "r1", "r0"]


def test_no_history_is_an_empty_one(history: RunLog) -> None:
    assert history.read().runs() == ()


def test_a_truncated_run_log_loses_one_line(history: RunLog) -> None:
    history.begun(RUN)
    whole = history.path.read_bytes()
    for end in range(len(whole) - 1):
        history.path.write_bytes(whole[:end])
        history.begun(replace(RUN, id="later"))
        assert "later" in {run.id for run in history.read().runs()}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80), st.recursive(st.none() | st.integers() | st.text(max_size=4), st.lists, max_leaves=4))
def test_no_content_makes_the_run_log_unreadable(history: RunLog, garbage: bytes, value: object) -> None:
    history.path.parent.mkdir(parents=True, exist_ok=True)
    strange = [{"what": "begun", "id": value, "node": value, "time_s": value, "request": value}, {"what": value}, value]
    lines = [json.dumps(each).encode() for each in strange]
    history.path.write_bytes(b"\n".join((*lines, garbage, b"")))
    history.begun(RUN)

    assert [run.id for run in history.read().runs()] == ["r7k2"]


def test_the_run_log_is_bounded_in_size(history: RunLog) -> None:
    history.path.parent.mkdir(parents=True)
    history.path.write_bytes(b"x" * 8_000_001)
    history.begun(RUN)

    assert history.path.stat().st_size < 10_000
    assert _only(history).id == "r7k2"


def test_a_full_disk_drops_the_record_and_raises_nothing(history: RunLog) -> None:
    history.path.parent.mkdir(parents=True)
    history.path.symlink_to("/dev/full")

    history.begun(RUN)
    history.ended(RUN, STOPPED, TOTALS)

    assert Path("/dev/full").is_char_device()
