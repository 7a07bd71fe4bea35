"""Injections end: at their deadline by themselves, on demand at once, and only the one that is meant."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.clearing_errors import NotThereError
from distdiag_core.anomalies.injection import InjectionRequest, InjectionState
from distdiag_core.anomalies.injector import Injector
from distdiag_core.cluster.local import LocalShell
from distdiag_core.errors import CommandFailedError, RefusedError
from tests.anomalies.restarts import lose_by_restart
from tests.waiting import until

if TYPE_CHECKING:
    from tests.anomalies.conftest import Here

CONSOLE = """
import asyncio, sys
from pathlib import Path
from distdiag_core.anomalies.injection import InjectionRequest
from tests.anomalies.conftest import cluster_here, injector_here

async def main(directory):
    injector = injector_here(cluster_here(directory / "data"), directory / "leases")
    plan = await injector.plan(InjectionRequest("sleep", ("n1",), "low", 3))
    (injection,) = await injector.inject(plan)
    print(injection.id, flush=True)
    await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_an_injection_is_active_as_planned(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1", duration_s=60)
    assert injection.state is InjectionState.ACTIVE
    assert (injection.node, injection.anomaly, injection.severity) == ("n1", "sleep", "low")
    assert injection.detail == "by sleepers"
    assert 55 <= injection.deadline_s - injection.started_s <= 61
    assert "@" in injection.owner
    assert [each.id for each in await here.injector.active()] == [injection.id]
    assert len(here.processes(injection.id)) >= 3


async def test_the_node_ends_it_at_the_deadline_even_what_ignores_being_asked(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1", duration_s=2)
    assert len(here.processes(injection.id)) >= 3
    await until(lambda: not here.left, "the lease to end")
    assert here.processes(injection.id) == set()
    assert await here.injector.active() == ()


async def test_clearing_ends_it_at_once_and_leaves_nothing(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1")
    supervisor = here.supervisor(injection.id)
    (cleared,) = await here.injector.clear([injection.id])
    assert (cleared.id, cleared.state) == (injection.id, InjectionState.CLEARED)
    assert here.processes(injection.id) == set()
    assert here.left == []
    await until(lambda: not Path(f"/proc/{supervisor}").exists(), "the supervisor to be gone")


async def test_clearing_one_leaves_the_other_on_the_same_node(here: Here) -> None:
    (first,) = await here.inject("sleep", "n1")
    (second,) = await here.inject("sleep", "n1", duration_s=50)
    others = here.processes(second.id)
    await here.injector.clear([first.id])
    assert here.processes(first.id) == set()
    assert here.processes(second.id) == others
    (left,) = await here.injector.active()
    assert left.id == second.id
    assert left.deadline_s == pytest.approx(second.deadline_s, abs=2)
    await here.injector.clear_all()
    assert here.left == []


async def test_clearing_everything_can_be_repeated(here: Here) -> None:
    begun = {injection.id for injection in await here.inject("sleep", "n1", "n2")}
    assert {injection.id for injection in await here.injector.clear_all()} == begun
    assert await here.injector.clear_all() == ()


async def test_clearing_needs_nothing_that_the_console_knew(here: Here) -> None:
    from tests.anomalies.conftest import injector_here

    await here.inject("sleep", "n1", "n2")
    stranger = injector_here(here.cluster, here.leases)
    cleared = await stranger.clear_all()
    assert {injection.node for injection in cleared} == {"n1", "n2"}
    assert here.left == []


async def test_clearing_what_is_not_there_is_said_and_the_rest_is_cleared(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1")
    with pytest.raises(NotThereError, match="no node has an injection called 0nothing"):
        await here.injector.clear([injection.id, "0nothing"])
    assert await here.injector.active() == ()


async def test_a_console_that_is_killed_leaves_a_clean_node_at_the_deadline(here: Here) -> None:
    console = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CONSOLE,
        str(here.directory),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert console.stdout is not None
    name = (await console.stdout.readline()).decode().strip()
    console.kill()
    await console.wait()
    assert here.processes(name)
    await until(lambda: not here.left, "the lease to end")
    assert here.processes(name) == set()


async def test_what_has_no_effect_is_undone_at_once(here: Here) -> None:
    with pytest.raises(CommandFailedError, match=r"n1: dying by dying: .*it broke; nothing of it is left on any node"):
        await here.inject("dying", "n1")
    assert here.left == []


async def test_what_fails_half_way_is_undone_at_once(here: Here) -> None:
    with pytest.raises(CommandFailedError, match="it cannot be begun: no such luck"):
        await here.inject("failing", "n1")
    assert here.left == []


async def test_an_orphan_is_named_blocks_its_node_and_can_be_cleared(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1")
    os.killpg(here.supervisor(injection.id), signal.SIGKILL)
    (orphan,) = await here.injector.active()
    assert orphan.state is InjectionState.ORPHANED
    assert "supervisor is gone" in orphan.detail
    with pytest.raises(RefusedError, match=f"clear {injection.id} first"):
        await here.inject("sleep", "n1")
    await here.injector.clear([injection.id])
    assert here.left == []


async def test_what_a_restart_of_the_node_left_is_an_orphan_and_is_taken_back(here: Here) -> None:
    (injection,) = await here.inject("mark", "n1")
    lose_by_restart(here.leases / injection.id)
    (orphan,) = await here.injector.active()
    assert (orphan.state, orphan.anomaly) == (InjectionState.ORPHANED, "mark")
    assert orphan.detail == "the node was restarted since; what that left of it is now taken back"
    await until(lambda: not here.left, "the lease to end by itself")


async def test_the_files_that_outlive_a_restart_of_the_node_are_removed_at_the_next_contact(here: Here) -> None:
    injector = Injector(
        here.cluster,
        {node.name: LocalShell(node.name) for node in here.cluster.nodes},
        catalogue.load(),
        lease_directory=str(here.leases),
    )
    (injection,) = await injector.inject(await injector.plan(InjectionRequest("io_stress", ("n1",), "low", 60)))
    lose_by_restart(here.leases / injection.id)
    files = here.directory / "data" / f"distdiag-{injection.id}"
    assert list(files.iterdir())
    (orphan,) = await injector.active()
    assert (orphan.state, orphan.anomaly) == (InjectionState.ORPHANED, "io_stress")
    await until(lambda: not here.left, "the files and the lease to be gone")


async def test_what_does_not_go_stays_known(here: Here) -> None:
    (injection,) = await here.inject("sticky", "n1")
    (left,) = await here.injector.clear([injection.id])
    assert left.state is InjectionState.ORPHANED
    assert left.detail == "it was undone but is still there: stuck fast"


async def test_a_process_without_a_cgroup_is_found_by_its_mark_and_its_session(here: Here) -> None:
    (injection,) = await here.inject("sleep", "n1")
    lease = here.leases / injection.id
    leader = next(iter(sorted(here.processes(injection.id))))
    birth = here.birth(leader)
    group = lease / "group"
    cgroup = Path(group.read_text(encoding="ascii").strip()) if group.exists() else None
    if cgroup is not None:
        group.unlink()
        (lease / "sessions").write_text(f"{leader} {birth}\n", encoding="ascii")
    await here.injector.clear([injection.id])
    if cgroup is not None:
        cgroup.rmdir()
    assert here.processes(injection.id) == set()
    assert not lease.exists()


async def test_a_damaged_lease_is_shown_and_can_be_cleared(here: Here) -> None:
    here.leases.mkdir(mode=0o700)
    (here.leases / "1damaged0").mkdir(mode=0o700)
    (here.leases / "1damaged0" / "about").write_text("anomaly=sl", encoding="ascii")
    (injection,) = await here.injector.active()
    assert (injection.id, injection.state) == ("1damaged0", InjectionState.ORPHANED)
    (cleared,) = await here.injector.clear(["1damaged0"])
    assert cleared.state is InjectionState.CLEARED
    assert here.left == []


async def test_asking_changes_nothing_on_the_node(here: Here) -> None:
    assert await here.injector.active() == ()
    assert here.injector.unasked == ()
    assert not here.leases.exists()


async def test_a_directory_that_others_can_write_is_not_believed(here: Here) -> None:
    here.leases.mkdir()
    here.leases.chmod(0o777)
    await here.injector.active()
    assert "only user" in here.injector.unasked[0]
    here.leases.chmod(0o700)


async def test_a_plan_is_used_once(here: Here) -> None:
    plan = await here.injector.plan(InjectionRequest("sleep", ("n1",), "low", 60))
    await here.injector.inject(plan)
    with pytest.raises(CommandFailedError, match="is there already"):
        await here.injector.inject(plan)
