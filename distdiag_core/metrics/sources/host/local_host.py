"""Source `host` on this machine: psutil, and /proc for what psutil lacks."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import DataError
from distdiag_core.metrics.source import Reading
from distdiag_core.metrics.sources.host import node_program, procfs, tcp_script
from distdiag_core.metrics.sources.host.host_script import per_cpu
from distdiag_core.metrics.sources.host.missing_names import WatchedNames


class LocalHostSource:
    """The source of this machine, with the same keys as `HostSource`."""

    name = "host"

    def __init__(self, *, device: str | None = None, data_dir: str | None = None, interface: str | None = None) -> None:
        self._names = WatchedNames(device, data_dir, interface)
        # A directory that does not exist lies on no disk, though the ones above it do.
        self._found = Path(data_dir or "/").is_dir()
        self._device = Path(device).name if device else (_device_of(data_dir or "/") if self._found else "")
        self._interface = interface or _main_interface()

    async def read(self) -> Reading:
        """The current values; nothing of this blocks.

        Raises:
            DataError: the system's figures make no sense.
        """
        values: dict[str, float] = {}
        try:
            for part in (self._from_proc, _cpu, _memory, self._disk, self._network):
                values |= part()
        except (psutil.Error, OSError, RuntimeError) as error:
            raise DataError(f"the system does not tell its figures: {error}", where="host") from error
        values |= _tcp_connections()
        notes = self._names.missing(values, self._device if self._found else "")
        return Reading(time.monotonic(), per_cpu(values, psutil.cpu_count() or 1), notes)

    async def close(self) -> None:
        """Nothing is held."""

    def _disk(self) -> dict[str, float]:
        counters = psutil.disk_io_counters(perdisk=True).get(self._device)
        if counters is None:
            return {}
        return procfs.disk(
            reads=counters.read_count,
            writes=counters.write_count,
            read_bytes=counters.read_bytes,
            write_bytes=counters.write_bytes,
            read_ms=counters.read_time,
            write_ms=counters.write_time,
            busy_ms=getattr(counters, "busy_time", float("nan")),
        )

    def _network(self) -> dict[str, float]:
        counters = psutil.net_io_counters(pernic=True).get(self._interface)
        if counters is None:
            return {}
        return {
            "network.bytes_in": counters.bytes_recv,
            "network.bytes_out": counters.bytes_sent,
            "network.packets_in": counters.packets_recv,
            "network.packets_out": counters.packets_sent,
            "network.errors_in": counters.errin,
            "network.errors_out": counters.errout,
            "network.drops_in": counters.dropin,
            "network.drops_out": counters.dropout,
        }

    def _from_proc(self) -> dict[str, float]:
        """The values that psutil lacks; unknown where the system is not Linux or its kernel has no such file."""
        values: dict[str, float] = {}
        for file, parse in procfs.parsers(self._device, self._interface).items():
            try:
                lines = lines_of(Path(file).read_text(encoding="utf-8", errors="replace"))
            except OSError:
                continue
            values |= parse(lines)
        return values


def _tcp_connections() -> dict[str, float]:
    """By the same program as on a node that is reached by SSH; unknown where the system is not Linux."""
    try:
        return tcp_script.named(node_program.tcp_figures(node_program.ssh_port()))
    except (OSError, AttributeError):
        return {}


def _cpu() -> dict[str, float]:
    load_1, load_5, load_15 = psutil.getloadavg()
    return procfs.cpu_times(psutil.cpu_times()._asdict()) | {
        "load.1": load_1,
        "load.5": load_5,
        "load.15": load_15,
        "context_switches": psutil.cpu_stats().ctx_switches,
    }


def _memory() -> dict[str, float]:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {
        "memory.used": memory.percent,
        "memory.available_bytes": memory.available,
        "memory.free_bytes": memory.free,
        "swap.used": swap.percent,
    }


def _device_of(directory: str) -> str:
    """The disk that holds `directory`, as the kernel calls it; empty where it has none of its own."""
    path = Path(directory).resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if path.is_relative_to(part.mountpoint)]
    innermost = max(mounts, key=lambda part: len(part.mountpoint), default=None)
    return Path(innermost.device).resolve().name if innermost is not None else ""


def _main_interface() -> str:
    """That of the default route; without one, the first that is up and is not the loopback; empty where none is."""
    try:
        routes = [line.split() for line in lines_of(Path("/proc/net/route").read_text(encoding="ascii"))]
    except OSError:
        routes = []
    up = (name for name, state in psutil.net_if_stats().items() if state.isup and not name.startswith("lo"))
    return next((route[0] for route in routes if route[1:2] == ["00000000"]), next(up, ""))
