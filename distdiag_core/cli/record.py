"""`distdiag record`: a cluster watched, diagnosed and recorded without a console, for instance as a service."""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

import click

from distdiag_core.cli import metrics_endpoint
from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import counted, emit, put, say
from distdiag_core.cli.run import on_ending_signals, run
from distdiag_core.exporter.exporter_settings import ExporterSettings

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.exporter.exporter_settings import Endpoint
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot


@click.command()
@click.option("--for", "for_s", type=DURATION, help="End after this time, for instance 8h; without it: until SIGTERM.")
@click.option(
    "--listen", metavar="HOST:PORT", help="Also serve metrics for Prometheus, as `exporter` of its file says."
)
@metrics_endpoint.token_file
@as_json
@click.pass_obj
def record(target: Target, for_s: float | None, listen: str | None, token_file: Path | None, *, as_json: bool) -> None:
    """Record a cluster without a console: samples, diagnoses and incidents, and a line per event.

    SIGTERM ends it cleanly, with exit code 0. One at a time records a cluster; `distdiag replay CLUSTER` shows what it
    has recorded, also meanwhile. docs/your-cluster.md has a unit file for systemd.
    """
    settings = target.settings()
    exporter = settings.section(ExporterSettings)
    endpoint = exporter.endpoint(listen, token_file) if listen or exporter.listen else None
    run(_record(settings, for_s, endpoint, as_json=as_json))


async def _record(settings: ClusterSettings, for_s: float | None, endpoint: Endpoint | None, *, as_json: bool) -> None:
    from distdiag_core.exporter.metrics_server import MetricsServer
    from distdiag_core.models import model_registry
    from distdiag_core.recording import recorder_lock
    from distdiag_core.runtime.runtime import Runtime

    ended = asyncio.Event()
    # A service that is told to stop has not failed.
    on_ending_signals(ended.set)
    model, why = await asyncio.to_thread(model_registry.load_for, settings)
    runtime = Runtime(settings, record=True, model=model, problems=(why,) if why else ())
    if runtime.recording is None:
        raise AssertionError("a recorder without a recording")
    path = runtime.recording.path
    server = MetricsServer(endpoint, runtime.snapshot) if endpoint is not None else None
    with recorder_lock.locked(settings.name, path), server or nullcontext():
        if server is not None:
            say(f"metrics for Prometheus at {server.url}")
        say(f"recording {settings.name} to {path}; SIGTERM ends it")
        async with runtime:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(for_s):
                        await _tell_events(runtime, ended, as_json=as_json)
            finally:
                # Also where Ctrl-C ends it.
                last = runtime.snapshot()
                say(f"recorded {counted(last.tick if last else 0, 'tick')} to {path}")


async def _tell_events(runtime: Runtime, ended: asyncio.Event, *, as_json: bool) -> None:
    """Print each event once, until the end."""
    end = asyncio.create_task(ended.wait())
    told_s = float("-inf")
    while not ended.is_set():
        tick = asyncio.create_task(runtime.next_snapshot())
        await asyncio.wait((tick, end), return_when=asyncio.FIRST_COMPLETED)
        if not tick.done():
            tick.cancel()
            return
        snapshot = tick.result()
        told_s = _print_events(snapshot, told_s, as_json=as_json)


def _print_events(snapshot: Snapshot, told_s: float, *, as_json: bool) -> float:
    """Print the events after a time; the time of the newest."""
    for event in snapshot.events_after(told_s):
        told_s = max(told_s, event.time_s)
        wall_s = event.time_s + snapshot.frame.clock_offset_s
        if as_json:
            about = {"time": wall_s, "kind": event.kind, "level": event.level, "node": event.node}
            emit({**about, "text": event.text})
        else:
            put(f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(wall_s))}  {event.level:<7}  {event.text}")
    return told_s
