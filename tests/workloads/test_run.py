"""Runs on file, with real processes behind them."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from distdiag_core.errors import DataError
from distdiag_core.workloads.run import Run, RunDirectory, born_s
from distdiag_core.workloads.workload import WorkloadRequest


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _run(process: subprocess.Popen[bytes], node: str = "n1") -> Run:
    return Run(node, WorkloadRequest(nodes=(node,)), process.pid, born_s(process.pid), 1000.0, 1060.5)


def _put(run: Run) -> None:
    runs = RunDirectory("lab")
    claim = runs.claim(run.node)
    assert claim is not None
    with claim:
        runs.write(run)


def test_a_run_is_found_again(sleeper: subprocess.Popen[bytes]) -> None:
    run = _run(sleeper)
    _put(run)

    assert RunDirectory("lab").find(("n1", "n2")) == (run,)
    assert RunDirectory("other").find(("n1", "n2")) == ()


def test_a_run_whose_process_has_ended_is_over(sleeper: subprocess.Popen[bytes]) -> None:
    runs = RunDirectory("lab")
    _put(_run(sleeper))
    sleeper.kill()
    # Not waited for: a zombie is as dead as one that is gone.
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert runs.find(("n1",)) == ()

    sleeper.wait()
    assert runs.find(("n1",)) == ()


def test_a_failed_run_is_kept_for_the_operator(sleeper: subprocess.Popen[bytes]) -> None:
    run = replace(_run(sleeper), failure="no tables")
    sleeper.kill()
    sleeper.wait()
    _put(run)

    assert RunDirectory("lab").find(("n1",)) == (run,)


def test_another_process_with_the_same_pid_is_not_ours(sleeper: subprocess.Popen[bytes]) -> None:
    run = _run(sleeper)

    assert run.process() is not None
    assert replace(run, born_s=run.born_s - 3600).process() is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"node": "n1"}', b"\xff\xfe", b'{"request": {"nodes": 3}}'])
def test_a_damaged_file_is_named(content: bytes, sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    _put(_run(sleeper))
    (file,) = tmp_path.rglob("n1.json")
    file.write_bytes(content)

    with pytest.raises(DataError, match=r"n1\.json: cannot be read as a run.*remove the file"):
        RunDirectory("lab").read("n1")


def test_forgetting_a_run_twice_is_no_error(sleeper: subprocess.Popen[bytes]) -> None:
    runs = RunDirectory("lab")
    _put(_run(sleeper))
    runs.remove("n1")
    runs.remove("n1")

    assert runs.read("n1") is None


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cluster=st.text(min_size=1, max_size=20), node=st.text(min_size=1, max_size=20))
def test_no_name_leads_out_of_the_directory(cluster: str, node: str, tmp_path: Path) -> None:
    try:
        log = RunDirectory(cluster).log(node)
    except UnicodeEncodeError:
        return

    assert log.parent.parent == tmp_path / "distdiag" / "workloads"
    assert log.resolve() == log
