"""The plan of the lab: names, addresses, and the share of each node in this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from distdiag_core import places
from distdiag_core.errors import ConfigError

BRIDGE = "distdiag0"
SUBNET = "10.77.0"
BRIDGE_ADDRESS = f"{SUBNET}.1"
SQL_PORT = 2881
MAX_NODES = 32
# High enough not to be anybody's on the machine; it exists in the node's own passwd file only.
OBSERVER_ID = 52881

_MIB = 1024 * 1024
_GIB = 1024 * _MIB
# The engine wants 1 GiB for itself and takes 0.75 of it at rest; stressors need the rest.
_NODE_MEMORY_BYTES = 5 * _GIB // 2
_NODE_MEMORY_LEAST_BYTES = 3 * _GIB // 2
# What the nodes leave for the console, the clients and everybody else on the machine.
_CPU_SHARE = 0.75
_MEMORY_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Machine:
    """The cores and the memory of this machine."""

    cores: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one node. Its disk is as fast as a good spinning disk with a cache, in each direction."""

    cpu_cores: float
    memory_bytes: int
    processes: int = 2000
    disk_bytes: int = 8 * _GIB
    disk_iops: int = 600
    disk_bytes_per_s: int = 48 * _MIB


@dataclass(frozen=True, slots=True)
class NodePlan:
    """The planned node."""

    number: int
    directory: Path
    limits: Limits

    @property
    def name(self) -> str:
        """Also its host name, and the name of its cgroup."""
        return f"n{self.number}"

    @property
    def zone(self) -> str:
        """A zone of its own, as in a cluster that spreads its replicas."""
        return f"zone{self.number}"

    @property
    def host(self) -> str:
        """Its address on the bridge."""
        return f"{SUBNET}.{10 + self.number}"

    @property
    def namespace(self) -> str:
        """The name of its network namespace, for `ip netns exec`."""
        return f"distdiag-{self.name}"

    @property
    def link(self) -> str:
        """The machine's end of its cable."""
        return f"distdiag-{self.name}"

    @property
    def disk(self) -> Path:
        """The sparse file that is its disk."""
        return self.directory / "disk.img"


def machine() -> Machine:
    """This machine: the cores that we may use, and its memory."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemTotal":
            return Machine(len(os.sched_getaffinity(0)), int(rest.split()[0]) * 1024)
    raise ConfigError("does not say how much memory there is", where="/proc/meminfo")


def share(machine: Machine, nodes: int) -> Limits:
    """Each node's limits when `nodes` of them share `machine`.

    Raises:
        ConfigError: there is not enough memory, or the number of nodes is out of bounds.
    """
    if not 1 <= nodes <= MAX_NODES:
        raise ConfigError(f"a lab has 1 to {MAX_NODES} nodes, not {nodes}", where="--nodes")
    memory = min(_NODE_MEMORY_BYTES, int(machine.memory_bytes * _MEMORY_SHARE) // nodes)
    if memory < _NODE_MEMORY_LEAST_BYTES:
        needed = nodes * _NODE_MEMORY_LEAST_BYTES / _MEMORY_SHARE
        raise ConfigError(
            f"{nodes} nodes need a machine with {needed / _GIB:.1f} GiB of memory, "
            f"but this machine has {machine.memory_bytes / _GIB:.1f} GiB",
            where="the lab",
            hint="ask for fewer with --nodes",
        )
    return Limits(cpu_cores=min(2.0, round(machine.cores * _CPU_SHARE / nodes, 2)), memory_bytes=memory)


def node(number: int, limits: Limits) -> NodePlan:
    """The `number`th node (from 1) of the lab."""
    return NodePlan(number, places.lab_dir() / f"n{number}", limits)
