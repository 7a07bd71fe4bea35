"""`distdiag cases collect`: collecting cases without a console."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import counted, emit, say
from distdiag_core.cli.run import run

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.collecting.collecting_status import CollectingStatus
    from distdiag_core.runtime.runtime import Runtime

# Seconds between two lines of progress.
_REPORT_EVERY_S = 10.0


@click.command()
@click.option("--for", "for_s", type=DURATION, default="5m", show_default=True, help="How long.")
@click.option("--anomalies", is_flag=True, help="A case of every injection instead of normal operation.")
@as_json
@click.pass_obj
def collect(target: Target, for_s: float, *, anomalies: bool, as_json: bool) -> None:
    """Collect normal operation for the dataset; Ctrl-C keeps what was collected until then."""
    status = run(_collect(target.settings(), for_s, anomalies=anomalies))
    if as_json:
        emit(collecting_facts(status))
    if status.problem:
        say(f"note: {status.problem}")


def collecting_facts(status: CollectingStatus) -> dict[str, Any]:
    """The JSON of what was collected."""
    return {"finished": status.finished_cases, "statistics": status.statistics}


async def _collect(settings: ClusterSettings, for_s: float, *, anomalies: bool) -> CollectingStatus:
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, record=True) as runtime:
        await runtime.next_snapshot()
        if anomalies:
            runtime.dataset.collect_anomalies(on=True)
        else:
            runtime.dataset.collect_normal(on=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await _watch(runtime)
    status = runtime.dataset.status()
    if status is None:
        raise AssertionError("a tick has passed without a status")
    say(f"{counted(status.finished_cases, 'case')} added to the dataset")
    return status


async def _watch(runtime: Runtime) -> None:
    reported_s = 0.0
    while True:
        snapshot = await runtime.next_snapshot()
        if snapshot.collecting is None or snapshot.frame.time_s - reported_s < _REPORT_EVERY_S:
            continue
        reported_s = snapshot.frame.time_s
        _report(snapshot.collecting)


def _report(status: CollectingStatus) -> None:
    if status.anomalies and not status.open:
        say("waiting for an injection from any console")
    if status.normal.running:
        waiting = f"; waiting, because {status.normal.waiting}" if status.normal.waiting else ""
        say(f"{status.normal.seconds:.0f} s, {status.normal.samples} samples{waiting}")
    for case in status.open:
        words = f"{', '.join(case.injections)}: {case.part}, {case.done_s:.0f} of {case.needed_s:.0f} s"
        say(f"{words}; it will be excluded: {case.excluded}" if case.excluded else words)
