"""Parsers of files in /proc, by the keys of the source `host`. Pure; a malformed text is a DataError."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Values = dict[str, float]

_KIB = 1024
_SECTOR_BYTES = 512
_CPU = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def number(text: str, *, where: str) -> float:
    """A figure that is not negative, as the kernel prints it.

    Raises:
        DataError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        raise DataError(f"{quoted(text[:40])} is not a number", where=where) from None
    if not 0 <= value < float("inf"):
        raise DataError(f"{quoted(text[:40])} is not a figure of a host", where=where)
    return value


def stat(lines: Sequence[str]) -> Values:
    """/proc/stat: the shares of CPU time (in ticks of any length), switches, processes."""
    values: Values = {}
    for line in lines:
        name, *fields = line.split() or [""]
        if name == "cpu":
            values |= cpu_times(
                {part: number(text, where="/proc/stat") for part, text in zip(_CPU, fields, strict=False)}
            )
        elif name in {"ctxt", "procs_running", "procs_blocked"}:
            key = {
                "ctxt": "context_switches",
                "procs_running": "processes.runnable",
                "procs_blocked": "processes.blocked",
            }
            values[key[name]] = _field(fields, 0, where="/proc/stat")
    return values


def cpu_times(times: Values) -> Values:
    """CPU times by the kernel's names, in any unit, summed up as they are shown."""
    part = {name: times.get(name, 0.0) for name in _CPU}
    total = sum(part.values())
    return {
        "cpu.user": part["user"] + part["nice"],
        "cpu.system": part["system"],
        "cpu.idle": part["idle"],
        "cpu.iowait": part["iowait"],
        "cpu.irq": part["irq"] + part["softirq"],
        "cpu.steal": part["steal"],
        "cpu.busy": total - part["idle"] - part["iowait"],
        "cpu.total": total,
    }


def loadavg(lines: Sequence[str]) -> Values:
    """/proc/loadavg: the load, and how many processes want a CPU right now."""
    fields = lines[0].split() if lines else []
    running = fields[3].partition("/")[0] if len(fields) > 3 else ""
    return {
        "load.1": _field(fields, 0, where="/proc/loadavg"),
        "load.5": _field(fields, 1, where="/proc/loadavg"),
        "load.15": _field(fields, 2, where="/proc/loadavg"),
        "processes.running": number(running, where="/proc/loadavg"),
    }


def meminfo(lines: Sequence[str]) -> Values:
    """/proc/meminfo, in bytes and percent."""
    sizes: Values = {}
    for line in lines:
        name, _, rest = line.partition(":")
        sizes[name] = _KIB * _field(rest.split(), 0, where="/proc/meminfo")
    values = {
        key: sizes[name]
        for key, name in (
            ("memory.available_bytes", "MemAvailable"),
            ("memory.free_bytes", "MemFree"),
            ("memory.dirty_bytes", "Dirty"),
            ("memory.writeback_bytes", "Writeback"),
        )
        if name in sizes
    }
    if "Cached" in sizes:
        values["memory.cached_bytes"] = sizes["Cached"] + sizes.get("Buffers", 0.0) + sizes.get("SReclaimable", 0.0)
    values |= used_share("memory.used", sizes.get("MemTotal"), sizes.get("MemAvailable"))
    values |= used_share("swap.used", sizes.get("SwapTotal"), sizes.get("SwapFree"))
    return values


def used_share(key: str, total: float | None, free: float | None) -> Values:
    """The part of `total` that is not free, in percent; 0 where the total is 0."""
    if total is None or free is None:
        return {}
    return {key: 100.0 * max(0.0, 1.0 - free / total) if total else 0.0}


def vmstat(lines: Sequence[str]) -> Values:
    """/proc/vmstat: paging, in pages."""
    wanted = {"pgmajfault": "paging.major_faults", "pswpin": "swap.in_pages", "pswpout": "swap.out_pages"}
    values: Values = {}
    for line in lines:
        name, *fields = line.split() or [""]
        if name in wanted:
            values[wanted[name]] = _field(fields, 0, where="/proc/vmstat")
    return values


