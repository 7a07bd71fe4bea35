"""One node's processes: how they are started in namespaces and cgroups of their own, and how they end."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import DistdiagError
from distdiag_core.lab import disks, engine, keys, lxcfs, network
from distdiag_core.lab.cgroups import Hierarchies, NodeCgroup
from distdiag_core.lab.plan import OBSERVER_ID
from distdiag_core.lab.programs import detach, last_line, run, until

if TYPE_CHECKING:
    from distdiag_core.lab.plan import NodePlan

_FILES = Path(__file__).resolve().parent / "node"
# Goes into the cgroups named before "--", then becomes the command after it: whatever follows is born inside.
_ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 1; shift; done; shift; exec "$@"'
_NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork")
_BOOT_CLOCK = Path("/proc/self/ns/time")


class NodeProcess:
    """The node as the machine's kernel sees it."""

    def __init__(self, plan: NodePlan, where: Hierarchies) -> None:
        self.plan = plan
        self.where = where
        self.cgroup = NodeCgroup(where, plan.name)

    async def start(self, hosts: str) -> None:
        """Start it on its disk, which is made if there is none; whatever is left of an earlier start ends first.

        Args:
            hosts: the lines of its /etc/hosts.
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
            env=self._environment(device, hosts),
            through=self._inside(),
        )

        async def booted() -> bool:
            init = self.cgroup.init()
            if not self.cgroup.pids():
                raise DistdiagError(f"the node ended while it started: {last_line(self.log)}", where=str(self.log))
            return init is not None and _command(init).endswith("boot.sh")

        await until(booted, timeout_s=20.0, failure="the node did not boot", where=str(self.log))

    def apply_limits(self, device: str) -> None:
        """Make the plan's limits hold, whether it runs or not; `device` is its disk."""
        self.cgroup.create(self.plan.limits, disks.number(device))

    async def stop(self) -> None:
        """End it at once and give back everything but its disk."""
        await self.cgroup.end()
        await network.disconnect(self.plan)
        await disks.detach(self.plan.directory)

    async def start_observer(self) -> None:
        """Start the database of the running node; it answers some seconds later."""
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
        """Whether it has an init, and a /proc to look at."""
        init = self.cgroup.init()
        return init is not None and _proc_works(init)

    @property
    def observer_running(self) -> bool:
        """Whether its database has a process."""
        return any(_owner(pid) == OBSERVER_ID for pid in self.cgroup.pids())

    @property
    def log(self) -> Path:
        """What was said while it started, and what its SSH server says."""
        return self.plan.directory / "node.log"

    def last_words(self) -> str:
        """The last line of its log."""
        return last_line(self.log)

    def last_words_of_observer(self) -> str:
        """The last line that the database's process said, if it said any."""
        return last_line(Path(f"/proc/{self.cgroup.init()}/root/data/observer/console.log"))

    def _inside(self) -> tuple[str, ...]:
        """What a command is put behind to run in the node's cgroups, with all that comes from it."""
        return ("sh", "-c", _ENTER, "enter", *self.cgroup.entries(), "--")

    def _environment(self, device: str, hosts: str) -> dict[str, str]:
        lab = places.lab_dir()
        v2 = self.where.v2
        groups = sorted({mount.name for mount in self.where.v1.values()})
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "NODE": self.plan.name,
            "DEVICE": device,
            "STAGE": str(self.plan.directory / "stage"),
            "LXCFS": str(lxcfs.mount_point(lab)) if lxcfs.mount_point(lab).is_dir() else "",
            "PYTHON": sys.base_prefix,
            "INTERPRETER": engine.INTERPRETER,
            "SITE": str(engine.directory()),
            "FILES": str(_FILES),
            "SECRETS": str(keys.secrets_of(self.plan.directory)),
            "LAB": str(lab),
            "OBSERVER_ID": str(OBSERVER_ID),
            "CGROUP_V1": " ".join(groups),
            "CGROUP_V2": "" if v2 is None else "." if not groups else v2.name,
            "HOSTS": hosts,
        }


def _own_boot_clock() -> tuple[str, ...]:
    """Options with which the node boots at its own time zero, so that uptime and the ages of processes agree."""
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
    # A node that was started on an lxcfs that is gone reads errors there for ever, even when there is a new one.
    try:
        return bool(Path(f"/proc/{init}/root/proc/stat").read_bytes())
    except OSError:
        return False


def _owner(pid: int) -> int | None:
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None
