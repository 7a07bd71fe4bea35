"""What a soak does by verbs of distdiag and keys of its console: load, injections, and the look at what is left."""

from __future__ import annotations

import asyncio
import re
import subprocess
from typing import TYPE_CHECKING

from tests.bench.soak.ledger import Injected
from tests.bench.soak.program import REFUSED, distdiag

if TYPE_CHECKING:
    from tests.bench.soak.program import Ended
    from tests.bench.soak.soak_run import SoakRun

_LAB = ("--cluster", "lab")
_SHOWN_WITHIN_S = 240.0
# A node may be down just then, by an injection or by us.
_START_TRIES, _START_AGAIN_S = 8, 10.0
_SWITCHED_ON = re.compile(r"anomal(ies|y cases)\s+ON")


async def prepare(kinds: tuple[str, ...]) -> str:
    """Fill the tables of benchmarks; the problem, empty where there is none."""
    for kind in kinds:
        ended = await distdiag(*_LAB, "workload", "prepare", kind, within_s=600.0)
        if ended.status:
            return f"{kind} was not prepared: {ended.said}"
    return ""


async def collect_cases(soak: SoakRun) -> None:
    """Set the switch of the first console that makes a case of every injection."""
    try:
        terminal = soak.console_a.terminal
        await asyncio.to_thread(
            terminal.wait, lambda screen: "/3 nodes" in screen, "the console is open", within_s=_SHOWN_WITHIN_S
        )
        await asyncio.to_thread(terminal.keys, "o")
        await asyncio.to_thread(
            terminal.wait,
            lambda screen: bool(_SWITCHED_ON.search(screen)),
            "cases are collected",
            within_s=_SHOWN_WITHIN_S,
        )
    except (AssertionError, subprocess.SubprocessError) as error:
        soak.ledger.unexpected[f"cases are not collected: {str(error).partition(chr(10))[0]}"] += 1


async def change_load(soak: SoakRun, arguments: tuple[str, ...]) -> None:
    """Stop what runs, and start another benchmark on all nodes, as soon as their databases answer."""
    await stop_load(soak)
    for _ in range(_START_TRIES):
        ended = await distdiag(*_LAB, "workload", "start", *arguments, "--json")
        if ended.status == 0:
            break
        soak.ledger.notes[f"workload start, tried again: {ended.said}"] += 1
        await asyncio.sleep(_START_AGAIN_S)
    if _went_well(soak, ended, f"workload start {arguments[0]}"):
        soak.load = " ".join(arguments)
        soak.ledger.acts["start workload"] += 1


async def stop_load(soak: SoakRun) -> None:
    """Stop what runs."""
    ended = await distdiag(*_LAB, "workload", "stop", "--all", "--json")
    if _went_well(soak, ended, "workload stop"):
        soak.load = ""
        soak.ledger.acts["stop workload"] += 1


async def inject(soak: SoakRun, anomalies: tuple[str, ...]) -> tuple[Injected, ...]:
    """Begin one act of injection; what was begun is noted, and what was refused is counted."""
    soak.ledger.asked["asked"] += 1
    ended = await distdiag(*_LAB, "inject", *anomalies, "--json", within_s=180.0)
    begun = tuple(
        Injected(each["id"], each["anomaly"], each["node"], each["started_s"], each["deadline_s"])
        for each in ended.data.get("injections", ())
    )
    soak.ledger.injected.extend(begun)
    soak.ledger.acts["inject"] += bool(begun)
    if ended.status == 0:
        soak.ledger.asked["made"] += 1
    elif ended.status == REFUSED:
        soak.ledger.asked["refused"] += 1
        soak.ledger.notes[f"refused: {ended.said}"] += 1
    else:
        soak.ledger.asked["failed"] += 1
        soak.ledger.notes[f"inject {' '.join(anomalies)}: {ended.said}"] += 1
    return begun


async def clear(soak: SoakRun, name: str) -> bool:
    """End one injection; whether that is proved."""
    ended = await distdiag(*_LAB, "clear", name, "--json")
    soak.ledger.acts["clear"] += 1
    soak.ledger.cleared(name)
    return _went_well(soak, ended, "clear of an orphaned injection")


async def clear_all(soak: SoakRun) -> None:
    """End every injection."""
    _went_well(soak, await distdiag(*_LAB, "clear", "--all", "--for", "30s"), "clear --all")


async def states(soak: SoakRun) -> dict[str, str]:
    """The injections that the nodes list, each with its state."""
    ended = await distdiag(*_LAB, "injections", "--json")
    _went_well(soak, ended, "injections")
    return {each["id"]: each["state"] for each in ended.data.get("injections", ())}


async def note_leases_left(soak: SoakRun) -> None:
    """What is left on the nodes after every deadline is a finding."""
    for name, state in (await states(soak)).items():
        soak.ledger.unexpected[f"an injection was left, {state}: {name}"] += 1
    for node in soak.nodes.values():
        for place in node.leases():
            soak.ledger.unexpected[f"a lease was left on {node.name}: {place}"] += 1


def _went_well(soak: SoakRun, ended: Ended, what: str) -> bool:
    if ended.status:
        soak.ledger.unexpected[f"{what}: {ended.said}"] += 1
    elif ended.status is None:
        soak.ledger.unexpected[f"{what} took too long"] += 1
    return ended.status == 0
