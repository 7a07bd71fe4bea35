"""The plan of the lab: names, addresses, and the share of each node in this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from distdiag_core import places
from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import ConfigError

BRIDGE = "distdiag0"
SUBNET = "10.77.0"
BRIDGE_ADDRESS = f"{SUBNET}.1"
SQL_PORT = 2881
MAX_NODES = 32
# High enough to be unused on the machine; only the passwd file of the node has it.
OBSERVER_ID = 52881

_MIB = 1024 * 1024
_GIB = 1024 * _MIB
# The engine wants 1 GiB for itself and takes 0.75 of it at rest; stressors need the rest.
_NODE_MEMORY_BYTES = 5 * _GIB // 2
_NODE_MEMORY_LEAST_BYTES = 3 * _GIB // 2
# The share of all nodes; the console, the clients and other programs need the rest.
_CPU_SHARE = 0.75
_MEMORY_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Machine:
    """The cores and the memory of this machine."""

    cores: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one node; the disk has the speed of a spinning disk with a cache, in each direction."""

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
        """The name of the node, of its host and of its cgroup."""
        return f"n{self.number}"

    @property
    def zone(self) -> str:
        """The zone, different for each node, as in a cluster that spreads its replicas."""
        return f"zone{self.number}"

    @property
    def host(self) -> str:
        """The address on the bridge."""
        return f"{SUBNET}.{10 + self.number}"

    @property
    def namespace(self) -> str:
        """The name of the network namespace, for `ip netns exec`."""
        return f"distdiag-{self.name}"

    @property
    def link(self) -> str:
        """The network interface of the machine that is connected to the node."""
        return f"distdiag-{self.name}"

    @property
    def disk(self) -> Path:
        """The sparse file of the disk."""
        return self.directory / "disk.img"


def machine() -> Machine:
    """The usable cores and the memory of this machine."""
    for line in lines_of(Path("/proc/meminfo").read_text(encoding="ascii")):
        name, _, rest = line.partition(":")
        if name == "MemTotal":
            return Machine(len(os.sched_getaffinity(0)), int(rest.split()[0]) * 1024)
    raise ConfigError("does not say how much memory there is", where="/proc/meminfo")


def share(machine: Machine, nodes: int) -> Limits:
    """The limits of each of `nodes` nodes on `machine`.

    Raises:
        ConfigError: the memory is too small, or the number of nodes is out of bounds.
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
    """The plan of node `number` of the lab, counted from 1."""
    return NodePlan(number, places.lab_dir() / f"n{number}", limits)
