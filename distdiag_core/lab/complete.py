"""The complete lab: nodes that look like hosts, each with namespaces, cgroups and a disk. Needs root."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import DistdiagError
from distdiag_core.lab import cgroups, cluster_file, disks, engine, keys, lxcfs, network, plan, probe
from distdiag_core.lab.node_process import NodeProcess
from distdiag_core.lab.programs import together, until
from distdiag_core.lab.status import LabNode, LabProgress

if TYPE_CHECKING:
    from distdiag_core.lab.engine import Engine
    from distdiag_core.lab.plan import NodePlan
    from distdiag_core.lab.status import Progress

_READY_S = 90.0
_REVIVE_S = 60.0


async def up(nodes: int, of: Engine, progress: Progress, *, with_lxcfs: bool) -> tuple[LabNode, ...]:
    """Bring the lab up with `nodes` nodes, or repair its broken ones; healthy nodes keep running.

    Returns:
        the status of the nodes, all of which have answered.
    """
    lab = places.lab_dir()
    network.check_owner(lab)
    plans = _plans(nodes)
    before = _existing()
    surplus = before - {node.name for node in plans}
    await together(*(_remove(_process(name), progress) for name in surplus))
    await asyncio.to_thread(keys.make, lab, {node.directory: node.host for node in plans})
    await of.prepare(progress)
    await network.raise_bridge(lab)
    if with_lxcfs and not await lxcfs.alive(lab):
        progress(LabProgress("starting lxcfs"))
        await lxcfs.start(lab)
    startups = [_NodeStartup(NodeProcess(node, cgroups.hierarchies(), of), plans, progress) for node in plans]
    await _ensure(startups, of)
    if len(before) != nodes:
        # The limits of running nodes change with the number of nodes.
        for node in startups:
            node.process.apply_limits(await disks.attach(node.process.plan))
    _write_cluster_file(plans, of)
    return tuple(LabNode(node.name, node.host, plan.SQL_PORT, running=True, ssh=True, sql=True) for node in plans)


async def status() -> tuple[LabNode, ...]:
    """The status of every node of the lab; empty where there is no lab."""
    return tuple(await together(*(node_status(_process(name)) for name in sorted(_existing(), key=_number))))


async def down(progress: Progress) -> None:
    """End every node and remove the lab from this machine."""
    lab = places.lab_dir()
    network.check_owner(lab)
    await together(*(_remove(_process(name), progress) for name in _existing()))
    progress(LabProgress("removing the network, the disks and the files"))
    await lxcfs.stop(lab)
    await network.remove_bridge()
    await disks.detach(lab)
    cluster_file.remove()
    for root in cgroups.hierarchies().roots():
        cgroups.remove(root / cgroups.PARENT_CGROUP)
    if lab.exists():
        await asyncio.to_thread(shutil.rmtree, lab)


async def _ensure(nodes: list[_NodeStartup], of: Engine) -> None:
    """All of `nodes` up; where no database of a cluster answers, the first one begins it and the others join."""
    if of.joins:
        states = await together(*(node_status(node.process) for node in nodes))
        if not any(state.healthy for state in states):
            await nodes[0].ensure(bootstrap=True)
    await together(*(node.ensure() for node in nodes))


class _NodeStartup:
    """The startup or repair of one node of the lab."""

    def __init__(self, process: NodeProcess, plans: tuple[NodePlan, ...], progress: Progress) -> None:
        self.process = process
        self.plans = plans
        self.progress = progress

    async def ensure(self, *, bootstrap: bool = False) -> None:
        """Keep a healthy node, start a missing database, and restart any other node.

        Args:
            bootstrap: whether the database begins a cluster; one that runs and waits for others is restarted.
        """
        state = await node_status(self.process)
        if state.healthy:
            self.say("was up already")
        elif not (state.running and state.ssh and await self._revive(bootstrap=bootstrap)):
            self.say("starting")
            await self.process.start("".join(f"{node.host} {node.name}\\n" for node in self.plans), bootstrap=bootstrap)
            self.say("has booted; its database is starting")
            await self._wait_for_database(_READY_S)
            self.say("up")

    async def _revive(self, *, bootstrap: bool) -> bool:
        if self.process.observer_running and bootstrap:
            return False
        if self.process.observer_running:
            self.say("its database runs, but does not answer yet")
        else:
            self.say("runs without its database; starting that")
            await self.process.start_observer(bootstrap=bootstrap)
        try:
            await self._wait_for_database(_REVIVE_S)
        except DistdiagError as failure:
            self.say(str(failure))
            return False
        self.say("its database is up again")
        return True

    async def _wait_for_database(self, timeout_s: float) -> None:
        password = keys.password(places.lab_dir())
        node = self.process.plan

        started = False

        async def ready() -> bool:
            nonlocal started
            if not self.process.running:
                raise DistdiagError(f"the node ended: {self.process.last_log_line()}", where=str(self.process.log))
            if started and not self.process.observer_running:
                raise DistdiagError(f"its database ended: {self.process.last_observer_line()}", where=node.name)
            started = started or self.process.observer_running
            return await probe.sql(node.host, plan.SQL_PORT, password) and await probe.ssh(node.host)

        where = f"{node.name} ({node.host})"
        await until(ready, timeout_s=timeout_s, failure="the database did not answer", where=where)

    def say(self, step: str) -> None:
        """Report a step of this node."""
        self.progress(LabProgress(step, self.process.plan.name))


async def node_status(process: NodeProcess) -> LabNode:
    """The present status of a node."""
    node = process.plan
    running = process.running
    ssh = sql = False
    if running and keys.password_file(places.lab_dir()).exists():
        password = keys.password(places.lab_dir())
        ssh, sql = await together(probe.ssh(node.host), probe.sql(node.host, plan.SQL_PORT, password))
    return LabNode(node.name, node.host, plan.SQL_PORT, running, ssh, sql)


def _existing() -> set[str]:
    """The names of the nodes that run or have files."""
    lab = places.lab_dir()
    kept = {path.name for path in lab.glob("n[0-9]*") if path.is_dir()}
    if network.owner() not in {lab, None}:
        return kept  # the running nodes belong to another lab
    return kept | cgroups.leftovers(cgroups.hierarchies())


def _number(name: str) -> int:
    return int(name.removeprefix("n"))


def _plans(nodes: int) -> tuple[NodePlan, ...]:
    limits = plan.share(plan.machine(), nodes)
    return tuple(plan.node(number, limits) for number in range(1, nodes + 1))


def _process(name: str) -> NodeProcess:
    """The process of an existing node, with limits that only a start would use."""
    return NodeProcess(plan.node(_number(name), plan.share(plan.machine(), 1)), cgroups.hierarchies(), engine.kept())


async def _remove(process: NodeProcess, progress: Progress) -> None:
    progress(LabProgress("ending", process.plan.name))
    await process.stop()
    if process.plan.directory.exists():
        await asyncio.to_thread(shutil.rmtree, process.plan.directory)


def _write_cluster_file(plans: tuple[NodePlan, ...], of: Engine) -> None:
    lab = places.lab_dir()
    cluster_file.write(
        sources=of.sources,
        ssh={
            "user": "root", "port": 22, "identity": str(keys.identity(lab)), "known_hosts": str(keys.known_hosts(lab)),
        },
        sql={
            "user": "root", "port": plan.SQL_PORT,
            "password_command": f"cat {shlex.quote(str(keys.password_file(lab)))}",
        },
        nodes=[
            {
                "name": node.name, "host": node.host, "zone": node.zone, "data_dir": "/data/observer",
                "device": disks.devices(node.disk)[0].removeprefix("/dev/"), "interface": "eth0",
                "start_command": "/usr/local/bin/start-observer",
            }
            for node in plans
        ],
    )  # fmt: skip
