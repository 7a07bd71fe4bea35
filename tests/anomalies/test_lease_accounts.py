"""Leases of an account without rights: where they lie, how their processes are found, and how they are spared."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from distdiag_core.anomalies.catalogue import AnomalyCatalogue
from distdiag_core.anomalies.injection import Injection, InjectionRequest, InjectionState
from distdiag_core.errors import CommandFailedError
from tests.anomalies.catalogue_data import HARMLESS, STUBBORN, anomaly
from tests.anomalies.private_node import NOBODY, NobodysNode
from tests.anomalies.restarts import lose_by_restart
from tests.waiting import until

_STATE, _HOME = "/tmp/state", "/tmp/home"  # noqa: S108 - a directory of the test's own is there
# As if the kernel had killed it for want of memory.
_KILLED = "#!/bin/sh\nkill -KILL $$\n"
_IMPATIENT = AnomalyCatalogue((anomaly("sleep", replace(STUBBORN, patience_s=1)),))


def _possible() -> bool:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _possible(), reason="NEEDS ROOT, setpriv, AND TO BE ALLOWED TO MOUNT")


@pytest.fixture
def node(tmp_path: Path) -> NobodysNode:
    node = NobodysNode(tmp_path)
    node.make()
    node.make_own(node.here / "home")
    node.make_own(node.here / "state")
    return node


async def _inject(node: NobodysNode, name: str = "sleep", catalogue: AnomalyCatalogue = HARMLESS) -> Injection:
    injector = node.injector(catalogue)
    (injection,) = await injector.inject(await injector.plan(InjectionRequest(name, ("n1",), "low", 60)))
    return injection


def _records(node: NobodysNode, name: str) -> set[str]:
    """The leases with this id, and their copies, from where the account has them."""
    places = {node.here: "/tmp", node.memory: "/dev/shm"}  # noqa: S108
    return {f"{at}/{path.parent.relative_to(root)}" for root, at in places.items() for path in root.glob(f"**/{name}")}


_HOST = platform.node()
_OF_STATE, _OF_HOME = f"{_STATE}/distdiag/{_HOST}", f"{_HOME}/.local/state/distdiag/{_HOST}"
_OF_MEMORY, _OF_TMP = f"/dev/shm/distdiag-{NOBODY}", f"/tmp/distdiag-{NOBODY}"  # noqa: S108


@pytest.mark.parametrize(
    ("environment", "places"),
    [
        ({"XDG_STATE_HOME": _STATE, "HOME": _HOME}, {_OF_STATE, _OF_MEMORY}),
        ({"HOME": _HOME}, {_OF_HOME, _OF_MEMORY}),
        ({"XDG_STATE_HOME": "", "HOME": _HOME}, {_OF_HOME, _OF_MEMORY}),
        # Not absolute, so that it counts as not set.
        ({"XDG_STATE_HOME": "state", "HOME": _HOME}, {_OF_HOME, _OF_MEMORY}),
        ({"XDG_STATE_HOME": "/proc/state", "HOME": _HOME}, {_OF_HOME, _OF_MEMORY}),
        ({"HOME": "/proc"}, {_OF_MEMORY, _OF_TMP}),
        ({"HOME": "/nonexistent"}, {_OF_MEMORY, _OF_TMP}),
        ({}, {_OF_MEMORY, _OF_TMP}),
    ],
)
async def test_a_lease_lies_where_the_account_may_write_and_a_reboot_spares_it(
    node: NobodysNode, environment: dict[str, str], places: set[str]
) -> None:
    node = replace(node, environment=environment)
    injection = await _inject(node)
    assert _records(node, injection.id) == places
    injector = node.injector(HARMLESS)
    assert [(each.id, each.state) for each in await injector.active()] == [(injection.id, InjectionState.ACTIVE)]
    (cleared,) = await injector.clear_all()
    assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
    assert _records(node, injection.id) == set()
    assert list(node.data.iterdir()) == []


async def test_a_lease_ends_at_its_deadline_though_its_home_became_unwritable(node: NobodysNode) -> None:
    node = replace(node, environment={"HOME": _HOME})
    injector = node.injector(HARMLESS)
    (injection,) = await injector.inject(await injector.plan(InjectionRequest("sleep", ("n1",), "low", 3)))
    os.chown(node.here / "home" / ".local" / "state" / "distdiag" / _HOST, 0, 0)
    await until(lambda: not list(node.data.iterdir()), "it to be undone")
    os.chown(node.here / "home" / ".local" / "state" / "distdiag" / _HOST, NOBODY, NOBODY)
    await injector.clear_all()
    assert _records(node, injection.id) == set()


@pytest.mark.parametrize(
    ("environment", "place"),
    [({"XDG_STATE_HOME": _STATE, "HOME": _HOME}, "state/distdiag"), ({"HOME": _HOME}, "home/.local/state/distdiag")],
)
async def test_what_outlives_a_restart_of_the_node_is_undone_at_the_next_contact(
    node: NobodysNode, environment: dict[str, str], place: str
) -> None:
    node = replace(node, environment=environment)
    injection = await _inject(node)
    lose_by_restart(node.here / place / _HOST / injection.id, node.memory)
    assert [path.name for path in node.data.iterdir()] == [f"distdiag-{injection.id}"]
    (orphan,) = await node.injector(HARMLESS).active()
    assert (orphan.id, orphan.state) == (injection.id, InjectionState.ORPHANED)
    await until(lambda: not list(node.data.iterdir()), "it to be undone")
    await until(lambda: not _records(node, injection.id), "its record to be removed")


async def test_processes_that_cannot_be_listed_are_not_taken_for_none(node: NobodysNode) -> None:
    injection = await _inject(node)
    # It can list them, and would end it.
    os.killpg(int(_supervisor(node, injection)), signal.SIGKILL)
    broken = _with_broken_grep(node)
    (left,) = await broken.injector(HARMLESS).clear_all()
    assert left.state is InjectionState.ORPHANED
    assert left.detail == "it cannot be found out whether its processes have ended"
    assert [path.name for path in node.data.iterdir()] == [f"distdiag-{injection.id}"]
    (cleared,) = await node.injector(HARMLESS).clear_all()
    assert cleared.state is InjectionState.CLEARED
    assert list(node.data.iterdir()) == []


async def test_an_effect_is_not_proved_where_processes_cannot_be_listed(node: NobodysNode) -> None:
    broken = _with_broken_grep(node)
    with pytest.raises(CommandFailedError, match=r"does not show within 1 s.*cannot be found out"):
        await _inject(broken, catalogue=_IMPATIENT)
    await node.injector(HARMLESS).clear_all()
    assert list(node.data.iterdir()) == []


def _with_broken_grep(node: NobodysNode) -> NobodysNode:
    programs = node.here / "programs"
    programs.mkdir()
    programs.chmod(0o755)
    (programs / "grep").write_text(_KILLED, encoding="ascii")
    (programs / "grep").chmod(0o755)
    return replace(node, environment={"PATH": f"/tmp/programs:{os.environ['PATH']}"})  # noqa: S108


def _supervisor(node: NobodysNode, injection: Injection) -> str:
    (record, *_) = node.memory.glob(f"*/{injection.id}")
    return (record / "supervisor").read_text(encoding="ascii").split()[0]


def _favour(process: str) -> str:
    return Path(f"/proc/{process}/oom_score_adj").read_text(encoding="ascii").strip()


@pytest.mark.parametrize(
    ("before", "favour"),
    [
        (":", "0"),
        # Whoever raised it without rights may take it back.
        ("echo 300 >/proc/self/oom_score_adj", "0"),
    ],
)
async def test_the_supervisor_is_spared_by_the_kernel_as_far_as_the_account_may(
    node: NobodysNode, before: str, favour: str
) -> None:
    node = replace(node, before=before)
    injection = await _inject(node)
    assert _favour(_supervisor(node, injection)) == favour
    (cleared,) = await node.injector(HARMLESS).clear_all()
    assert cleared.state is InjectionState.CLEARED


async def test_a_line_end_in_the_name_of_a_program_hides_no_process(node: NobodysNode) -> None:
    name = "sleep\n1 (x) S"
    program = node.here / name
    shutil.copy(shutil.which("sleep") or "", program)
    program.chmod(0o755)
    stranger = await asyncio.create_subprocess_exec(program, "300")
    try:
        injection = await _inject(node)
        (cleared,) = await node.injector(HARMLESS).clear_all()
        assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
        assert stranger.returncode is None
    finally:
        stranger.kill()
        await stranger.wait()
