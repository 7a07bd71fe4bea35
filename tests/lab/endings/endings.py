"""The kinds of ends of an injection, from the regular to the violent.

Each is a context: it begins an anomaly on a node, makes it end, and says when that is due. What it has broken around
the node is mended when the context is left.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.errors import DistdiagError
from distdiag_core.operations.connect_injections import connect_injections
from tests.lab.endings.victim import PROGRAM
from tests.lab.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.operations.injections import Injections
    from tests.lab.endings.victim import Victim

    Ending = Callable[["Victim", str, "Victim"], AbstractAsyncContextManager["Due"]]


@dataclass(frozen=True)
class Due:
    """In seconds since the epoch.

    Attributes:
        gone_s: by when nothing may be left of it.
        there_until_s: until when it has to be there, where only its deadline may end it.
    """

    gone_s: float
    there_until_s: float = 0.0


_DURATION_S = 8
# What is slow to begin must not meet its deadline before its effect is proved.
_SLOW_DURATION_S = 15
# How many times longer the first of two stays, so that the second one ends while the first one is still to be there.
_LONGER = 3


def _duration_s(anomaly: str) -> int:
    found = catalogue.load().get(anomaly)
    assert found is not None
    return _SLOW_DURATION_S if any(method.patience_s > _DURATION_S * 2 for method in found.methods) else _DURATION_S


async def _inject(verbs: Injections, victim: Victim, anomaly: str, duration_s: float | None = None) -> Injection:
    request = InjectionRequest(anomaly, (victim.name,), "low", duration_s or _duration_s(anomaly))
    (injection,) = await verbs.inject(await verbs.plan(request))
    return injection


@asynccontextmanager
async def _watching(victim: Victim, anomaly: str, file: Path) -> AsyncGenerator[tuple[asyncio.subprocess.Process, Due]]:
    """A process that has injected and stays, and when the deadline comes."""
    asked_s = time.time()
    arguments = ("--config", str(file), "inject", anomaly, "--node", victim.name, "--severity", "low", "--watch")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, *arguments, "--for", f"{_duration_s(anomaly)}s"), stdout=DEVNULL, stderr=PIPE
    )
    try:
        assert process.stderr is not None
        said: list[str] = []
        while "is active" not in (line := (await process.stderr.readline()).decode()):
            said.append(line)
            assert line, f"it could not be begun: {''.join(said)}"
        # It has begun after it was asked for, and before it was reported.
        yield process, Due(time.time() + _duration_s(anomaly), asked_s + _duration_s(anomaly))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def normal_end(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """Its deadline comes."""
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        asked_s = time.time()
        injection = await _inject(verbs, victim, anomaly)
        yield Due(injection.deadline_s, asked_s + _duration_s(anomaly))


@asynccontextmanager
async def cleared_by_key(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """One key in the real console, which did not begin it."""
    command = [sys.executable, "-c", PROGRAM, "--config", str(victim.file)]
    terminal = Terminal(command, {"XDG_DATA_HOME": str(victim.directory)})
    with terminal:
        await asyncio.to_thread(terminal.wait, lambda screen: "1/1 nodes" in screen, "it is in reach", within_s=60)
        async with connect_injections(victim.settings, catalogue.load()) as verbs:
            await _inject(verbs, victim, anomaly, 120)
        terminal.keys("C-x")
        yield Due(time.time())


@asynccontextmanager
async def console_killed(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """Who began it dies without a word."""
    async with _watching(victim, anomaly, victim.file) as (process, due):
        process.kill()
        yield due


@asynccontextmanager
async def ssh_server_killed(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The node's SSH server dies with all its sessions, and is back only afterwards."""
    boot = await victim.inside("cat /opt/observer/boot.sh")
    assert "sleep infinity" in boot, "this lab is older than its code, and its nodes end with sshd: take it down and up"
    async with _watching(victim, anomaly, victim.file) as (_process, due):
        await victim.inside("kill -KILL $(pgrep -x 'sshd|sshd-session|sshd-auth')")
        try:
            yield due
        finally:
            await victim.process.run_inside("/usr/sbin/sshd")


@asynccontextmanager
async def link_cut(victim: Victim, anomaly: str, jump: Victim) -> AsyncGenerator[Due]:
    """The jump host no longer passes on a single packet."""
    file = victim.cluster_file(f"{victim.name}-by-{jump.name}", jump.node.host)
    rules = [f"{chain} {end} {victim.node.host} -j DROP" for chain, end in (("INPUT", "-s"), ("OUTPUT", "-d"))]
    async with _watching(victim, anomaly, file) as (_process, due):
        await jump.inside("; ".join(f"iptables-legacy -w 5 -I {rule}" for rule in rules))
        try:
            yield due
        finally:
            await jump.inside("; ".join(f"iptables-legacy -w 5 -D {rule}" for rule in rules))


# Ends, by the first number, the process that started a supervisor, as soon as there is one whose parent is not init.
_KILL_PARENT = """
until [ -n "${parent:-}" ]; do
    for file in /var/lib/distdiag/*/supervisor; do
        [ -r "$file" ] && read -r pid _ <"$file" && read -r stat <"/proc/$pid/stat" || continue
        set -- ${stat##*) }
        parent=$2
    done
done 2>/dev/null
[ "$parent" = 1 ] || kill -KILL "$parent"
echo "$parent"
"""