def diskstats(lines: Sequence[str], device: str) -> Values:
    """/proc/diskstats, the line of `device`."""
    for line in lines:
        fields = line.split()
        if len(fields) > 2 and fields[2] == device:
            reads, _, read_sectors, read_ms, writes, _, write_sectors, write_ms, _, busy_ms, queue_ms = (
                _field(fields, index, where="/proc/diskstats") for index in range(3, 14)
            )
            return disk(
                reads=reads,
                writes=writes,
                read_bytes=read_sectors * _SECTOR_BYTES,
                write_bytes=write_sectors * _SECTOR_BYTES,
                read_ms=read_ms,
                write_ms=write_ms,
                busy_ms=busy_ms,
            ) | {"disk.queue_ms": queue_ms}
    return {}


def disk(**counters: float) -> Values:
    """The counters of one disk, and those derived from them."""
    return {f"disk.{name}": value for name, value in counters.items()} | {
        "disk.operations": counters["reads"] + counters["writes"],
        "disk.wait_ms": counters["read_ms"] + counters["write_ms"],
    }


def net_dev(lines: Sequence[str], interface: str) -> Values:
    """/proc/net/dev, the line of `interface`."""
    for line in lines:
        name, _, rest = line.partition(":")
        if name.strip() == interface:
            fields = rest.split()
            return {
                f"network.{what}_{way}": _field(fields, start + offset, where="/proc/net/dev")
                for way, start in (("in", 0), ("out", 8))
                for offset, what in enumerate(("bytes", "packets", "errors", "drops"))
            }
    return {}


def net_snmp(lines: Sequence[str]) -> Values:
    """/proc/net/snmp: TCP. A line of names is followed by one of figures."""
    tcp = [line.split()[1:] for line in lines if line.startswith("Tcp:")]
    if len(tcp) != 2:
        return {}
    wanted = {
        "RetransSegs": "tcp.retransmits",
        "OutSegs": "tcp.segments_out",
        "CurrEstab": "tcp.established",
        "OutRsts": "tcp.resets_out",
    }
    return {
        wanted[name]: number(text, where="/proc/net/snmp") for name, text in zip(*tcp, strict=False) if name in wanted
    }


def pressure(lines: Sequence[str], what: str) -> Values:
    """One file of /proc/pressure: the time that some, or all, processes were stalled for want of `what`, in us."""
    values: Values = {}
    for line in lines:
        kind, _, rest = line.partition(" ")
        _, found, total = rest.partition("total=")
        if kind in {"some", "full"} and found:
            values[f"pressure.{what}.{kind}_us"] = number(total, where=f"/proc/pressure/{what}")
    return values


def uptime_s(lines: Sequence[str]) -> float:
    """/proc/uptime: a clock that starts with the host and never goes back.

    Raises:
        DataError: it is not there.
    """
    return _field(lines[0].split() if lines else [], 0, where="/proc/uptime")


def parsers(device: str, interface: str) -> dict[str, Callable[[Sequence[str]], Values]]:
    """The parser of each file, for a host with this disk and this network interface."""
    return {
        "/proc/stat": stat,
        "/proc/loadavg": loadavg,
        "/proc/meminfo": meminfo,
        "/proc/vmstat": vmstat,
        "/proc/diskstats": lambda lines: diskstats(lines, device),
        "/proc/net/dev": lambda lines: net_dev(lines, interface),
        "/proc/net/snmp": net_snmp,
        "/proc/pressure/cpu": lambda lines: pressure(lines, "cpu"),
        "/proc/pressure/io": lambda lines: pressure(lines, "io"),
        "/proc/pressure/memory": lambda lines: pressure(lines, "memory"),
    }


def _field(fields: Sequence[str], index: int, *, where: str) -> float:
    if index >= len(fields):
        raise DataError(f"field {index + 1} is missing", where=where)
    return number(fields[index], where=where)
