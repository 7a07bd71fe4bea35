"""What a soak does to the product and its nodes from outside: `kill -9` of parts, of databases and of SSH servers."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psutil

from distdiag_core.workloads.clients.run_files import Run, RunDirectory
from tests.bench.soak import operations
from tests.bench.soak.ledger import Killed
from tests.bench.soak.node_side import kill
from tests.bench.soak.program import distdiag

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.soak.node_side import NodeSide
    from tests.bench.soak.soak_run import SoakRun

_OUTAGE_S = 30.0
_BACK_WITHIN_S = 60.0
_POLL_S = 0.5


async def rough(soak: SoakRun, what: str, node: NodeSide) -> None:
    """Kill the database or the SSH server of a node, and let `lab up` repair it after a while."""
    began_s = time.time()
    kill(node.database() if what == "end the database" else node.ssh_server())
    await asyncio.sleep(_OUTAGE_S)
    ended = await distdiag("lab", "up", within_s=200.0)
    if ended.status != 0:
        soak.ledger.unexpected[f"lab up after '{what}': {ended.said}"] += 1
    soak.ledger.outages.append((node.name, began_s, time.time()))


async def kill_part(soak: SoakRun, part: str, node: NodeSide) -> None:
    """Kill a part, and note how long it took until it was at work again."""
    match part:
        case "remote program":
            await _kill_remote_program(soak, node)
        case "lease supervisor":
            await _kill_lease_supervisor(soak, node)
        case "workload client":
            await _kill_workload_client(soak, node)
        case "workload supervisor":
            await _kill_workload_supervisor(soak, node)
        case _:
            await _kill_own(soak, part)


async def _kill_own(soak: SoakRun, name: str) -> None:
    part = soak.parts[name]
    soak.busy.add(name)
    await asyncio.to_thread(part.kill)
    began_s, late = time.monotonic(), part.late_of_next
    restart = asyncio.create_task(soak.restart(part))
    _note(soak, name, began_s, back=await _until(lambda: late.is_file() and late.stat().st_size > 0))
    await restart


async def _kill_remote_program(soak: SoakRun, node: NodeSide) -> None:
    before = node.host_programs()
    if not before:
        soak.ledger.notes[f"no remote program to kill: {node.name} is down"] += 1
        return
    began_s = time.monotonic()
    kill(before[:1])
    back = await _until(lambda: len(node.host_programs()) >= len(before))
    _note(soak, "remote program", began_s, back=back)


async def _kill_lease_supervisor(soak: SoakRun, node: NodeSide) -> None:
    """An injection without a supervisor has to be listed as orphaned, and can be cleared."""
    begun = await operations.inject(soak, (f"cpu_stress@{node.name}:low/90s",))
    supervisors = node.lease_supervisors()
    if not begun or begun[0].id not in supervisors:
        soak.ledger.notes["no supervisor of a lease to kill"] += 1
        return
    began_s = time.monotonic()
    kill([supervisors[begun[0].id]])
    state = (await operations.states(soak)).get(begun[0].id, "not listed")
    if state != "orphaned":
        soak.ledger.unexpected[f"an injection without a supervisor is {state}"] += 1
    _note(soak, "lease supervisor", began_s, back=await operations.clear(soak, begun[0].id))


async def _kill_workload_client(soak: SoakRun, node: NodeSide) -> None:
    """The supervisor starts the client again."""
    run = _run_on(node)
    clients = _children(run)
    if run is None or not clients:
        soak.ledger.notes["no workload client to kill"] += 1
        return
    began_s = time.monotonic()
    kill(clients[:1])
    gone = clients[0].pid
    back = await _until(lambda: any(each.pid != gone for each in _children(run)) or run.process() is None)
    _note(soak, "workload client", began_s, back=back)


async def _kill_workload_supervisor(soak: SoakRun, node: NodeSide) -> None:
    """The run is over then, and its clients must not go on without it; the load is started anew."""
    run = _run_on(node)
    if run is None or (supervisor := run.process()) is None:
        soak.ledger.notes["no workload supervisor to kill"] += 1
        return
    clients, load = _children(run), tuple(soak.load.split())
    began_s = time.monotonic()
    kill([supervisor])
    back = await _until(lambda: not any(each.is_running() for each in clients))
    _note(soak, "workload supervisor", began_s, back=back)
    if not back:
        soak.ledger.unexpected["clients went on without their supervisor"] += 1
    if load:
        await operations.change_load(soak, load)


def _run_on(node: NodeSide) -> Run | None:
    runs = (each for each in RunDirectory("lab").find() if isinstance(each, Run))
    return next((run for run in runs if run.node == node.name and run.process() is not None), None)


def _children(run: Run | None) -> list[psutil.Process]:
    process = run.process() if run is not None else None
    try:
        return process.children(recursive=True) if process is not None else []
    except psutil.NoSuchProcess:
        return []


async def _until(condition: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + _BACK_WITHIN_S
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        await asyncio.sleep(_POLL_S)
    return True


def _note(soak: SoakRun, part: str, began_s: float, *, back: bool) -> None:
    soak.ledger.kills.append(Killed(part, time.monotonic() - began_s if back else None))
    if not back:
        soak.ledger.unexpected[f"{part}: not at work again within {_BACK_WITHIN_S:.0f} s"] += 1
