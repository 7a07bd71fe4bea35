"""The processes of one node: their start in namespaces and cgroups, and their end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import DistdiagError
from distdiag_core.lab import disks, keys, lxcfs, network
from distdiag_core.lab.cgroups import Hierarchies, NodeCgroup
from distdiag_core.lab.plan import OBSERVER_ID
from distdiag_core.lab.programs import detach, last_line, run, until

if TYPE_CHECKING:
    from distdiag_core.lab.engine import Engine
    from distdiag_core.lab.plan import NodePlan

_FILES = Path(__file__).resolve().parent / "node"
# Enters the cgroups named before "--", then becomes the command after it, so that its children are inside too.
_ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 1; shift; done; shift; exec "$@"'
_NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork")
_BOOT_CLOCK = Path("/proc/self/ns/time")


class NodeProcess:
    """The processes, limits, network and disk of one node."""

    def __init__(self, plan: NodePlan, where: Hierarchies, engine: Engine) -> None:
        self.plan = plan
        self.engine = engine
        self.where = where
        self.cgroup = NodeCgroup(where, plan.name)

    async def start(self, hosts: str, *, bootstrap: bool = False) -> None:
        """Start the node on its disk, made where it is missing; an earlier start is ended first.

        Args:
            hosts: the lines of /etc/hosts on the node.
            bootstrap: whether its database begins a cluster instead of joining one.
        """
        await self.stop()
        plan = self.plan
        for directory in (plan.directory / "stage" / "root", plan.directory / "stage" / "disk"):
            directory.mkdir(parents=True, exist_ok=True)
        device = await disks.attach(plan)
        self.apply_limits(device)
        await network.connect(plan)
        await asyncio.to_thread(self.log.unlink, missing_ok=True)
        await detach(
            *("ip", "netns", "exec", plan.namespace, "unshare", *_NAMESPACES, *_own_boot_clock()),
            str(_FILES / "build.sh"),
            log=self.log,
            env=self._environment(device, hosts, bootstrap=bootstrap),
            through=self._inside(),
        )

        async def booted() -> bool:
            init = self.cgroup.init()
            if not self.cgroup.pids():
                raise DistdiagError(f"the node ended while it started: {last_line(self.log)}", where=str(self.log))
            return init is not None and _command(init).endswith("boot.sh")

        await until(booted, timeout_s=60.0, failure="the node did not boot", where=str(self.log))

    def apply_limits(self, device: str) -> None:
        """Apply the planned limits, also to a running node; `device` is its disk."""
        self.cgroup.create(self.plan.limits, disks.number(device))

    async def stop(self) -> None:
        """End the node at once; only the file of its disk stays."""
        await self.cgroup.end()
        await network.disconnect(self.plan)
        await disks.detach(self.plan.directory)

    async def start_observer(self, *, bootstrap: bool = False) -> None:
        """Start the database of the running node; it answers some seconds later."""
        if bootstrap:
            await self.run_inside("touch", "/run/bootstrap")
        await self.run_inside("/usr/local/bin/start-observer")

    async def run_inside(self, *command: str) -> None:
        """Run a command in the namespaces and control groups of the running node.

        Raises:
            DistdiagError: the node does not run.
        """
        init = self.cgroup.init()
        if init is None:
            raise DistdiagError("the node does not run", where=self.plan.name)
        await run(*self._inside(), "nsenter", "--target", str(init), "--all", *command)

    @property
    def running(self) -> bool:
        """Whether the node has an init process and a readable /proc."""
        init = self.cgroup.init()
        return init is not None and _proc_works(init)

    @property
    def observer_running(self) -> bool:
        """Whether the database of the node has a process."""
        return any(_owner(pid) == OBSERVER_ID for pid in self.cgroup.pids())

    @property
    def log(self) -> Path:
        """The log of the start and of the SSH server."""
        return self.plan.directory / "node.log"

    def last_log_line(self) -> str:
        """The last line of the log."""
        return last_line(self.log)

    def last_observer_line(self) -> str:
        """The last line of the output of the database."""
        return last_line(Path(f"/proc/{self.cgroup.init()}/root/data/observer/console.log"))

    def _inside(self) -> tuple[str, ...]:
        """The prefix of a command that runs it, and its children, in the cgroups of the node."""
        return ("sh", "-c", _ENTER, "enter", *self.cgroup.entries(), "--")

    def _environment(self, device: str, hosts: str, *, bootstrap: bool) -> dict[str, str]:
        lab = places.lab_dir()
        v2 = self.where.v2
        groups = sorted({mount.name for mount in self.where.v1.values()})
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "NODE": self.plan.name,
            "DEVICE": device,
            "STAGE": str(self.plan.directory / "stage"),
            "LXCFS": str(lxcfs.mount_point(lab)) if lxcfs.mount_point(lab).is_dir() else "",
            "FILES": str(_FILES),
            "SECRETS": str(keys.secrets_of(self.plan.directory)),
            "LAB": str(lab),
            "OBSERVER_ID": str(OBSERVER_ID),
            "CGROUP_V1": " ".join(groups),
            "CGROUP_V2": "" if v2 is None else "." if not groups else v2.name,
            "HOSTS": hosts,
            "ENGINE": self.engine.name,
            "BOOTSTRAP": "yes" if bootstrap else "",
        } | self.engine.environment(self.plan)


def _own_boot_clock() -> tuple[str, ...]:
    """Options of `unshare` for a boot clock that begins now, so that uptime and the ages of processes agree."""
    if not _BOOT_CLOCK.exists():
        return ()
    return ("--time", "--boottime", str(-int(time.clock_gettime(time.CLOCK_BOOTTIME))))


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return ""
    return words[-1].decode(errors="replace")


def _proc_works(init: int) -> bool:
    # A node whose lxcfs has ended reads errors from it for ever, also after a new one has started.
    try:
        return bool(Path(f"/proc/{init}/root/proc/stat").read_bytes())
    except OSError:
        return False


def _owner(pid: int) -> int | None:
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None
