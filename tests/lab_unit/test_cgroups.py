"""Control groups: their hierarchies, limits and processes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from distdiag_core.lab.cgroups import Hierarchies, NodeCgroup, hierarchies, limit_files, parse_mounts, remove
from distdiag_core.lab.plan import Limits

_LIMITS = Limits(cpu_cores=0.5, memory_bytes=2**31, processes=100, disk_iops=600, disk_bytes_per_s=1000)

_V1 = """\
tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0
cgroup /sys/fs/cgroup/blkio cgroup rw,blkio 0 0
cgroup /sys/fs/cgroup/freezer cgroup rw,freezer 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nsdelegate 0 0
"""
_V2 = "cgroup2 {} cgroup2 rw,nosuid,nsdelegate 0 0\n"


def test_v1_with_a_shared_and_a_unified_hierarchy() -> None:
    where = parse_mounts(_V1)
    assert where.v1["cpu"] == where.v1["cpuacct"] == Path("/sys/fs/cgroup/cpu,cpuacct")
    assert where.v2 == Path("/sys/fs/cgroup/unified")
    assert len(where.roots()) == 7
    assert where.lacking() == ()


def test_v1_names_its_missing_controllers() -> None:
    assert parse_mounts(_V1.replace("blkio", "rdma")).lacking() == ("blkio",)


def test_v2_alone_knows_its_controllers_from_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu memory pids\n", encoding="ascii")
    where = parse_mounts(_V2.format(tmp_path))
    assert where.v1 == {}
    assert where.roots() == (tmp_path,)
    assert where.lacking() == ("io",)


@pytest.mark.parametrize("text", ["", "\n\n", "cgroup\n", "proc /proc proc rw 0 0\n"])
def test_a_machine_without_control_groups_has_no_hierarchy(text: str) -> None:
    assert parse_mounts(text).roots() == ()


def test_limits_on_v1() -> None:
    files = {file: text for _, file, text in limit_files(parse_mounts(_V1), _LIMITS, "7:3")}
    assert files == {
        "cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "50000",
        "memory.limit_in_bytes": str(2**31),
        "pids.max": "100",
        "blkio.throttle.read_iops_device": "7:3 600",
        "blkio.throttle.write_iops_device": "7:3 600",
        "blkio.throttle.read_bps_device": "7:3 1000",
        "blkio.throttle.write_bps_device": "7:3 1000",
    }


def test_limits_on_v2(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu io memory pids", encoding="ascii")
    files = {file: text for _, file, text in limit_files(Hierarchies({}, tmp_path), _LIMITS, "7:3")}
    assert files == {
        "cpu.max": "50000 100000",
        "memory.max": str(2**31),
        "pids.max": "100",
        "io.max": "7:3 rbps=1000 wbps=1000 riops=600 wiops=600",
    }


def test_a_group_without_anything_in_it_is_removed_with_those_below(tmp_path: Path) -> None:
    (tmp_path / "n1" / "deeper" / "still").mkdir(parents=True)
    assert remove(tmp_path / "n1")
    assert not (tmp_path / "n1").exists()
    assert remove(tmp_path / "n1")


def test_processes_of_an_outer_namespace_have_no_number_here(tmp_path: Path) -> None:
    group = NodeCgroup(Hierarchies({}, tmp_path), "n1")
    group.paths[0].mkdir(parents=True)
    (group.paths[0] / "cgroup.procs").write_text("0\n0\n4711\n", encoding="ascii")
    assert group.pids() == {4711}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
async def test_all_processes_of_a_group_end_frozen_and_nested_ones_too() -> None:
    unified = hierarchies().v2
    if unified is None:
        pytest.skip("this machine has no unified hierarchy")
    group = NodeCgroup(Hierarchies({}, unified), f"test-{os.getpid()}")
    for path in (*group.paths, group.paths[0] / "below"):
        path.mkdir(parents=True)
    enter = 'echo $$ >"$1/cgroup.procs"; echo in; trap "" TERM; sleep 60 & wait'
    program = await asyncio.create_subprocess_exec(
        "sh", "-c", enter, "enter", str(group.paths[0] / "below"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert program.stdout is not None
        assert await program.stdout.readline() == b"in\n"
        (group.paths[0] / "below" / "cgroup.freeze").write_text("1", encoding="ascii")
        assert program.pid in group.pids()
    finally:
        await group.end()
    assert await program.wait() == -9
    assert not group.paths[0].exists()
    remove(group.paths[0].parent)
