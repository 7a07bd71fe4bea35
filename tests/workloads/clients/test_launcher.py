"""Starting, supervising and ending client programs of all kinds of behaviour."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from distdiag_core.errors import CommandFailedError
from distdiag_core.workloads import timestamped_log
from distdiag_core.workloads.benchmarks.sysbench.sysbench_report import parse
from distdiag_core.workloads.clients import client_log, launcher
from distdiag_core.workloads.clients.client_job import ClientJob
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.endpoint import Endpoint
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.waiting import until
from tests.workloads.conftest import has_ended

_SECRET = "do-not-show"
_REPORT = "[ 1s ] thds: 1 tps: 5.00 qps: 9.00 (r/w/o: 1.00/2.00/3.00) lat (ms,95%): 1.65 err/s: 0.00 reconn/s: 0.00"
_STEADY = f"while :; do echo '{_REPORT}'; sleep 0.1; done"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture
def runs(_state: None) -> RunDirectory:
    return RunDirectory("test")


@pytest.fixture
def sleeper() -> Iterator[int]:
    """The pid of a process that its parent does not reap during the test."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process.pid
        process.kill()


def _job(script: str, duration_s: float | None = 60) -> ClientJob:
    """A job for a program that calls itself sysbench and does what `script` says."""
    program = _programs() / "sysbench"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    request = WorkloadRequest(nodes=("n1",), duration_s=duration_s)
    return ClientJob("test", "r7k2", "n1", request, {"n1": Endpoint("127.0.0.1", 1, "root", _SECRET)})


def _programs() -> Path:
    return Path(os.environ["PATH"].partition(":")[0])


async def _started(runs: RunDirectory, job: ClientJob) -> tuple[Run, psutil.Process]:
    await launcher.launch(job)
    run = runs.read("n1", "sysbench")
    assert run is not None
    supervisor = run.process()
    assert supervisor is not None
    return run, supervisor


async def _reporting(runs: RunDirectory, *, after_s: float = 0) -> None:
    await until(lambda: client_log.figures(timestamped_log.tail(runs.log("n1", "sysbench")), parse, since_s=after_s))


async def test_clients_report_until_they_are_ended(runs: RunDirectory) -> None:
    run, supervisor = await _started(runs, _job(_STEADY))
    await _reporting(runs)
    family = [supervisor, *supervisor.children(recursive=True)]

    await launcher.end(run)

    assert all(map(has_ended, family))
    assert runs.read("n1", "sysbench") is None


async def test_clients_end_when_their_time_is_over(runs: RunDirectory) -> None:
    run, _ = await _started(runs, _job(_STEADY, duration_s=1))
    assert run.ends_s == run.started_s + 1

    await until(lambda: runs.read("n1", "sysbench") is None and run.process() is None)


async def test_clients_that_ignore_the_signal_are_killed(runs: RunDirectory) -> None:
    run, supervisor = await _started(runs, _job(f"trap '' TERM; {_STEADY}"))
    await _reporting(runs)
    (client,) = supervisor.children()

    await launcher.end(run)

    await until(lambda: has_ended(client))


async def test_a_supervisor_that_hangs_is_killed_with_its_clients(runs: RunDirectory) -> None:
    run, supervisor = await _started(runs, _job(_STEADY))
    await _reporting(runs)
    (client,) = supervisor.children()
    supervisor.send_signal(signal.SIGSTOP)

    await launcher.end(run)

    assert run.process() is None
    await until(lambda: has_ended(client))


async def test_clients_do_not_outlive_a_supervisor_that_is_killed(runs: RunDirectory) -> None:
    run, supervisor = await _started(runs, _job(_STEADY, duration_s=None))
    await _reporting(runs)
    (client,) = supervisor.children()

    supervisor.kill()

    await until(lambda: has_ended(client))
    assert runs.find() == ()
    await launcher.end(run)


async def test_clients_that_crash_are_restarted(runs: RunDirectory) -> None:
    run, supervisor = await _started(runs, _job(_STEADY))
    await _reporting(runs)
    (first,) = supervisor.children()

    first.kill()
    await until(lambda: client_log.remark(timestamped_log.tail(runs.log("n1", "sysbench")), parse))
    assert "trying again" in client_log.remark(timestamped_log.tail(runs.log("n1", "sysbench")), parse)
    await _reporting(runs, after_s=time.time())

    assert run.process() is not None
    await launcher.end(run)


async def test_a_permanent_failure_ends_the_run_and_is_reported(runs: RunDirectory) -> None:
    script = "echo \"FATAL: error 1049: Unknown database 'sbtest'\"; exit 1"
    run, _ = await _started(runs, _job(script))

    await until(lambda: run.process() is None)

    (failed,) = runs.find()
    assert isinstance(failed, Run)
    assert "prepare it first" in failed.failure


def _shown(process: psutil.Process) -> bytes:
    """What others may read of a process."""
    return b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))


def _written(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


async def test_the_password_reaches_the_clients_and_nothing_else(runs: RunDirectory, tmp_path: Path) -> None:
    # The option file is the third argument. The pattern is not the password itself, or it would be on file.
    script = f'grep -c "{_SECRET[:-1]}[{_SECRET[-1]}]" "${{3#--config-file=}}"; {_STEADY}'
    run, supervisor = await _started(runs, _job(script))
    await _reporting(runs)

    shown = b"".join(map(_shown, (supervisor, *supervisor.children())))
    lines = [line.text for line in timestamped_log.tail(runs.log("n1", "sysbench"))]
    await launcher.end(run)

    assert "1" in lines
    assert b"--config-file=/dev/fd/" in shown
    assert _SECRET.encode() not in shown + _written(tmp_path)


async def test_an_unwritable_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "distdiag").write_text("a file in the way")

    with pytest.raises(CommandFailedError, match="n1: clients of sysbench: the run cannot be put on file"):
        await launcher.launch(_job(_STEADY))


async def test_ending_an_ended_run_is_no_error(runs: RunDirectory) -> None:
    run, _ = await _started(runs, _job(_STEADY))
    await launcher.end(run)
    await launcher.end(run)

    assert run.process() is None


async def test_a_supervisor_that_nobody_reaps_has_ended(sleeper: int) -> None:
    run = Run("r7k2", "n1", WorkloadRequest(nodes=("n1",)), sleeper, born_s(sleeper), time.time())

    await launcher.end(run)

    assert run.process() is None
    # Its end was noticed without reaping it.
    assert psutil.Process(sleeper).status() == psutil.STATUS_ZOMBIE


async def test_of_concurrent_starts_one_succeeds(runs: RunDirectory) -> None:
    outcomes = await asyncio.gather(*(launcher.launch(_job(_STEADY)) for _ in range(3)), return_exceptions=True)

    refused = [str(outcome) for outcome in outcomes if isinstance(outcome, CommandFailedError)]
    assert len(refused) == len(outcomes) - 1
    assert all("runs already on this node; stop it first" in text for text in refused)
    (run,) = runs.find()
    assert isinstance(run, Run)
    await launcher.end(run)


async def test_removing_an_old_run_keeps_a_newer_one(runs: RunDirectory) -> None:
    old, _ = await _started(runs, _job(_STEADY))
    await launcher.end(old)
    new, _ = await _started(runs, _job(_STEADY))

    runs.forget("n1", "sysbench")

    assert runs.find() == (new,)
    await launcher.end(new)


async def test_clients_without_a_run_file_end_by_themselves(runs: RunDirectory) -> None:
    run, _ = await _started(runs, _job(_STEADY, duration_s=None))
    await _reporting(runs)

    runs.remove("n1", "sysbench")

    await until(lambda: run.process() is None)