@asynccontextmanager
async def parent_killed(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """What started the supervisor is killed while it still starts the injection."""
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        async with asyncio.TaskGroup() as tasks:
            killing = tasks.create_task(victim.inside(_KILL_PARENT))
            # Whether it could still be begun does not matter here.
            with suppress(DistdiagError):
                await _inject(verbs, victim, anomaly)
        assert int(killing.result()) > 1, "the supervisor had no parent any more"
        yield Due(time.time() + _duration_s(anomaly))


@asynccontextmanager
async def two_at_once(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """Another anomaly is there already, and stays longer."""
    other = "io_stress" if anomaly == "cpu_stress" else "cpu_stress"
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        asked_s, longer_s = time.time(), _LONGER * _duration_s(anomaly)
        first = await _inject(verbs, victim, other, longer_s)
        second = await _inject(verbs, victim, anomaly)
        yield Due(max(first.deadline_s, second.deadline_s), asked_s + longer_s)


@asynccontextmanager
async def injected_twice(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The same once more, but shorter; a second one may be refused. Either way the first one keeps its deadline."""
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        asked_s, longer_s = time.time(), _LONGER * _duration_s(anomaly)
        first = await _inject(verbs, victim, anomaly, longer_s)
        second = None
        with suppress(DistdiagError):
            second = await _inject(verbs, victim, anomaly)
        yield Due(max(each.deadline_s for each in (first, second) if each is not None), asked_s + longer_s)


@asynccontextmanager
async def console_hung_up(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The terminal of who began it is closed."""
    async with _watching(victim, anomaly, victim.file) as (process, due):
        process.send_signal(signal.SIGHUP)
        yield Due(due.gone_s)


@asynccontextmanager
async def read_only_leases(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The directory of leases becomes read-only in the middle, and is mended after the deadline."""
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        injection = await _inject(verbs, victim, anomaly)
    await victim.inside(
        "cd /; d=/var/lib/distdiag; mount --bind $d $d && mount -o remount,bind,ro $d && ! touch $d/x 2>/dev/null"
    )
    try:
        await _passes(injection.deadline_s)
        # Proved from the copy, while the record itself cannot be removed.
        noted = "for _ in $(seq 400); do [ ! -e /dev/shm/distdiag-0/.undone-$1 ] || exit 0; sleep 0.1; done; exit 1"
        await victim.inside(noted, injection.id)
    finally:
        await victim.inside("umount -l /var/lib/distdiag")
    # The supervisor tries again after at most as long as it took until now.
    yield Due(time.time() + 16)


# The supervisor alone: the database of the node does not survive this, and is no part of it.
_NO_FORKS = """
group=/sys/fs/cgroup/pids
[ -d $group ] || group=/sys/fs/cgroup
read -r pid _ </var/lib/distdiag/$1/supervisor
mkdir $group/forkless && echo 1 >$group/forkless/pids.max && echo $pid >$group/forkless/cgroup.procs
"""
_FORKS = """
group=/sys/fs/cgroup/pids
[ -d $group ] || group=/sys/fs/cgroup
while read -r pid; do echo $pid >$group/cgroup.procs || :; done <$group/forkless/cgroup.procs
rmdir $group/forkless
"""


@asynccontextmanager
async def forks_failing(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The supervisor cannot have a process more when the deadline comes, nor for some time after that."""
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        injection = await _inject(verbs, victim, anomaly)
    await victim.inside(_NO_FORKS, injection.id)
    try:
        await _passes(injection.deadline_s + 3)
    finally:
        await victim.inside(_FORKS)
    # It rests for a second after each try.
    yield Due(time.time() + 2)


@asynccontextmanager
async def node_restarted(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The node is started again in the middle, and asked what is on it; no deadline is ever kept."""
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        await _inject(verbs, victim, anomaly, 120)
    await victim.restart()
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        await verbs.active()
        # The database needs its time before it can be asked to take anything back.
        yield Due(time.time() + 30)


# At once what can be reserved, then the rest.
_FILL = """
cd /var/lib/distdiag
fallocate -l "$(df --output=avail -B1 . | tail -n 1)" filling || :
cat /dev/zero >>filling 2>/dev/null || :
"""


# These need no database, which does not survive a full disk, and end while it is full.
_OF_THE_HOST = {
    "cpu_stress",
    "io_stress",
    "memory_stress",
    "network_bandwidth",
    "network_delay",
    "network_loss",
    "node_hang",
}


@asynccontextmanager
async def disk_full(victim: Victim, anomaly: str, _: Victim) -> AsyncGenerator[Due]:
    """The disk of the node takes nothing any more, from the middle until after the deadline."""
    before = await victim.look_at_host()
    async with connect_injections(victim.settings, catalogue.load()) as verbs:
        injection = await _inject(verbs, victim, anomaly)
    try:
        await victim.inside(_FILL)
        await _passes(injection.deadline_s)
        if anomaly in _OF_THE_HOST:
            async with asyncio.timeout(10):
                while (await victim.look_at_host()).against(before):  # noqa: ASYNC110 - it is outside this process
                    await asyncio.sleep(0.5)
        else:
            await _passes(injection.deadline_s + 3)
    finally:
        await victim.inside("rm -f /var/lib/distdiag/filling")
    await victim.start_database()
    # The supervisor tries again after at most as long as it took until now.
    yield Due(time.time() + 16)


async def _passes(when_s: float) -> None:
    await asyncio.sleep(max(0.0, when_s - time.time()))


ENDINGS: Mapping[str, Ending] = {
    ending.__name__: ending
    for ending in (
        normal_end,
        cleared_by_key,
        console_killed,
        ssh_server_killed,
        link_cut,
        parent_killed,
        two_at_once,
        injected_twice,
        console_hung_up,
        read_only_leases,
        forks_failing,
        node_restarted,
        disk_full,
    )
}
# These leave the victim, or the jump host that is another victim, without the way in that the others need.
DISRUPTIVE = {"ssh_server_killed", "link_cut", "node_restarted"}
