"""The control groups of a node: their hierarchies (v1, v2 or both), limits, and the end of all processes in them."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import DistdiagError
from distdiag_core.lab.programs import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distdiag_core.lab.plan import Limits

PARENT_CGROUP = "distdiag-lab"
# cpuset limits nothing here; lxcfs looks up in it whose processor times to show.
_V1 = ("cpu", "cpuacct", "cpuset", "memory", "pids", "blkio", "freezer")
_V2 = ("cpu", "memory", "pids", "io")
_CPU_PERIOD_US = 100_000


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """The cgroup file systems of this machine: v1 mounts by controller, and the unified one."""

    v1: Mapping[str, Path]
    v2: Path | None

    def roots(self) -> tuple[Path, ...]:
        """The mount points, each once; controllers may share one."""
        mounts = dict.fromkeys(self.v1.values())
        return (*mounts, *([self.v2] if self.v2 else []))

    def lacking(self) -> tuple[str, ...]:
        """The names of the missing controllers."""
        if not self.v1:
            have = _words(self.v2 / "cgroup.controllers") if self.v2 else set()
            return tuple(name for name in _V2 if name not in have)
        return tuple(name for name in _V1 if name not in self.v1)


def parse_mounts(mounts: str) -> Hierarchies:
    """The hierarchies in the text of /proc/mounts."""
    v1: dict[str, Path] = {}
    v2: Path | None = None
    for line in lines_of(mounts):
        fields = line.split()
        if len(fields) < 4:
            continue
        _, target, kind, options = fields[:4]
        if kind == "cgroup2" and v2 is None:
            v2 = Path(target)
        elif kind == "cgroup":
            for controller in set(options.split(",")) & set(_V1):
                v1.setdefault(controller, Path(target))
    return Hierarchies(v1, v2)


def hierarchies() -> Hierarchies:
    """The hierarchies of this machine."""
    return parse_mounts(Path("/proc/mounts").read_text(encoding="utf-8"))


def limit_files(where: Hierarchies, limits: Limits, device: str) -> Iterator[tuple[Path, str, str]]:
    """The hierarchy, file and text of every limit to write; `device` is MAJOR:MINOR of the disk of the node."""
    quota_us = int(limits.cpu_cores * _CPU_PERIOD_US)
    iops, rate = limits.disk_iops, limits.disk_bytes_per_s
    v1 = {
        "cpu": (("cpu.cfs_period_us", str(_CPU_PERIOD_US)), ("cpu.cfs_quota_us", str(quota_us))),
        "memory": (("memory.limit_in_bytes", str(limits.memory_bytes)),),
        "pids": (("pids.max", str(limits.processes)),),
        "blkio": tuple(
            (f"blkio.throttle.{direction}_{unit}_device", f"{device} {value}")
            for direction in ("read", "write")
            for unit, value in (("iops", iops), ("bps", rate))
        ),
    }
    v2 = {
        "cpu": ("cpu.max", f"{quota_us} {_CPU_PERIOD_US}"),
        "memory": ("memory.max", str(limits.memory_bytes)),
        "pids": ("pids.max", str(limits.processes)),
        "io": ("io.max", f"{device} rbps={rate} wbps={rate} riops={iops} wiops={iops}"),
    }
    if where.v1:
        for controller, root in where.v1.items():
            for file, text in v1.get(controller, ()):
                yield root, file, text
    elif where.v2:
        for controller in set(_V2) - set(where.lacking()):
            yield where.v2, *v2[controller]


class NodeCgroup:
    """The control group of one node, in every hierarchy; it has all processes of the node."""

    def __init__(self, where: Hierarchies, name: str) -> None:
        self.where = where
        self.name = name
        self.paths = tuple(root / PARENT_CGROUP / name for root in where.roots())

    def create(self, limits: Limits, device: str) -> None:
        """Create the group, with its limits.

        Raises:
            DistdiagError: the kernel refuses.
        """
        try:
            if not self.where.v1 and self.where.v2:
                _delegate(self.where.v2, set(_V2) - set(self.where.lacking()))
            for path in self.paths:
                path.mkdir(parents=True, exist_ok=True)
            if "cpuset" in self.where.v1:
                _allow_all_cpus(self.where.v1["cpuset"], self.name)
            for root, file, text in limit_files(self.where, limits, device):
                (root / PARENT_CGROUP / self.name / file).write_text(text, encoding="ascii")
        except OSError as error:
            raise DistdiagError(
                f"cannot be set up: {error.strerror}",
                where=f"cgroup {error.filename or self.name}",
                hint="the lab needs cgroups that root may write; in a container, run it privileged",
            ) from error

    def entries(self) -> tuple[str, ...]:
        """The files into which a process writes its id to join the group."""
        return tuple(str(path / "cgroup.procs") for path in self.paths)

    def pids(self) -> set[int]:
        """The processes in the group and in those below it, in any hierarchy."""
        found: set[int] = set()
        for path in self.paths:
            for group in _with_those_below(path):
                found.update(int(pid) for pid in _words(group / "cgroup.procs"))
        # 0 stands for processes outside of our PID namespace; for `kill` it would be our process group.
        return found - {0}

    def init(self) -> int | None:
        """The process id on the machine of PID 1 of the node; None when the node does not run."""
        return next((pid for pid in sorted(self.pids()) if _is_init(pid)), None)

    async def end(self) -> None:
        """Kill every process in the group, frozen ones too, and remove it."""
        await until(self._ended, timeout_s=20.0, failure="its processes did not end", where=f"node {self.name}")

    async def _ended(self) -> bool:
        for path in self.paths:
            for group in _with_those_below(path):
                for file, thawed in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
                    if (group / file).exists():
                        _write(group / file, thawed)
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return all([remove(path) for path in self.paths])  # noqa: C419 - every one is tried


def remove(path: Path) -> bool:
    """Remove a group and those below it; False while it has processes."""
    if not path.exists():
        return True
    for directory in sorted(_with_those_below(path), reverse=True):
        try:
            directory.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def _with_those_below(path: Path) -> Iterator[Path]:
    """A group and those below it; the groups of anomalies come and go meanwhile, which `os.walk` passes over."""
    return (Path(directory) for directory, _, _ in os.walk(path))


def leftovers(where: Hierarchies) -> set[str]:
    """The names of the nodes with a control group on this machine."""
    return {
        path.name
        for root in where.roots()
        if (root / PARENT_CGROUP).is_dir()
        for path in (root / PARENT_CGROUP).iterdir()
        if path.is_dir() and path.name.removeprefix("n").isdecimal()
    }


def _delegate(root: Path, controllers: set[str]) -> None:
    """Enable `controllers` for groups two levels below the root of the unified hierarchy."""
    (root / PARENT_CGROUP).mkdir(exist_ok=True)
    enable = " ".join(f"+{name}" for name in sorted(controllers))
    for path in (root, root / PARENT_CGROUP):
        (path / "cgroup.subtree_control").write_text(enable, encoding="ascii")


def _allow_all_cpus(root: Path, name: str) -> None:
    """Allow all processors and memory nodes in a new cpuset, which takes no process before."""
    for file in ("cpuset.cpus", "cpuset.mems"):
        everything = (root / file).read_text(encoding="ascii")
        for path in (root / PARENT_CGROUP, root / PARENT_CGROUP / name):
            (path / file).write_text(everything, encoding="ascii")


def _is_init(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    ids = next((line.split()[1:] for line in lines_of(status) if line.startswith("NSpid:")), [])
    # More than two levels belong to the init of a namespace that was created inside the node.
    return len(ids) == 2 and ids[1] == "1"


def _words(file: Path) -> set[str]:
    # A group can be removed, with all its files, between being listed and being read.
    try:
        return set(file.read_text(encoding="ascii").split())
    except OSError:
        return set()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="ascii")
    except OSError:
        return
