"""A stopped or killed observer stays so until the last that wants it so has ended, and then runs again, once."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError, UnsupportedError
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.anomalies.injection import Injection

# Writes down that it was started, and what it inherited; then it listens.
OBSERVER = """
import os, signal, socket, sys
place = sys.argv[1]
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[2])))
ignored = [each.name for each in (signal.SIGHUP, signal.SIGTERM) if signal.getsignal(each) == signal.SIG_IGN]
with open(place + "/starts", "a") as starts:
    starts.write(f"{os.getpid()} {os.nice(0)} {open('/proc/self/oom_score_adj').read().strip()} {ignored}\\n")
if len(sys.argv) == 3 or os.fork():
    listener.listen()
signal.pause()
"""


@dataclass(frozen=True)
class Observed:
    """A process that listens on a port as an observer does, and an injector that may stop and kill it."""

    directory: Path
    port: int
    injector: Injector

    async def inject(self, anomaly: str, duration_s: float = 60) -> Injection:
        plan = await self.injector.plan(InjectionRequest(anomaly, ("n1",), "high", duration_s))
        (injection,) = await self.injector.inject(plan)
        return injection

    def supervisor(self, injection: Injection) -> int:
        """The process that ends it."""
        lease = self.directory / "leases" / injection.id
        return int((lease / "supervisor").read_text(encoding="ascii").split()[0])

    async def clear(self, injection: Injection) -> None:
        (cleared,) = await self.injector.clear([injection.id])
        assert (cleared.state, cleared.detail) == (InjectionState.CLEARED, injection.detail)

    @property
    def starts(self) -> list[str]:
        """A line for each time that it was started: process, niceness, favour of the out-of-memory killer, signals."""
        file = self.directory / "starts"
        return file.read_text(encoding="ascii").splitlines() if file.exists() else []

    @property
    def pid(self) -> int:
        """Of the last that was started."""
        return int(self.starts[-1].split()[0])

    @property
    def state(self) -> str:
        """As the kernel has it: S, T; empty where it is gone."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return ""
        return stat.rpartition(") ")[2][0].replace("Z", "")

    @property
    def listens(self) -> bool:
        """Whether somebody could connect."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
async def observed(tmp_path: Path) -> AsyncGenerator[Observed]:
    port = free_port()
    (tmp_path / "observer.py").write_text(OBSERVER, encoding="ascii")
    start = f"setsid --fork {_command(tmp_path, port)}"
    observed = Observed(tmp_path, port, _injector(tmp_path, port, start))
    await _started(observed, start)
    yield observed
    await observed.injector.clear_all()
    for line in observed.starts:
        with suppress(ProcessLookupError):
            _kill(int(line.split()[0]))


def _command(directory: Path, port: int) -> str:
    words = [sys.executable, str(directory / "observer.py"), str(directory), str(port)]
    return f"{shlex.join(words)} >>{shlex.quote(str(directory / 'log'))} 2>&1 </dev/null"


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _injector(directory: Path, port: int, start: str | None) -> Injector:
    node = NodeSettings(
        name="n1", host="127.0.0.1", connection="local", sql=SqlSettings(port=port), start_command=start
    )
    protect = Protection(allow=("node_hang", "node_down"))
    cluster = ClusterSettings(name="here", nodes=(node,), read_only=False, sections=(protect,))
    return Injector(cluster, {"n1": LocalShell("n1")}, catalogue.load(), lease_directory=str(directory / "leases"))


async def _started(observed: Observed, start: str) -> None:
    (await LocalShell("n1").run(start)).check()
    await until(lambda: observed.listens, "the observer to listen")


async def test_a_hung_observer_goes_on_when_it_is_cleared(observed: Observed) -> None:
    injection = await observed.inject("node_hang")
    assert (injection.state, observed.state) == (InjectionState.ACTIVE, "T")
    await observed.clear(injection)
    assert observed.state == "S"
    assert len(observed.starts) == 1


async def test_a_hung_observer_goes_on_at_the_deadline(observed: Observed) -> None:
    await observed.inject("node_hang", duration_s=12)
    await until(lambda: observed.state == "S", "the observer to go on")


async def test_of_two_hangs_the_last_one_lets_it_go_on(observed: Observed) -> None:
    first, second = await observed.inject("node_hang"), await observed.inject("node_hang")
    await observed.clear(first)
    assert observed.state == "T"
    await observed.clear(second)
    assert observed.state == "S"


async def test_who_lets_it_go_on_behind_our_back_does_not_end_the_hang(observed: Observed) -> None:
    injection = await observed.inject("node_hang")
    await LocalShell("n1").run(f"kill -CONT {observed.pid}")
    await until(lambda: observed.state == "T", "it to be stopped again")
    await observed.clear(injection)


async def test_an_orphaned_hang_is_undone_when_it_is_cleared(observed: Observed) -> None:
    injection = await observed.inject("node_hang")
    _kill(observed.supervisor(injection))
    await until(lambda: observed.state == "T", "it to be stopped")
    (orphan,) = await observed.injector.active()
    assert orphan.state is InjectionState.ORPHANED
    await observed.injector.clear_all()
    assert observed.state == "S"


async def test_a_killed_observer_is_started_again_as_it_was(observed: Observed) -> None:
    before = observed.starts[0].split()[1:]
    injection = await observed.inject("node_down")
    assert (observed.state, observed.listens) == ("", False)
    await observed.clear(injection)
    assert observed.listens
    assert [line.split()[1:] for line in observed.starts] == [before, before]


async def test_a_killed_observer_is_started_again_at_the_deadline_as_it_was(observed: Observed) -> None:
    before = observed.starts[0].split()[1:]
    await observed.inject("node_down", duration_s=12)
    await until(lambda: observed.listens, "the observer to be back")
    assert [line.split()[1:] for line in observed.starts] == [before, before]


@pytest.mark.parametrize("end", [" &", ""], ids=["in the background", "in the foreground"])
async def test_an_observer_that_is_no_daemon_outlives_who_started_it(observed: Observed, end: str) -> None:
    start = _command(observed.directory, observed.port) + end
    observed = replace(observed, injector=_injector(observed.directory, observed.port, start))
    injection = await observed.inject("node_down")
    supervisor = observed.supervisor(injection)
    # Whoever ends it takes the leave to go on away, and wakes the supervisor: its child sleeps.
    (observed.directory / "leases" / injection.id / "open").unlink()
    process = Path(f"/proc/{supervisor}")
    children = await asyncio.to_thread((process / f"task/{supervisor}/children").read_text, "ascii")
    for child in children.split():
        _kill(int(child))
    await until(lambda: not process.exists(), "the supervisor to be gone")
    assert observed.listens
    assert await observed.injector.active() == ()


async def test_an_observer_that_cannot_be_started_is_told_and_tried_again(observed: Observed) -> None:
    ready = observed.directory / "ready"
    start = f"test -e {ready} && setsid --fork {_command(observed.directory, observed.port)}"
    observed = replace(observed, injector=_injector(observed.directory, observed.port, start))
    injection = await observed.inject("node_down")
    (left,) = await observed.injector.clear([injection.id])
    assert left.state is InjectionState.ORPHANED
    assert left.detail.startswith("it was undone but is still there: the observer cannot be started: test -e")
    await asyncio.to_thread(ready.touch)
    (cleared,) = await observed.injector.clear([injection.id])
    assert cleared.state is InjectionState.CLEARED
    assert observed.listens


async def test_of_two_that_kill_it_the_last_one_starts_it_once(observed: Observed) -> None:
    first, second = await observed.inject("node_down"), await observed.inject("node_down")
    await observed.clear(first)
    assert not observed.listens
    await observed.clear(second)
    assert observed.listens
    assert len(observed.starts) == 2


async def test_two_that_end_at_the_same_time_start_it_once(observed: Observed) -> None:
    for _ in range(2):
        await observed.inject("node_down")
    await observed.injector.clear_all()
    assert observed.listens
    assert len(observed.starts) == 2


async def test_what_was_down_before_is_refused_and_not_started(observed: Observed) -> None:
    _kill(observed.pid)
    await until(lambda: not observed.listens, "the observer to be gone")
    for anomaly in ("node_hang", "node_down"):
        with pytest.raises((UnsupportedError, CommandFailedError), match="listens on"):
            await observed.inject(anomaly)
    assert len(observed.starts) == 1


async def test_several_processes_on_one_port_are_not_touched(observed: Observed) -> None:
    _kill(observed.pid)
    await until(lambda: not observed.listens, "the observer to be gone")
    words = [
        sys.executable,
        str(observed.directory / "observer.py"),
        str(observed.directory),
        str(observed.port),
        "fork",
    ]
    several = await asyncio.create_subprocess_exec(*words, start_new_session=True)
    await until(lambda: observed.listens, "the observers to listen")
    for anomaly in ("node_hang", "node_down"):
        with pytest.raises(
            CommandFailedError, match=f"not one process that we can see listens on port {observed.port}"
        ):
            await observed.inject(anomaly)
    assert several.returncode is None
    assert observed.state == "S"
    os.killpg(several.pid, signal.SIGKILL)
    await several.wait()


async def test_a_node_that_nobody_can_start_again_is_not_killed(observed: Observed) -> None:
    injector = _injector(observed.directory, observed.port, None)
    with pytest.raises(UnsupportedError, match="does not give the node's start_command"):
        await injector.plan(InjectionRequest("node_down", ("n1",), "high", 60))
