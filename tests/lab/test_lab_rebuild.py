"""The lab repairs itself, survives being killed half-way, and leaves nothing. Only on a lab that the tests built."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import lab as distdiag_lab
from distdiag_core import places
from distdiag_core.lab import cgroups, cluster_file, disks, lxcfs, probe
from distdiag_core.lab.cgroups import NodeCgroup
from distdiag_core.lab.programs import until
from distdiag_core.lab.status import LabKind, LabProgress

if TYPE_CHECKING:
    from .conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
_NODES = 3


@pytest.fixture(autouse=True)
def _expendable(lab: Lab) -> None:
    if not lab.ours:
        pytest.skip("THIS LAB WAS UP ALREADY, AND IS SOMEBODY'S: take it down to have these tests run")


async def _up(nodes: int = _NODES) -> list[LabProgress]:
    reported: list[LabProgress] = []
    status = await distdiag_lab.up(nodes, install=False, progress=reported.append)
    assert status.healthy
    assert [node.name for node in status.nodes] == [f"n{number}" for number in range(1, nodes + 1)]
    return reported


async def test_rebuild_of_a_node_that_was_killed_leaves_the_others_alone() -> None:
    groups = {name: NodeCgroup(cgroups.hierarchies(), name) for name in ("n1", "n2", "n3")}
    before = {name: group.init() for name, group in groups.items()}
    victim = before["n2"]
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    reported = await _up()
    assert {progress.node for progress in reported if progress.step == "was up already"} == {"n1", "n3"}
    assert {name: group.init() for name, group in groups.items() if name != "n2"} == {
        "n1": before["n1"],
        "n3": before["n3"],
    }


async def test_rebuild_after_lxcfs_was_killed() -> None:
    directory = places.lab_dir()
    for pid in lxcfs.servers(directory):
        os.kill(pid, signal.SIGKILL)

    async def dead() -> bool:
        return not await lxcfs.alive(directory)

    await until(dead, timeout_s=10, failure="lxcfs still answers", where="the lab")
    assert "starting" in {progress.step for progress in await _up()}
    assert await lxcfs.alive(directory)


async def test_rebuild_with_another_number_of_nodes() -> None:
    await _up(1)
    assert cgroups.leftovers(cgroups.hierarchies()) == {"n1"}
    assert not (places.lab_dir() / "n2").exists()
    assert not await probe.ssh("10.77.0.12")
    await _up(_NODES)


@pytest.mark.parametrize("last_line", ["starting lxcfs", "n1: starting", "n2: has booted; its database is starting"])
async def test_rebuild_after_up_was_killed_half_way(last_line: str) -> None:
    await distdiag_lab.down(_ignore)
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from distdiag_tui.main import main; main()", "lab", "up", "--nodes", str(_NODES)),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert program.stderr is not None
    async with asyncio.timeout(60):
        while (line := (await program.stderr.readline()).decode().strip()) != last_line:
            assert line
    program.kill()
    await program.wait()
    await _up()


async def test_rebuild_from_nothing_because_down_leaves_nothing() -> None:
    await distdiag_lab.down(_ignore)
    assert (await distdiag_lab.status()).kind is LabKind.ABSENT
    assert left() == []
    # Taking down what is not there is no mistake.
    await distdiag_lab.down(_ignore)
    assert left() == []
    await _up()


def left() -> list[object]:
    """Everything of a lab that is on this machine."""
    directory = places.lab_dir()
    return [
        *(path for path in (directory, cluster_file.path()) if path.exists()),
        *disks.devices(directory),
        *(link for link in Path("/sys/class/net").iterdir() if link.name.startswith("distdiag")),
        *Path("/run/netns").glob("distdiag-*"),
        *(root for root in cgroups.hierarchies().roots() if (root / cgroups.PARENT_CGROUP).exists()),
        *(
            line
            for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
            if str(directory) in line
        ),
        *(entry for entry in Path("/proc").glob("[0-9]*") if _is_of_the_lab(entry)),
    ]


def _is_of_the_lab(process: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes()
    except OSError:
        return False
    return str(places.lab_dir()).encode() in words or b"/opt/observer/" in words


def _ignore(_progress: LabProgress) -> None:
    """Nobody reads it."""
