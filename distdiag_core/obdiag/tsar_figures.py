"""Figures of tsar under the names of our catalogue: those alone that have the same meaning there, in our units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.obdiag.tsar_table import TsarRow

_SECTOR_BYTES = 512.0
# What is not here means something else: `cpu.user` leaves out the nice ones, `mem.util` counts caches as free where
# Linux tells what is available, `mem.cach` leaves out what slabs can give back, `qusize` is cut off to whole requests.
_NODE = {
    "cpu.util": "host.cpu.usage",
    "cpu.sys": "host.cpu.system",
    "cpu.wait": "host.cpu.iowait",
    "load.load1": "host.load.1",
    "load.load5": "host.load.5",
    "load.load15": "host.load.15",
    "mem.free": "host.memory.free",
    "swap.util": "host.swap.used",
    "swap.swpin": "host.swap.in",
    "swap.swpout": "host.swap.out",
    "traffic.bytin": "host.network.bytes_in",
    "traffic.bytout": "host.network.bytes_out",
    "traffic.pktin": "host.network.packets_in",
    "traffic.pktout": "host.network.packets_out",
    "tcp.CurrEs": "host.tcp.established",
    "tcp.retran": "host.tcp.retransmit_share",
}
_IRQ, _IRQ_PARTS = "host.cpu.irq", ("cpu.hirq", "cpu.sirq")
_DISK = {
    "rs": ("host.disk.reads", 1.0),
    "ws": ("host.disk.writes", 1.0),
    "rsecs": ("host.disk.read_bytes", _SECTOR_BYTES),
    "wsecs": ("host.disk.write_bytes", _SECTOR_BYTES),
    "util": ("host.disk.busy", 1.0),
}
# tsar has 0 where nothing was read or written, and there is no latency then.
_LATENCIES = {
    "await": ("host.disk.latency", ("rs", "ws")),
    "rawait": ("host.disk.read_latency", ("rs",)),
    "wawait": ("host.disk.write_latency", ("ws",)),
}
METRICS = frozenset(
    {*_NODE.values(), _IRQ, *(name for name, _ in _DISK.values()), *(name for name, _ in _LATENCIES.values())}
)
"""The metrics of the catalogue that the history of tsar has."""

_NO_DISK = re.compile(r"(loop|ram|sr|fd|zram)\d+")


def disk_of(rows: Iterable[TsarRow], device: str | None) -> str | None:
    """The disk of the data in the tables: `device` where that is known, else the only one; None where they do not tell.

    Args:
        device: by its name or its path.
    """
    disks = {name.removesuffix(".rsecs") for row in rows for name in row.values if name.endswith(".rsecs")}
    if device is not None:
        wanted = device.rpartition("/")[2]
        return wanted if wanted in disks else None
    disks = {each for each in disks if not _NO_DISK.fullmatch(each)}
    return disks.pop() if len(disks) == 1 else None


def figures_of(values: Mapping[str, float], disk: str | None = None) -> dict[str, float]:
    """The figures of one row by the names of our catalogue.

    Args:
        disk: whose figures are those of the node.
    """
    found = {name: values[field] for field, name in _NODE.items() if field in values}
    if all(each in values for each in _IRQ_PARTS):
        found[_IRQ] = sum(values[each] for each in _IRQ_PARTS)
    if disk is None:
        return found
    own = {name.removeprefix(f"{disk}."): value for name, value in values.items() if name.startswith(f"{disk}.")}
    found |= {name: own[field] * scale for field, (name, scale) in _DISK.items() if field in own}
    return found | {
        name: own[field]
        for field, (name, of) in _LATENCIES.items()
        if field in own and sum(own.get(each, 0.0) for each in of) > 0
    }
