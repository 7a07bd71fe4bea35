"""How soon and how steadily the live diagnosis names what is injected: `python tests/bench/bench_live.py --lab`.

Injects every kind of the catalogue one after the other under each load, and prints a row for each: seconds from the end
of the verb to the first right row, the first alarm that was said, and in how many ticks after the first five seconds
the first row was right. A row is right if it names the node and the anomaly.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionRequest
from distdiag_core.cluster import inventory
from distdiag_core.errors import DistdiagError
from distdiag_core.models import model_registry
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.runtime.snapshot import Snapshot

_LOADS = {
    "sysbench read/write 4": WorkloadRequest(threads=4),
    "sysbench point select 3": WorkloadRequest(script="oltp_point_select", threads=3),
    "sysbench write only 3": WorkloadRequest(script="oltp_write_only", threads=3),
    "tpcc 3": WorkloadRequest(kind="tpcc", script="mix", threads=3),
}
_SETTLING_TICKS, _NORMAL_TICKS = 15, 30
_ON_ALL_NODES = ("workload_overload",)
# As in the evaluation: until then the window still holds more of what was before.
_FIRST_S = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said of one injection.

    Attributes:
        first_right_s: from the end of the verb to the first right row; None where none was.
        first_alarm: the first active root cause, as node and anomaly.
        right, ticks: ticks after the first seconds with the right first row, and all of them.
    """

    first_right_s: float | None
    first_alarm: str
    right: int
    ticks: int


async def _watch(runtime: Runtime, ticks: int) -> list[Snapshot]:
    return [await runtime.next_snapshot() for _ in range(ticks)]


async def _inject(runtime: Runtime, anomaly: str, nodes: tuple[str, ...], arguments: argparse.Namespace) -> Outcome:
    plan = await runtime.injections.plan(InjectionRequest(anomaly, nodes, arguments.severity, arguments.during + 60.0))
    injections = await runtime.injections.inject(plan)
    try:
        snapshots = await _watch(runtime, arguments.during)
    finally:
        await runtime.injections.clear([each.id for each in injections])
    return _outcome(snapshots, anomaly, nodes)


def _outcome(snapshots: Sequence[Snapshot], anomaly: str, nodes: tuple[str, ...]) -> Outcome:
    start_s = snapshots[0].frame.time_s
    first_right_s, alarm, right, ticks = None, "-", 0, 0
    for snapshot in snapshots:
        rows = snapshot.diagnosis.root_causes if snapshot.diagnosis else ()
        active = [cause for cause in rows if cause.onset_s is not None]
        if alarm == "-" and active:
            alarm = f"{active[0].node} {active[0].anomaly}"
        is_right = bool(active) and active[0].anomaly == anomaly and active[0].node in nodes
        after_s = snapshot.frame.time_s - start_s
        if is_right and first_right_s is None:
            first_right_s = after_s
        if after_s >= _FIRST_S:
            right, ticks = right + is_right, ticks + 1
    return Outcome(first_right_s, alarm, right, ticks)


async def _measure(arguments: argparse.Namespace) -> list[Outcome]:
    settings = inventory.load(arguments.config or inventory.find("lab"))
    names = tuple(node.name for node in settings.nodes)
    outcomes, turn = [], 0
    async with Runtime(settings, model=model_registry.load(arguments.model)) as runtime:
        for load in arguments.load or list(_LOADS)[:3]:
            request = replace(_LOADS[load], nodes=names)
            await runtime.workloads.prepare(request)
            await runtime.workloads.start(request)
            try:
                await _watch(runtime, _NORMAL_TICKS)
                for anomaly in arguments.anomaly or [each.name for each in runtime.anomalies.anomalies]:
                    await _watch(runtime, _SETTLING_TICKS)
                    nodes = names if anomaly in _ON_ALL_NODES else (names[turn % len(names)],)
                    turn += 1
                    try:
                        outcome = await _inject(runtime, anomaly, nodes, arguments)
                    except DistdiagError as error:
                        sys.stderr.write(f"{load}: {anomaly} on {', '.join(nodes)}: {error}\n")
                        continue
                    outcomes.append(outcome)
                    first = "never" if outcome.first_right_s is None else f"{outcome.first_right_s:.1f}"
                    _print(load, f"{anomaly} on {'+'.join(nodes)}", first, outcome)
            finally:
                await runtime.workloads.stop()
    return outcomes


def _print(load: str, injected: str, first: str, outcome: Outcome) -> None:
    sys.stdout.write(
        f"| {load} | {injected} | {first} | {outcome.first_alarm} | {outcome.right} of {outcome.ticks} |\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Print a row for each injection, then both figures over all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", action="store_true", required=True, help="inject into the lab, or into --config")
    parser.add_argument("--config", help="another cluster file")
    parser.add_argument("--model", default="lab")
    parser.add_argument("--severity", default="medium")
    parser.add_argument("--during", type=int, default=18, help="ticks of each injection")
    parser.add_argument("--load", action="append", choices=list(_LOADS))
    parser.add_argument("anomaly", nargs="*")
    arguments = parser.parse_args()
    sys.stdout.write(
        "| load | injected | first right row, s | first alarm | right first row |\n" + "| --- " * 5 + "|\n"
    )
    outcomes = asyncio.run(_measure(arguments))
    found = [each.first_right_s for each in outcomes if each.first_right_s is not None]
    right, ticks = sum(each.right for each in outcomes), sum(each.ticks for each in outcomes)
    sys.stdout.write(
        f"{len(found)} of {len(outcomes)} named; right first row in {right / max(1, ticks):.2f} of {ticks} ticks; "
        f"median {median(found) if found else float('nan'):.1f} s to the first right row\n"
    )


if __name__ == "__main__":
    main()
