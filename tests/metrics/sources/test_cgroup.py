"""A container's limits in place of its machine; the files are made up by us, in the formats of the kernel."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from distdiag_core.errors import DataError
from distdiag_core.metrics.sources.host import cgroup, host_script
from distdiag_core.metrics.sources.host.host_script import Host

if TYPE_CHECKING:
    from collections.abc import Mapping

_MACHINE = """\
/proc/uptime:1000.00 2000.00
/proc/stat:cpu  100 20 30 400 50 6 7 8 0 0
/proc/loadavg:0.50 1.50 2.50 6/229 13607
/proc/meminfo:MemTotal:       64000000 kB
/proc/meminfo:MemAvailable:   32000000 kB
/proc/meminfo:SwapTotal:         0 kB
/proc/meminfo:SwapFree:          0 kB
/proc/pressure/cpu:some avg10=0.00 avg60=0.00 avg300=0.10 total=5197357
"""
_VERSION_2 = """\
cpu.max:200000 100000
cpu.stat:usage_usec 300000000
cpu.stat:user_usec 200000000
cpu.stat:system_usec 100000000
memory.max:1000000000
memory.current:700000000
memory.stat:file 250000000
memory.stat:file_dirty 1000
memory.stat:inactive_file 200000000
cpu.pressure:some avg10=0.00 avg60=0.00 avg300=0.00 total=77
"""
_VERSION_1 = """\
cpu/cpu.cfs_quota_us:200000
cpu/cpu.cfs_period_us:100000
cpuacct/cpuacct.usage:300000000000
cpuacct/cpuacct.stat:user 20000
cpuacct/cpuacct.stat:system 10000
memory/memory.limit_in_bytes:1000000000
memory/memory.usage_in_bytes:700000000
memory/memory.stat:cache 1
memory/memory.stat:total_cache 250000000
memory/memory.stat:total_dirty 1000
memory/memory.stat:total_inactive_file 200000000
"""


def values_of(group: str) -> Mapping[str, float]:
    lines = [f"/sys/fs/cgroup/{line}" for line in group.splitlines()]
    return host_script.parse_answer("\n".join((*_MACHINE.splitlines(), *lines)), Host(32, "vda", "eth0")).values


@pytest.mark.parametrize("group", [_VERSION_2, _VERSION_1], ids=["version 2", "version 1"])
def test_the_figures_are_shares_of_the_limits(group: str) -> None:
    values = values_of(group)
    # Two processors for the 1000 s since the start of the machine, 300 s of which were used.
    assert {key: value for key, value in values.items() if key.startswith(("cpu.", "memory."))} == {
        "cpu.total": 2000,
        "cpu.busy": 300,
        "cpu.user": 200,
        "cpu.system": 100,
        "memory.used": pytest.approx(50),
        "memory.available_bytes": 500_000_000,
        "memory.free_bytes": 300_000_000,
        "memory.cached_bytes": 250_000_000,
        "memory.dirty_bytes": 1000,
    }
    assert values["pressure.cpu.some_us"] == (77 if group is _VERSION_2 else 5197357)
    assert values["load.15"] == 2.5


@pytest.mark.parametrize(
    "group",
    [
        "",
        # As the program on the node leaves out `max`.
        "cpu.stat:usage_usec 300000000\nmemory.current:700000000",
        "cpu/cpu.cfs_quota_us:-1\ncpu/cpu.cfs_period_us:100000\ncpuacct/cpuacct.usage:3",
        "memory/memory.limit_in_bytes:9223372036854771712\nmemory/memory.usage_in_bytes:7",
    ],
)
def test_without_a_limit_the_machine_is_shown(group: str) -> None:
    assert values_of(group) == values_of("")


def test_one_limit_alone_leaves_the_rest_to_the_machine() -> None:
    of_cpu = values_of("\n".join(_VERSION_2.splitlines()[:4]))
    assert (of_cpu["cpu.total"], of_cpu["memory.used"]) == (2000, 50)
    assert of_cpu["memory.available_bytes"] == 32_000_000 * 1024


@pytest.mark.parametrize("line", ["cpu.max:much 100000", "memory.max:-5\nmemory.current:1", "memory.stat:file x"])
def test_what_is_no_figure_is_a_data_error(line: str) -> None:
    with pytest.raises(DataError, match="cgroup"):
        values_of(f"memory.max:10\nmemory.current:5\n{line}" if "stat" in line else line)


@pytest.mark.parametrize("lines", [_VERSION_2, _VERSION_1], ids=["version 2", "version 1"])
def test_the_program_on_the_node_picks_these_lines(lines: str) -> None:
    contents = "".join(f"{line.partition(':')[2]}\n" for line in lines.splitlines() if "pressure" not in line)
    others = "max 100000\nmax\n-1\nnr_periods 4\npgfault 5\nanon 7\n"
    picked = subprocess.run(
        ["grep", "-E", f"^([0-9.]+ [0-9.]+|{cgroup.PATTERN})"],
        input=contents + others, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert picked.stdout == contents


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root can put other files below /sys/fs/cgroup")
@pytest.mark.parametrize("group", [_VERSION_2, _VERSION_1], ids=["version 2", "version 1"])
def test_the_program_on_the_node_finds_the_files_of_its_container(group: str) -> None:
    files: dict[str, list[str]] = {}
    for line in group.splitlines():
        name, _, content = line.partition(":")
        files.setdefault(name, []).append(content)
    made = "".join(f"mkdir -p $(dirname {n}); printf '%s\\n' {shlex.join(lines)} >{n}\n" for n, lines in files.items())
    program = host_script.command(device=None, data_dir=None, interface=None)
    script = f"mount -t tmpfs none /sys/fs/cgroup && cd /sys/fs/cgroup\n{made}\n{program}"
    ended = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], input="1\n", capture_output=True, text=True, check=True
    )
    values = host_script.parse_answer(
        ended.stdout.partition("end 0\n")[2].removesuffix("end 1\n"), Host(2, "", "")
    ).values
    assert values["cpu.busy"] == 300
    assert values["memory.used"] == pytest.approx(50)
