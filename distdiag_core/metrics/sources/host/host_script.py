"""The shell program that runs on a node for the source `host`, and the parser of its answers.

It wants a POSIX shell, grep, and /proc, and for the figures of TCP connections ss and awk; nothing is installed and
nothing is written. For each line on its standard input it answers once: the lines of /proc that matter, picked by a
single grep (`file:line`, so that a file that the kernel lacks is just not there), and an end mark. It ends with its
standard input. Where the node has Python, the shell gives way to `node_program`, which answers the same.
"""

from __future__ import annotations

import inspect
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass

from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import ConfigError, DataError, quoted
from distdiag_core.metrics.source import Reading
from distdiag_core.metrics.sources.host import cgroup, node_program, procfs, tcp_script

# On a node that is starved of CPU, an answer took 1.4 s (90 % quantile) at the usual priority and 0.4 s at the highest,
# for a millisecond of work a tick; an account that may not have it goes on without. The clock is read amid the files
# whose rates want it, since there can be a tenth of a second between the first file and the last.
_SCRIPT = (
    r"""
LC_ALL=C; export LC_ALL
renice -n -20 -p $$ >/dev/null 2>&1
device=$1 data_dir=$2 interface=$3 program=$4
"""
    + tcp_script.FUNCTION
    + cgroup.FUNCTION
    + r"""
if [ -z "$device" ]; then
  device=$(df -P -- "${data_dir:-/}" 2>/dev/null | { read -r _; read -r first _; echo "$first"; })
fi
case $device in /*) device=$(readlink -f -- "$device") ;; esac
device=${device##*/}
if [ -z "$interface" ]; then
  while read -r name destination _; do
    if [ "$destination" = 00000000 ]; then interface=$name; break; fi
  done 2>/dev/null </proc/net/route
fi
if [ -z "$interface" ]; then
  while read -r name _; do
    case $name in lo:*) ;; *:*) interface=${name%%:*}; break ;; esac
  done </proc/net/dev
fi
echo "cpus=$(grep -c '^cpu[0-9]' /proc/stat) device=$device interface=$interface"
echo "end 0"
memory='MemTotal|MemFree|MemAvailable|Buffers|Cached|SReclaimable|SwapTotal|SwapFree|Dirty|Writeback'
wanted="^([0-9.]+ [0-9.]+|cpu |ctxt |procs_|($memory):|pgmajfault |pswpin |pswpout |Tcp:|some |full "
wanted="$wanted| *$interface:| *[0-9]+ +[0-9]+ +$device |"'"""
    + cgroup.PATTERN
    + r""")'
files='/proc/stat /proc/loadavg /proc/meminfo /proc/diskstats
  /proc/uptime /proc/pressure/cpu /proc/pressure/io /proc/pressure/memory
  /proc/net/dev /proc/net/snmp /proc/vmstat'
files="$files $(cgroup_files)"
# Without the modules of the site, it starts sooner and nobody's code runs; it writes no byte code.
for python in /usr/bin/python3 /usr/libexec/platform-python python3; do
  if "$python" -BES -c "$program" distdiag-host "$wanted" "$files" probe </dev/null >/dev/null 2>&1; then
    exec "$python" -BES -c "$program" distdiag-host "$wanted" "$files" 2>/dev/null
  fi
done
while read -r tick; do
  grep -HsE "$wanted" $files
  tcp_connections
  echo "end $tick"
done
"""
)

# They become part of a regular expression on the node.
_DEVICE = re.compile(r"[\w./:@-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Host:
    """The facts of a node that its first answer has; empty where unknown."""

    cpus: int
    device: str
    interface: str


def command(*, device: str | None, data_dir: str | None, interface: str | None) -> str:
    """The command line that runs the program.

    Args:
        device: the disk to watch; None for the one that holds `data_dir`, or else the root directory.
        interface: the network interface to watch; None for that of the default route.

    Raises:
        ConfigError: a name that no device or interface can have.
    """
    for key, value in (("device", device), ("interface", interface)):
        if value and not _DEVICE.fullmatch(value):
            raise ConfigError(f"{quoted(value)} cannot be the name of one", where=key, hint="name it as /proc does")
    names = (device or "", data_dir or "", interface or "")
    return shlex.join(["exec", "sh", "-c", _SCRIPT, "distdiag-host", *names, inspect.getsource(node_program)])


def end_mark(tick: int) -> str:
    """The line that ends the answer to `tick`; tick 0 is the first answer, which nobody asks for."""
    return f"end {tick}"


def parse_host(text: str) -> Host:
    """The facts in the first answer.

    Raises:
        DataError: it is not what the program prints.
    """
    last = text.strip().rpartition("\n")[2]
    match = re.fullmatch(r"cpus=(\d{1,6}) device=(\S*) interface=(\S*)", last, re.ASCII)
    if match is None:
        raise DataError(
            f"it does not say what it is: {quoted(last[:80])}", hint="it needs Linux, a POSIX shell and grep"
        )
    return Host(max(1, int(match[1])), match[2], match[3])


def parse_answer(text: str, host: Host) -> Reading:
    """The reading in the answer to one tick, without its end mark.

    Raises:
        DataError: it is not what the program prints, or the kernel is not Linux.
    """
    files: dict[str, list[str]] = defaultdict(list)
    for line in lines_of(text):
        file, _, rest = line.partition(":")
        files[file].append(rest)
    values: dict[str, float] = {}
    for file, parse in procfs.parsers(host.device, host.interface).items():
        if file in files:
            values |= parse(files[file])
    values |= tcp_script.connections(files.get(tcp_script.MARK, []))
    clock_s = procfs.uptime_s(files.get("/proc/uptime", []))
    return Reading(clock_s, per_cpu(cgroup.in_container(values, files, clock_s), host.cpus))


def per_cpu(values: dict[str, float], cpus: int) -> dict[str, float]:
    """The values and the run queue per CPU, which is comparable between hosts of different size."""
    running = values.get("processes.running")
    return values if running is None else values | {"run_queue": running / cpus}
