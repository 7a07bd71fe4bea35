"""What one shell command tells of a node: rights, programs, kernel and clock; it changes nothing."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.anomalies.planner import ROOT_RIGHTS, SYSTEM_PATH
from distdiag_core.cluster.lines import lines_of
from distdiag_core.errors import DataError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.shell import Shell

# Queueing disciplines and filters of `tc`, by which packets are delayed, lost and shaped.
TRAFFIC_CONTROL = ("sch_prio", "sch_netem", "sch_htb", "cls_u32")
_SURVEY_S, _CLOCK_S = 10.0, 5.0
_CLOCK_TIMES = 3
_FACTS = r"""
echo "user=$(id -un)"
printf 'refusal=%s\n' "$refusal"
echo "kernel=$(uname -r)"
for each in apt-get yum; do
    if command -v $each >/dev/null 2>&1; then echo "installer=$each"; break; fi
done
if cat /proc/pressure/cpu >/dev/null 2>&1; then echo pressure=yes; fi
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo cgroup=v2
elif grep -q cgroup2 /proc/mounts 2>/dev/null; then echo 'cgroup=v1, with v2 beside it'
elif grep -q cgroup /proc/mounts 2>/dev/null; then echo cgroup=v1; fi
"""
_PROGRAM = "command -v {name} >/dev/null 2>&1 || echo lacks={name}\n"
# Loaded, built in, or there to be loaded: the last only says whether it could be.
_MODULE = "[ -d /sys/module/{name} ] || modprobe -n -q {name} 2>/dev/null || echo lacks_module={name}\n"


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a node says of itself.

    Attributes:
        refusal: of sudo, to become root without a password; empty for an account that may, or is root.
        installer: `apt-get` or `yum`; empty where it has neither.
        pressure: whether the kernel tells pressure-stall figures.
        cgroup: the version of control groups; empty where there are none.
        lacks, lacks_modules: programs and modules of the kernel that were not found.
    """

    user: str
    refusal: str
    kernel: str
    installer: str
    pressure: bool
    cgroup: str
    lacks: frozenset[str]
    lacks_modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The clock of a node minus that of this machine, known to within `uncertainty_s`."""

    offset_s: float
    uncertainty_s: float


async def survey(shell: Shell, programs: Iterable[str]) -> HostFacts:
    """The facts of a node, and which of `programs` it lacks.

    Raises:
        UnreachableError: it did not answer.
        CommandFailedError: it has no POSIX shell.
        DataError: its answer makes no sense.
    """
    names = (_PROGRAM.format(name=shlex.quote(program)) for program in sorted(set(programs)))
    modules = (_MODULE.format(name=module) for module in TRAFFIC_CONTROL)
    script = "".join((f"{SYSTEM_PATH}\n", ROOT_RIGHTS, _FACTS, *names, *modules, ":\n"))
    result = await shell.run("sh", stdin=script, timeout_s=_SURVEY_S)
    return _parsed(result.check().stdout, shell.node)


async def clock_offset(shell: Shell) -> ClockOffset:
    """The offset of its clock, by the quickest of a few answers.

    Raises:
        UnreachableError: it did not answer.
        DataError: its answer is no time.
    """
    return min([await _offset(shell) for _ in range(_CLOCK_TIMES)], key=lambda each: each.uncertainty_s)


def _parsed(text: str, node: str) -> HostFacts:
    facts: dict[str, str] = {}
    lacks: dict[str, list[str]] = {"lacks": [], "lacks_module": []}
    for line in lines_of(text):
        key, equals, value = line.partition("=")
        if not equals:
            raise DataError(f"unexpected answer {quoted(line[:80])}", where=f"{node}: survey")
        if key in lacks:
            lacks[key].append(value)
        facts[key] = value
    return HostFacts(
        user=facts.get("user", ""),
        refusal=facts.get("refusal", ""),
        kernel=facts.get("kernel", ""),
        installer=facts.get("installer", ""),
        pressure="pressure" in facts,
        cgroup=facts.get("cgroup", ""),
        lacks=frozenset(lacks["lacks"]),
        lacks_modules=tuple(lacks["lacks_module"]),
    )


async def _offset(shell: Shell) -> ClockOffset:
    asked_s, since_s = time.time(), time.monotonic()
    result = await shell.run("date +%s.%N", timeout_s=_CLOCK_S)
    half_s = (time.monotonic() - since_s) / 2
    text = result.stdout.strip()
    # A date that knows no nanoseconds prints none, or the letter; it is right to within a second.
    seconds, _, fraction = text.partition(".")
    try:
        if fraction.isdigit():
            return ClockOffset(float(text) - (asked_s + half_s), half_s)
        return ClockOffset(float(seconds) + 0.5 - (asked_s + half_s), half_s + 0.5)
    except ValueError:
        raise DataError(f"{quoted(text[:40])} is no time", where=f"{shell.node}: date") from None
