"""Run files, with real processes behind them."""

import json
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
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.mutations import mutations

_OF_ANOTHER_VERSION = b'{"id": "r7k2", "node": "n1", "request": {"kind": "tpcz", "nodes": ["n1"], "options": {}}}'


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _run(process: subprocess.Popen[bytes], node: str = "n1") -> Run:
    return Run(
        "r7k2",
        node,
        WorkloadRequest(nodes=(node,), options=SysbenchOptions()),
        process.pid,
        born_s(process.pid),
        1000.0,
        1060.5,
    )


def _put(run: Run) -> None:
    runs = RunDirectory("lab")
    claim = runs.claim(run.node, "sysbench")
    assert claim is not None
    with claim:
        runs.write(run)


def test_a_run_file_is_read_back(sleeper: subprocess.Popen[bytes]) -> None:
    run = _run(sleeper)
    _put(run)

    assert RunDirectory("lab").find() == (run,)
    assert RunDirectory("other").find() == ()


def test_a_run_whose_process_has_ended_is_not_found(sleeper: subprocess.Popen[bytes]) -> None:
    runs = RunDirectory("lab")
    _put(_run(sleeper))
    sleeper.kill()
    # Not waited for: a zombie is as dead as one that is gone.
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert runs.find() == ()

    sleeper.wait()
    assert runs.find() == ()


def test_a_failed_run_is_kept_for_the_operator(sleeper: subprocess.Popen[bytes]) -> None:
    run = replace(_run(sleeper), failure="no tables")
    sleeper.kill()
    sleeper.wait()
    _put(run)

    assert RunDirectory("lab").find() == (run,)


def test_another_process_with_the_same_pid_is_not_ours(sleeper: subprocess.Popen[bytes]) -> None:
    run = _run(sleeper)

    assert run.process() is not None
    assert replace(run, born_s=run.born_s - 3600).process() is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"node": "n1"}', b"\xff\xfe", b'{"request": {"nodes": 3}}', _OF_ANOTHER_VERSION]
)
def test_a_damaged_run_file_is_an_error_with_its_path(
    content: bytes, sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    _put(_run(sleeper))
    (file,) = tmp_path.rglob("n1+sysbench.json")
    file.write_bytes(content)

    with pytest.raises(DataError, match=r"n1\+sysbench\.json: cannot be read as a run.*remove the file"):
        RunDirectory("lab").read("n1", "sysbench")


def test_a_damaged_file_hides_no_other(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    run = _run(sleeper, "n2")
    _put(_run(sleeper))
    _put(run)
    (file,) = tmp_path.rglob("n1+sysbench.json")
    file.write_bytes(b"{")

    damaged, sound = RunDirectory("lab").find()

    assert isinstance(damaged, DataError)
    assert sound == run


def test_removing_a_run_twice_is_no_error(sleeper: subprocess.Popen[bytes]) -> None:
    runs = RunDirectory("lab")
    _put(_run(sleeper))
    runs.remove("n1", "sysbench")
    runs.remove("n1", "sysbench")

    assert runs.read("n1", "sysbench") is None


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cluster=st.text(min_size=1, max_size=20), node=st.text(min_size=1, max_size=20))
def test_no_name_escapes_the_directory(cluster: str, node: str, tmp_path: Path) -> None:
    try:
        log = RunDirectory(cluster).log(node, "sysbench")
    except UnicodeEncodeError:
        return

    assert log.parent.parent == tmp_path / "distdiag" / "workloads"
    assert log.resolve() == log


def test_whatever_a_run_file_holds_it_is_a_run_or_an_error_of_one_line(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    _put(_run(sleeper))
    (file,) = tmp_path.rglob("n1+sysbench.json")
    damaged = []
    for what, data in mutations(json.loads(file.read_bytes())):
        file.write_text(json.dumps(data), encoding="utf-8")
        for found in RunDirectory("lab").find():
            if isinstance(found, DataError):
                damaged.append(what)
                assert str(found).startswith(f"{file}: cannot be read as a run: "), what
                assert "\n" not in str(found), what
    assert len(damaged) > 150
