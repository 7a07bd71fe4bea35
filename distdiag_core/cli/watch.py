"""`distdiag watch`: the frames of a cluster, tick by tick."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.node_facts import node_facts
from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import emit, put, say
from distdiag_core.cli.run import run
from distdiag_core.errors import RefusedError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.simulation.simulation import Simulation


@click.command()
@click.option("--for", "for_s", type=DURATION, help="Stop after this time, for instance 10s; without it: until Ctrl-C.")
@click.option("--record", is_flag=True, help="Also write a recording.")
@as_json
@click.pass_obj
def watch(target: Target, for_s: float | None, *, record: bool, as_json: bool) -> None:
    """Print every tick: with --json a line per node and tick, else the figures that matter most."""
    run(_watch(_core(target, record=record), for_s, as_json=as_json))


def _core(target: Target, *, record: bool) -> Runtime | Simulation:
    """The cluster, or the simulated one that was asked for.

    Raises:
        ConfigError: there is no such cluster.
        RefusedError: a simulated one is to be recorded.
    """
    if (request := target.simulation()) is None:
        from distdiag_core.runtime.runtime import Runtime

        return Runtime(target.settings(), record=record)
    if record:
        raise RefusedError("a simulated cluster is not recorded", hint="leave out --record")
    from distdiag_core.simulation.simulation import Simulation

    say(f"{target.cluster} is SIMULATED: every figure is made up")
    return Simulation(request)


async def _watch(core: Runtime | Simulation, for_s: float | None, *, as_json: bool) -> None:
    async with core as runtime:
        if recording := runtime.recording:
            say(f"recording to {recording.status().path}")
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                while True:
                    snapshot = await runtime.next_snapshot()
                    (_print_json if as_json else _print_text)(snapshot)


def _print_json(snapshot: Snapshot) -> None:
    for facts in node_facts(snapshot):
        emit({"time": snapshot.frame.wall_s, "simulated": snapshot.simulated, **facts})


_Shown = tuple[str, str, str]
_HOST: tuple[_Shown, ...] = (
    ("cpu", "host.cpu.usage", "%"),
    ("mem", "host.memory.used", "%"),
    ("io", "host.pressure.io.some", "%"),
)
# What the clients of a benchmark measure, or without one the database itself; the first that anybody knows.
_THROUGHPUT: tuple[_Shown, ...] = (
    ("tps", "workload.tps", "/s"),
    ("tps", "sysstat.trans_commit_count", "/s"),
    ("tps", "mysql_status.transactions", "/s"),
)
_LATENCY: tuple[_Shown, ...] = (
    ("p95", "workload.p95", "ms"),
    ("latency", "sysstat.trans_latency", "ms"),
    ("latency", "mysql_status.transaction_latency", "ms"),
)


def _shown(snapshot: Snapshot) -> tuple[_Shown, ...]:
    """The figures that matter most, by what is known of any node: label, metric and unit."""
    frame = snapshot.frame

    def known(choices: tuple[_Shown, ...]) -> _Shown:
        of_any = (each for each in choices if any(isfinite(frame.value(node, each[1])) for node in frame.nodes))
        return next(of_any, choices[0])

    return (*_HOST, known(_THROUGHPUT), known(_LATENCY))


def _print_text(snapshot: Snapshot) -> None:
    frame, shown = snapshot.frame, _shown(snapshot)
    clock = time.strftime("%H:%M:%S", time.localtime(frame.wall_s)) + ("  SIMULATED" if snapshot.simulated else "")
    for status in snapshot.nodes:
        figures = "  ".join(
            f"{label} {_figure(frame.value(status.node, name)):>6}{unit}" for label, name, unit in shown
        )
        late = "  late" if status.node in frame.late else ""
        reasons = "; ".join(snapshot.reasons(status.node))
        reason = f"  {reasons}" if reasons else ""
        backfill = _backfill_text(snapshot, status.node)
        put(f"{clock}  {status.node:<10} {status.state:<10} {figures}{late}{backfill}{reason}")


def _backfill_text(snapshot: Snapshot, node: str) -> str:
    """For instance `  obdiag, 12 min ago: cpu 34.1%`; empty where no source has figures of the past."""
    if (found := snapshot.backfill_of(node)) is None:
        return ""
    source, status, of_node = found
    if of_node is None or (age_s := of_node.age_s(snapshot.frame.wall_s)) is None:
        return f"  {source}: {status.problem or 'no figures yet'}"
    known = ((label, of_node.newest.get(name), unit) for label, name, unit in _shown(snapshot))
    figures = "  ".join(f"{label} {each.value:.1f}{unit}" for label, each, unit in known if each is not None)
    return f"  {source}, {age_s / 60:.0f} min ago: {figures or f'{len(of_node.newest)} figures'}"


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.1f}"  # noqa: PLR0124 - NaN is the only value unequal to itself
