"""However a lease is ended, and by how many at once: nothing of it is left, and nobody gives up on it."""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError
from tests.anomalies.conftest import injector_here
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cluster.shell import CommandResult
    from tests.anomalies.conftest import Here

# Writes down how long it is asked to wait, and waits next to nothing. What may take its time to undo the trouble has
# it, until there is a file, and the steps to the deadline are steps.
IMPATIENT = """#!/bin/sh
if [ "$1" = 300 ] && [ ! -e {here}/too-long ]; then exec /bin/sleep 300; fi
if [ "$1" = 5 ]; then exec /bin/sleep 0.1; fi
echo "$1" >>{here}/pauses
exec /bin/sleep 0.01
"""


async def test_the_supervisor_never_gives_up(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_on_path(here.directory / "bin", "sleep", IMPATIENT.format(here=here.directory), monkeypatch)
    (injection,) = await here.inject("reluctant", "n1", duration_s=77)
    pauses = here.directory / "pauses"
    (here.leases / injection.id / "open").unlink()
    await until(lambda: _lines(pauses).count("30") >= 70, "many tries", within_s=90)
    assert [pause for pause in _lines(pauses) if pause != "0.05"][:6] == ["2", "4", "8", "16", "30", "30"]
    (here.directory / "data" / "let-go").touch()
    await until(lambda: not (here.leases / injection.id).exists(), "the lease to end")


async def test_what_cannot_be_ended_at_once_is_gone_on_with_by_its_supervisor(here: Here) -> None:
    (injection,) = await here.inject("reluctant", "n1", duration_s=600)
    (left,) = await here.injector.clear([injection.id])
    assert left.state is InjectionState.ORPHANED
    assert left.detail == "it was undone but is still there: no leave to go"
    (here.directory / "data" / "let-go").touch()
    await until(lambda: not (here.leases / injection.id).exists(), "the lease to end long before its deadline")
    assert here.processes(injection.id) == set()


async def test_an_undoing_that_hangs_is_killed_and_tried_again(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_on_path(here.directory / "bin", "sleep", IMPATIENT.format(here=here.directory), monkeypatch)
    (injection,) = await here.inject("hanging", "n1", duration_s=77)
    too_long, pauses = here.directory / "too-long", here.directory / "pauses"
    too_long.touch()
    (here.leases / injection.id / "open").unlink()
    await until(lambda: _lines(pauses).count("300") >= 2, "a second try")
    trouble = here.leases / injection.id / "trouble"
    await until(lambda: "hung for 300 s, and was killed" in trouble.read_text(encoding="ascii"), "the reason")
    (here.directory / "data" / "let-go").touch()
    too_long.unlink()
    await until(lambda: not here.left, "the lease to end")


async def test_what_was_half_removed_long_ago_goes_when_another_begins(here: Here) -> None:
    ended = here.leases / ".ended-1powercut-7"
    ended.mkdir(mode=0o700, parents=True)
    here.leases.chmod(0o700)
    (ended / "account").write_text("password=secret\n", encoding="ascii")
    long_ago_s = time.time() - 16 * 60
    os.utime(ended, (long_ago_s, long_ago_s))
    await here.inject("mark", "n1")
    assert not ended.exists()


async def test_what_comes_late_does_not_begin_on_a_lease_that_was_ended(here: Here) -> None:
    (injection,) = await here.inject("sticky", "n1")
    lease = here.leases / injection.id
    await here.injector.clear([injection.id])
    late = here.directory / "data" / "late"
    (lease / "run").write_text(f"mkdir {late}\n", encoding="ascii")
    result = await _program(lease, "enter", injection.id, "run")
    assert (result.status, result.stderr) == (1, "it was cleared meanwhile\n")
    assert not late.exists()


@pytest.mark.parametrize("anomaly", ["mark", "sleep"])
async def test_clearing_what_is_just_being_armed_leaves_nothing(here: Here, anomaly: str) -> None:
    for _ in range(6):
        plan = await here.injector.plan(InjectionRequest(anomaly, ("n1",), "low", 60))
        name = plan.steps[0].id
        injecting = asyncio.create_task(here.injector.inject(plan))
        await until((here.leases / name).exists, "the lease to be there")
        await injector_here(here.cluster, here.leases).clear_all()
        (failure,) = await asyncio.gather(injecting, return_exceptions=True)
        if isinstance(failure, BaseException):
            assert isinstance(failure, CommandFailedError)
            assert "nothing of it is left" in str(failure)
        await here.injector.clear_all()
        assert here.left == []
        assert here.processes(name) == set()


async def test_several_may_end_the_same_lease_at_the_same_time(here: Here) -> None:
    consoles = [injector_here(here.cluster, here.leases) for _ in range(4)]
    for _ in range(4):
        await here.inject("sleep", "n1")
        ended = await asyncio.gather(*(console.clear_all() for console in consoles))
        assert {injection.state for each in ended for injection in each} == {InjectionState.CLEARED}
        assert here.left == []


async def _program(lease: Path, *arguments: str) -> CommandResult:
    """What the program of a lease does when it is asked for this."""
    launch = 'program=$(cat "$1"); shift; eval "$program"'
    command = shlex.join(["sh", "-c", launch, "test", str(lease / "program"), str(lease.parent), *arguments])
    return await LocalShell("n1").run(command)


def _put_on_path(directory: Path, name: str, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.mkdir()
    (directory / name).write_text(program, encoding="ascii")
    (directory / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=":")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split() if path.exists() else []
