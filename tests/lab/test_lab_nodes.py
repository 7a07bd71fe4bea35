"""A node of the lab looks like a host of its own, and its database is one that can be stopped and started."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from distdiag_core import lab as distdiag_lab
from distdiag_core import places
from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.errors import DistdiagError
from distdiag_core.lab import keys, plan, probe
from distdiag_core.lab.programs import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from distdiag_core.cluster.node import Node
    from distdiag_core.lab.status import LabProgress

    from .conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]
_LIMIT_S = 60.0


@asynccontextmanager
async def _cluster() -> AsyncIterator[Cluster]:
    """The lab as any other cluster: through its file, with every node in reach."""
    async with asyncio.timeout(_LIMIT_S), Cluster(inventory.load(inventory.find("lab"))) as cluster:
        for node in cluster.nodes:
            await until(partial(_in_reach, node), timeout_s=20, failure="not in reach", where=node.settings.name)
        yield cluster


async def _in_reach(node: Node) -> bool:
    try:
        await node.shell.run("true")
        await node.database.query("SELECT 1")
    except DistdiagError:
        return False
    return True


async def _ask(node: Node, command: str) -> str:
    return (await node.shell.run(command)).check().stdout.strip()


async def test_every_node_is_itself_and_nobody_else() -> None:
    async with _cluster() as cluster:
        assert len(cluster.nodes) >= 3
        for node in cluster.nodes:
            assert await _ask(node, "hostname") == node.settings.name
            assert await _ask(node, "cat /proc/1/cmdline | tr '\\0' ' '") == "/bin/sh /opt/observer/boot.sh"
            assert await _ask(node, "pgrep -c -f '^/opt/observer/interpreter'") == "1"
            links = await _ask(node, "ls /sys/class/net")
            assert links.split() == ["eth0", "lo"]
            assert node.settings.host in await _ask(node, "ip -4 addr show dev eth0")


async def test_programs_see_the_limits_of_the_node() -> None:
    async with _cluster() as cluster:
        limits = plan.share(plan.machine(), len(cluster.nodes))
        for node in cluster.nodes:
            total_kib = int(await _ask(node, "sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo"))
            assert total_kib * 1024 == pytest.approx(limits.memory_bytes, rel=0.01)
            for file in ("stat", "meminfo", "loadavg"):
                assert await _ask(node, f"findmnt --noheadings --output FSTYPE /proc/{file}") == "fuse.lxcfs"
            # Whole, and with ages that make sense: the clocks of the node agree with each other.
            uptime_s, age_s = (await _ask(node, "cut -d. -f1 /proc/uptime; ps -o etimes= -p 1")).split()
            assert 0 <= int(uptime_s) - int(age_s) <= 5
            assert str(limits.disk_iops) in await _ask(
                node,
                "cat /sys/fs/cgroup/io.max /sys/fs/cgroup/blkio/blkio.throttle.write_iops_device 2>/dev/null; true",
            )


async def test_stalls_are_those_of_the_node_alone() -> None:
    async with _cluster() as cluster:
        for node in cluster.nodes:
            shown = await _ask(node, "stat --format %d:%i /proc/pressure/io")
            groups = "ls -d /sys/fs/cgroup/unified/io.pressure /sys/fs/cgroup/io.pressure 2>/dev/null | head -n 1"
            assert shown == await _ask(node, f'stat --format %d:%i "$({groups})"')


async def test_the_observer_has_no_privileges() -> None:
    async with _cluster() as cluster:
        for node in cluster.nodes:
            status = await _ask(node, "cat /proc/$(pgrep -f '^/opt/observer/interpreter')/status")
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            assert set(fields["Uid"].split()) == {str(plan.OBSERVER_ID)}
            assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
            assert fields["NoNewPrivs"] == "1"


async def test_the_secrets_of_the_lab_are_not_in_its_nodes() -> None:
    lab = places.lab_dir()
    for file in (keys.password_file(lab), keys.identity(lab)):
        assert file.stat().st_mode & 0o777 == 0o600
    async with _cluster() as cluster:
        for node in cluster.nodes:
            assert await _ask(node, f"ls -A {lab} 2>/dev/null | wc -l") == "0"


async def test_a_group_of_processes_can_be_frozen_and_killed_in_a_node() -> None:
    script = """
    if [ -d /sys/fs/cgroup/freezer ]
    then group=/sys/fs/cgroup/freezer/try.$$ state=freezer.state frozen=FROZEN thawed=THAWED
    else group=/sys/fs/cgroup/try.$$ state=cgroup.freeze frozen=1 thawed=0
    fi
    mkdir $group
    (sh -c 'echo $$ >"$1"/cgroup.procs; trap "" TERM; sleep 60' try $group) &
    until [ "$(wc -l <$group/cgroup.procs)" -ge 2 ]; do :; done
    echo $frozen >$group/$state
    kill -KILL $(cat $group/cgroup.procs)
    echo $thawed >$group/$state
    until rmdir $group 2>/dev/null; do :; done
    echo ended
    """
    async with _cluster() as cluster:
        assert await _ask(cluster.nodes[0], script) == "ended"


async def test_a_stopped_database_stays_stopped_and_starts_again_on_its_data() -> None:
    async with _cluster() as cluster:
        node = cluster.nodes[-1]
        host, port = node.settings.host, plan.SQL_PORT
        password = keys.password(places.lab_dir())
        await node.database.query("CREATE DATABASE IF NOT EXISTS distdiag_lab")
        await node.database.query("CREATE TABLE IF NOT EXISTS distdiag_lab.kept (id INT PRIMARY KEY)")
        await node.database.query("REPLACE INTO distdiag_lab.kept VALUES (42)")
        await _ask(node, "kill -KILL $(pgrep -f '^/opt/observer/interpreter')")
        assert not await probe.sql(host, port, password)
        assert await probe.ssh(host)

        assert node.settings.start_command is not None
        await _ask(node, node.settings.start_command)
        await until(lambda: probe.sql(host, port, password), timeout_s=40, failure="no answer", where=host)
        await until(lambda: _in_reach(node), timeout_s=20, failure="not in reach", where=host)
        assert await node.database.query("SELECT id FROM distdiag_lab.kept") == [(42,)]
        await node.database.query("DROP DATABASE distdiag_lab")


async def test_a_database_that_runs_is_not_started_twice() -> None:
    async with _cluster() as cluster:
        node = cluster.nodes[0]
        assert node.settings.start_command is not None
        result = await node.shell.run(node.settings.start_command)
        assert (result.status, result.stderr.strip()) == (1, "start-observer: the observer is running already")


async def test_a_second_up_leaves_a_healthy_lab_alone(lab: Lab) -> None:
    reported: list[LabProgress] = []
    status = await distdiag_lab.up(len(lab.status.nodes), install=False, progress=reported.append)
    assert status.healthy
    assert {progress.step for progress in reported} == {"was up already"}
