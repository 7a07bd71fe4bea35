"""Figures of a container's control group in place of those of its machine, by the keys of the source `host`. Pure.

Inside a container /proc has the figures of the machine, while the limits and what was used of them are files of
/sys/fs/cgroup, of version 1 or 2. A limit there is that of the container: the root of a host's own groups has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.metrics.sources.host import procfs
from distdiag_core.metrics.sources.host.procfs import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.metrics.sources.host.procfs import Values

    Files = Mapping[str, Sequence[str]]

_ROOT = "/sys/fs/cgroup"
# A limit of version 1 beyond this is none: it stands for the largest number of pages.
_UNLIMITED_BYTES = 2.0**62
_TICKS_A_SECOND = 100.0

FILES_2 = tuple(
    f"{_ROOT}/{name}"
    for name in (
        "cpu.max", "cpu.stat", "memory.max", "memory.current", "memory.stat",
        "cpu.pressure", "io.pressure", "memory.pressure",
    )
)  # fmt: skip
FILES_1 = tuple(
    f"{_ROOT}/{name}"
    for name in (
        "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us", "cpuacct/cpuacct.usage", "cpuacct/cpuacct.stat",
        "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat",
    )
)  # fmt: skip
PATTERN = (
    "[0-9]+$|(usage|user|system)_usec |(user|system) [0-9]+$|"
    "(total_)?(file|cache|inactive_file|file_dirty|dirty|file_writeback|writeback) [0-9]+$"
)
"""The lines of these files that are read, as a part of a regular expression of grep and of Python alike."""

# A shell function: the files, if there is a limit and no lxcfs, else nothing.
FUNCTION = f"""
cgroup_files() {{
  # There /proc has the figures of the container, with what its control group does not have.
  if grep -q ' /proc/stat fuse.lxcfs ' /proc/mounts 2>/dev/null; then return; fi
  if [ -f {_ROOT}/cpu.max ]; then
    echo {" ".join(FILES_2)}
  elif read -r quota <{_ROOT}/cpu/cpu.cfs_quota_us && read -r bytes <{_ROOT}/memory/memory.limit_in_bytes; then
    # Without a limit: -1, and a number of 19 digits.
    if [ "$quota" -gt 0 ] || [ ${{#bytes}} -lt 19 ]; then echo {" ".join(FILES_1)}; fi
  fi 2>/dev/null
}}
"""


def in_container(values: Values, files: Files, clock_s: float) -> Values:
    """The values of a host with those of its container, as far as this has limits.

    CPU time is then a share of what the limit allows. What a container has none of (waiting, interrupts, stolen time)
    is unknown, rather than that of the machine.

    Args:
        files: the lines of each file of the answer.
        clock_s: when they were read.
    """
    values = values | _pressure(files)
    cpu, memory = _cpu(files, clock_s), _memory(files)
    if cpu:
        values = {key: value for key, value in values.items() if not key.startswith("cpu.")} | cpu
    if memory:
        values = {key: value for key, value in values.items() if not key.startswith("memory.")} | memory
    return values


def _cpu(files: Files, clock_s: float) -> Values:
    """CPU seconds, and those that the limit allows; nothing without a limit."""
    quota, period = _limit(files)
    if quota <= 0 or period <= 0:
        return {}
    total = clock_s * quota / period
    stat = _named(files, f"{_ROOT}/cpu.stat")
    if "usage_usec" in stat:
        used = {"busy": "usage_usec", "user": "user_usec", "system": "system_usec"}
        return {"cpu.total": total} | {f"cpu.{key}": stat[name] / 1e6 for key, name in used.items() if name in stat}
    busy = _single(files, f"{_ROOT}/cpuacct/cpuacct.usage")
    if busy is None:
        return {}
    ticks = _named(files, f"{_ROOT}/cpuacct/cpuacct.stat")
    parts = {f"cpu.{name}": ticks[name] / _TICKS_A_SECOND for name in ("user", "system") if name in ticks}
    return {"cpu.total": total, "cpu.busy": busy / 1e9} | parts


def _limit(files: Files) -> tuple[float, float]:
    """The time that may be used in each period, in us; 0 without a limit."""
    # Without a limit it begins with `max`, which the program on the node leaves out.
    where = f"{_ROOT}/cpu.max"
    fields = files[where][0].split() if files.get(where) else []
    if len(fields) == 2:
        return number(fields[0], where=where), number(fields[1], where=where)
    quota = _single(files, f"{_ROOT}/cpu/cpu.cfs_quota_us")
    period = _single(files, f"{_ROOT}/cpu/cpu.cfs_period_us")
    return quota or 0.0, period or 0.0


def _memory(files: Files) -> Values:
    """Memory in bytes and percent of the limit, without files that can be dropped; nothing without a limit."""
    limit = _single(files, f"{_ROOT}/memory.max", f"{_ROOT}/memory/memory.limit_in_bytes")
    used = _single(files, f"{_ROOT}/memory.current", f"{_ROOT}/memory/memory.usage_in_bytes")
    if not limit or used is None or limit >= _UNLIMITED_BYTES:
        return {}
    # Those of version 1 with `total_` have what lies below, as all of version 2 have.
    one = _named(files, f"{_ROOT}/memory/memory.stat")
    stat = _named(files, f"{_ROOT}/memory.stat") | {
        name.removeprefix("total_"): value for name, value in one.items() if name.startswith("total_")
    }
    needed = max(0.0, used - stat.get("inactive_file", 0.0))
    values = procfs.used_share("memory.used", limit, limit - needed) | {
        "memory.available_bytes": max(0.0, limit - needed),
        "memory.free_bytes": max(0.0, limit - used),
    }
    for key, names in (("cached", ("file", "cache")), ("dirty", ("file_dirty", "dirty")),
                       ("writeback", ("file_writeback", "writeback"))):  # fmt: skip
        values |= {f"memory.{key}_bytes": stat[name] for name in names if name in stat}
    return values


def _pressure(files: Files) -> Values:
    values: Values = {}
    for what in ("cpu", "io", "memory"):
        values |= procfs.pressure(files.get(f"{_ROOT}/{what}.pressure", ()), what)
    return values


def _single(files: Files, *names: str) -> float | None:
    """The figure of the first file that there is; None for -1, which stands for none."""
    for name in names:
        if files.get(name):
            text = files[name][0].strip()
            return None if text in ("-1", "max") else number(text, where=name)
    return None


def _named(files: Files, file: str) -> Values:
    """The figures of a file with a name and a figure on each line."""
    pairs = (line.split() for line in files.get(file, ()))
    return {pair[0]: number(pair[1], where=file) for pair in pairs if len(pair) == 2}
