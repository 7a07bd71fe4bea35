"""One node of the lab as a cluster of its own, which can be looked at and hurt from outside."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from distdiag_core.cluster import inventory
from distdiag_core.lab import cgroups, engine, plan
from distdiag_core.lab.node_process import NodeProcess
from distdiag_core.lab.programs import run
from distdiag_core.operations.connect_injections import connect_injections
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.lab.endings import traces
from tests.lab.endings.traces import Traces

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings

# The argument of `python -c` that is the program itself, of this checkout.
PROGRAM = "import sys; from distdiag_tui.main import main; sys.argv[0] = 'distdiag'; main()"


class Victim:
    """A node of the lab, alone in a cluster file in `directory`."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.directory = directory
        self.file = self.cluster_file(name)
        self.settings: ClusterSettings = inventory.load(self.file)
        self.node = self.settings.node(name)
        number = int(name.lstrip("n"))
        self.process = NodeProcess(
            plan.node(number, plan.share(plan.machine(), 1)), cgroups.hierarchies(), engine.kept()
        )

    def cluster_file(self, name: str, jump: str = "") -> Path:
        """A file of the cluster that is this node alone, reached through the host `jump` if there is one."""
        lab = yaml.safe_load(inventory.find("lab").read_text(encoding="utf-8"))
        lab["nodes"] = [node for node in lab["nodes"] if node["name"] == self.name]
        lab["abort"] = {"node_lost": False}
        if jump:
            lab["ssh"]["jump"] = f"{lab['ssh']['user']}@{jump}"
        path = self.directory / f"{name}.yaml"
        path.write_text(yaml.safe_dump(lab | {"name": name}), encoding="utf-8")
        return path

    async def inside(self, script: str, *arguments: str) -> str:
        """What a shell script says that is run on the node, without its SSH server and its limits."""
        init = self.process.cgroup.init()
        assert init is not None, f"{self.name} does not run"
        into = ("nsenter", "--target", str(init), "--mount", "--pid", "--net", "--uts", "--ipc")
        return await run(*into, "sh", "-c", script, "look", *arguments)

    async def look(self) -> Traces:
        """What is on it now."""
        host = await self.look_at_host()
        return Traces({**host.sections, **await self._database()})

    async def look_at_host(self) -> Traces:
        """What is on it now, but for its database."""
        return Traces(traces.of_host(await self.inside(traces.LOOK, self.node.data_dir or "/nowhere")))

    async def restart(self) -> None:
        """Start it again, as a power cut does; its database answers when this is over."""
        lab = yaml.safe_load(inventory.find("lab").read_text(encoding="utf-8"))
        hosts = "".join(f"{node['host']} {node['name']}\n" for node in lab["nodes"])
        number = int(self.name.lstrip("n"))
        node = plan.node(number, plan.share(plan.machine(), len(lab["nodes"])))
        await NodeProcess(node, cgroups.hierarchies(), engine.kept()).start(hosts)
        await self._database_answers()

    async def start_database(self) -> None:
        """Start its database if it has ended; it answers when this is over."""
        if "database" in await self._database():
            await self.process.start_observer()
        await self._database_answers()

    async def _database_answers(self) -> None:
        async with asyncio.timeout(60):
            while "database" in await self._database():  # noqa: ASYNC110 - what is waited for is outside this process
                await asyncio.sleep(0.5)

    async def _database(self) -> dict[str, Counter[str]]:
        return await asyncio.to_thread(traces.of_database, self.node, await asyncio.to_thread(self._password))

    async def prepare(self) -> None:
        """End what is left, and have the tables that some anomalies want."""
        await self.clear()
        async with Runtime(replace(self.settings, sources=("host",)), sampling=False) as runtime:
            await runtime.workloads.prepare(WorkloadRequest(nodes=(self.name,)))

    async def clear(self) -> None:
        """End every injection on it."""
        async with connect_injections(self.settings) as verbs:
            await verbs.clear_all(try_for_s=30)

    def _password(self) -> str:
        command = self.node.sql.password_command if self.node.sql else None
        if not command:
            return ""
        return subprocess.run(command.split(), capture_output=True, text=True, check=True).stdout.strip()
