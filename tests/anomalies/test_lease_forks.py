"""A supervisor that cannot fork when its deadline comes goes on trying, and ends what it is there for."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from asyncio.subprocess import DEVNULL
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionState
from tests.anomalies.shells import SHELLS, become_sh
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from tests.anomalies.conftest import Here

_V1 = Path("/sys/fs/cgroup/pids")
_GROUPS = _V1 if _V1.is_dir() else Path("/sys/fs/cgroup")
_FORKS = "clone,clone3,fork,vfork"


def _may_limit() -> bool:
    return os.geteuid() == 0 and os.access(_GROUPS / "cgroup.procs", os.W_OK)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    become_sh(request.param, tmp_path / "bin", monkeypatch)
    return str(request.param)


@contextmanager
def _alone(process: int) -> Iterator[None]:
    """It may have no child: the limit of processes is reached."""
    group = _GROUPS / f"distdiag-test-{process}"
    group.mkdir()
    try:
        (group / "pids.max").write_text("1", encoding="ascii")
        (group / "cgroup.procs").write_text(str(process), encoding="ascii")
        yield
    finally:
        for member in (group / "cgroup.procs").read_text(encoding="ascii").split():
            (_GROUPS / "cgroup.procs").write_text(member, encoding="ascii")
        group.rmdir()


@asynccontextmanager
async def _without_memory(process: int) -> AsyncGenerator[None]:
    """None of its forks finds the memory that it needs."""
    words = ("strace", "-q", "-p", str(process), "-e", f"trace={_FORKS}", "-e", f"inject={_FORKS}:error=ENOMEM")
    tracer = await asyncio.create_subprocess_exec(*words, stderr=DEVNULL)
    await until(lambda: "TracerPid:\t0\n" not in _read(process, "status"), "it to be traced")
    try:
        yield
    finally:
        tracer.terminate()
        await tracer.wait()


async def _stays_until(here: Here, name: str, when_s: float) -> None:
    """What is left at the deadline has nothing of the trouble but its record and the supervisor."""
    supervisor = here.supervisor(name)
    await until(lambda: time.time() > when_s, "the deadline")
    await until(lambda: here.processes(name) == set(), "its processes to be killed, which takes no new one")
    assert here.birth(supervisor)
    assert here.left


@pytest.mark.skipif(not _may_limit(), reason="NEEDS ROOT, AND A CGROUP THAT LIMITS PROCESSES")
@pytest.mark.usefixtures("shell")
async def test_a_limit_of_processes_at_the_deadline_is_survived(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1", duration_s=3)
    with _alone(here.supervisor(injection.id)):
        await _stays_until(here, injection.id, injection.deadline_s + 2)
    await until(lambda: not here.left, "the lease to end", within_s=60)


@pytest.mark.skipif(shutil.which("strace") is None or os.geteuid() != 0, reason="NEEDS ROOT AND strace")
@pytest.mark.usefixtures("shell")
async def test_a_want_of_memory_at_the_deadline_is_survived(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1", duration_s=3)
    async with _without_memory(here.supervisor(injection.id)):
        await _stays_until(here, injection.id, injection.deadline_s + 2)
    await until(lambda: not here.left, "the lease to end", within_s=60)


@pytest.mark.skipif(not _may_limit(), reason="NEEDS ROOT, AND A CGROUP THAT LIMITS PROCESSES")
async def test_a_limit_long_before_the_deadline_changes_nothing(here: Here) -> None:
    (injection,) = await here.inject("mark", "n1", duration_s=600)
    supervisor = here.supervisor(injection.id)
    steps = Path(f"/proc/{supervisor}/cmdline")
    with _alone(supervisor):
        # It became the same program again, once or more.
        await until(
            lambda: b"sleep 1" in steps.read_bytes() or steps.read_bytes().endswith(b"\x003\x00"), "it to go on"
        )
    (active,) = await here.injector.active()
    assert active.state is InjectionState.ACTIVE
    (cleared,) = await here.injector.clear([injection.id])
    assert cleared.state is InjectionState.CLEARED
    await until(lambda: not steps.exists(), "the supervisor to be gone")


def _may_protect() -> bool:
    words = ["sh", "-c", "echo -1000 >/proc/self/oom_score_adj"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _may_protect(), reason="NEEDS TO BE ALLOWED TO PROTECT A PROCESS FROM THE KERNEL")
async def test_the_supervisor_is_the_last_that_the_kernel_kills_for_memory(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1")
    assert _read(here.supervisor(injection.id), "oom_score_adj").strip() == "-1000"


def _read(process: int, file: str) -> str:
    return Path(f"/proc/{process}/{file}").read_text(encoding="ascii")
