"""The complete lab: nodes that look like hosts, each in namespaces, cgroups and on a disk of its own. Needs root."""

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
    from distdiag_core.lab.plan import NodePlan
    from distdiag_core.lab.status import Progress

_READY_S = 90.0
_REVIVE_S = 60.0


async def up(nodes: int, progress: Progress, *, with_lxcfs: bool) -> tuple[LabNode, ...]:
    """Bring the lab up with `nodes` nodes, or repair what is broken in it; what is healthy is left alone.

    Returns:
        the nodes, each of which has answered.
    """
    lab = places.lab_dir()
    network.check_owner(lab)
    engine.check_readable()
    plans = _plans(nodes)
    before = _existing()
    surplus = before - {node.name for node in plans}
    await together(*(_remove(_process(name), progress) for name in surplus))
    await asyncio.to_thread(keys.make, lab, {node.directory: node.host for node in plans})
    await network.raise_bridge(lab)
    if with_lxcfs and not await lxcfs.alive(lab):
        progress(LabProgress("starting lxcfs"))
        await lxcfs.start(lab)
    raising = [_Raising(NodeProcess(node, cgroups.hierarchies()), plans, progress) for node in plans]
    await together(*(node.ensure() for node in raising))
    if len(before) != nodes:
        # The shares have changed for those that were up already, too.
        for node in raising:
            node.process.apply_limits(await disks.attach(node.process.plan))
    _write_cluster_file(plans)
    return tuple(LabNode(node.name, node.host, plan.SQL_PORT, running=True, ssh=True, sql=True) for node in plans)


async def status() -> tuple[LabNode, ...]:
    """How every node of the lab is; empty when there is no lab."""
    return tuple(await together(*(look(_process(name)) for name in sorted(_existing(), key=_number))))


async def down(progress: Progress) -> None:
    """End every node and leave nothing of the lab on this machine."""
    lab = places.lab_dir()
    network.check_owner(lab)
    await together(*(_remove(_process(name), progress) for name in _existing()))
    progress(LabProgress("removing the network, the disks and the files"))
    await lxcfs.stop(lab)
    await network.remove_bridge()
    await disks.detach(lab)
    cluster_file.remove()
    for root in cgroups.hierarchies().roots():
        cgroups.remove(root / cgroups.PARENT)
    if lab.exists():
        await asyncio.to_thread(shutil.rmtree, lab)


class _Raising:
    """Bringing one node of the lab up, from whatever state it is in."""

    def __init__(self, process: NodeProcess, plans: tuple[NodePlan, ...], progress: Progress) -> None:
        self.process = process
        self.plans = plans
        self.progress = progress

    async def ensure(self) -> None:
        """Leave a healthy node alone, start the database of one that only lacks that, and start any other anew."""
        state = await look(self.process)
        if state.healthy:
            self.say("was up already")
        elif not (state.running and state.ssh and await self._revive()):
            self.say("starting")
            await self.process.start("".join(f"{node.host} {node.name}\\n" for node in self.plans))
            self.say("has booted; its database is starting")
            await self._answers(_READY_S)
            self.say("up")

    async def _revive(self) -> bool:
        if self.process.observer_running:
            self.say("its database runs, but does not answer yet")
        else:
            self.say("runs without its database; starting that")
            await self.process.start_observer()
        try:
            await self._answers(_REVIVE_S)
        except DistdiagError as failure:
            self.say(str(failure))
            return False
        self.say("its database is up again")
        return True

    async def _answers(self, timeout_s: float) -> None:
        password = keys.password(places.lab_dir())
        node = self.process.plan

        started = False

        async def ready() -> bool:
            nonlocal started
            if not self.process.running:
                raise DistdiagError(f"the node ended: {self.process.last_words()}", where=str(self.process.log))
            if started and not self.process.observer_running:
                raise DistdiagError(f"its database ended: {self.process.last_words_of_observer()}", where=node.name)
            started = started or self.process.observer_running
            return await probe.sql(node.host, plan.SQL_PORT, password) and await probe.ssh(node.host)

        where = f"{node.name} ({node.host})"
        await until(ready, timeout_s=timeout_s, failure="the database did not answer", where=where)

    def say(self, step: str) -> None:
        """Tell what was reached."""
        self.progress(LabProgress(step, self.process.plan.name))


async def look(process: NodeProcess) -> LabNode:
    """How the node is now."""
    node = process.plan
    running = process.running
    ssh = sql = False
    if running and keys.password_file(places.lab_dir()).exists():
        password = keys.password(places.lab_dir())
        ssh, sql = await together(probe.ssh(node.host), probe.sql(node.host, plan.SQL_PORT, password))
    return LabNode(node.name, node.host, plan.SQL_PORT, running, ssh, sql)


def _existing() -> set[str]:
    """The names of the nodes of which anything is left, on disk or running."""
    lab = places.lab_dir()
    kept = {path.name for path in lab.glob("n[0-9]*") if path.is_dir()}
    if network.owner() not in {lab, None}:
        return kept  # what runs on this machine is another lab's
    return kept | cgroups.leftovers(cgroups.hierarchies())


def _number(name: str) -> int:
    return int(name.removeprefix("n"))


def _plans(nodes: int) -> tuple[NodePlan, ...]:
    limits = plan.share(plan.machine(), nodes)
    return tuple(plan.node(number, limits) for number in range(1, nodes + 1))


def _process(name: str) -> NodeProcess:
    """A node that is only looked at or ended: its limits do not matter."""
    return NodeProcess(plan.node(_number(name), plan.share(plan.machine(), 1)), cgroups.hierarchies())


async def _remove(process: NodeProcess, progress: Progress) -> None:
    progress(LabProgress("ending", process.plan.name))
    await process.stop()
    if process.plan.directory.exists():
        await asyncio.to_thread(shutil.rmtree, process.plan.directory)


def _write_cluster_file(plans: tuple[NodePlan, ...]) -> None:
    lab = places.lab_dir()
    cluster_file.write(
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
