"""`distdiag api`: what is seen of a cluster as JSON, by HTTP."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.diagnosis_text import course_facts, diagnosis_facts
from distdiag_core.cli.node_facts import node_facts
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, plain, say
from distdiag_core.cli.run import on_ending_signals, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cli.options import Target
    from distdiag_core.exporter.exporter_settings import Endpoint
    from distdiag_core.incidents.incident import Incident
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_core.simulation.simulation import Simulation

_DEFAULT = "127.0.0.1:9109"
_MOST_INCIDENTS = 1_000


@click.command()
@click.option("--listen", metavar="HOST:PORT", default=_DEFAULT, show_default=True, help="Port 0 for any free one.")
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Holds the bearer token that readers have to send; only a loopback address goes without one.",
)
@as_json
@click.pass_obj
def api(target: Target, listen: str, token_file: Path | None, *, as_json: bool) -> None:
    """Watch and diagnose a cluster, and serve what is seen as JSON by HTTP until SIGTERM; nothing can be changed by it.

    \b
    /snapshot     the newest tick: nodes with their state and figures, workloads, events
    /diagnosis    its root causes, the likeliest first
    /incidents    those of this run, the newest first
    /injections   what is active anywhere in the cluster
    /events       each tick as /snapshot, as server-sent events
    """
    from distdiag_core.exporter.exporter_settings import ExporterSettings

    # Its key `listen` is for metrics, its token for readers of either.
    simulated = target.simulation() is not None
    settings = ExporterSettings() if simulated else target.settings().section(ExporterSettings)
    run(_serve(target, settings.endpoint(listen, token_file), as_json=as_json))


async def _serve(target: Target, endpoint: Endpoint, *, as_json: bool) -> None:
    from distdiag_core.exporter.api_server import ApiServer

    ended = asyncio.Event()
    on_ending_signals(ended.set)
    core = await _core(target)
    incidents = RunIncidents()
    core.subscribe(incidents.on_tick)
    pages: dict[str, Callable[[Snapshot], object]] = {
        "/snapshot": snapshot_facts,
        "/diagnosis": _diagnosis,
        "/incidents": lambda _: {"incidents": incidents.newest_first()},
        "/injections": lambda snapshot: {"injections": snapshot.injections},
    }
    server = ApiServer(endpoint, core, {path: _encoded(page) for path, page in pages.items()}, _encoded(snapshot_facts))
    async with core, server:
        say(f"what is seen of {target.cluster or 'the cluster'} is served at {server.url}; SIGTERM ends it")
        if as_json:
            emit({"url": server.url, "paths": [*pages, "/events"]})
        await ended.wait()


async def _core(target: Target) -> Runtime | Simulation:
    if (request := target.simulation()) is not None:
        from distdiag_core.simulation.simulation import Simulation

        return Simulation(request)
    from distdiag_core.models import model_registry
    from distdiag_core.runtime.runtime import Runtime

    settings = target.settings()
    model, why = await asyncio.to_thread(model_registry.load_for, settings)
    return Runtime(settings, model=model, problems=(why,) if why else ())


class RunIncidents:
    """The incidents of a run, as each was at the last tick that had it."""

    def __init__(self) -> None:
        self._known: dict[int, Incident] = {}

    def on_tick(self, snapshot: Snapshot) -> None:
        """Note the one that goes on."""
        if snapshot.incident is not None:
            self._known[snapshot.incident.id] = snapshot.incident
            if len(self._known) > _MOST_INCIDENTS:
                del self._known[min(self._known)]

    def newest_first(self) -> list[Incident]:
        """All of them."""
        return list(reversed(self._known.values()))


def snapshot_facts(snapshot: Snapshot) -> dict[str, Any]:
    """A tick as the API has it."""
    return {
        "cluster": snapshot.cluster.name,
        "tick": snapshot.tick,
        "time": snapshot.frame.wall_s,
        "simulated": snapshot.simulated,
        "nodes": list(node_facts(snapshot)),
        "workloads": snapshot.workloads,
        "events": snapshot.events[:20],
    }


def _diagnosis(snapshot: Snapshot) -> dict[str, Any] | None:
    if snapshot.diagnosis is None:
        return None
    return diagnosis_facts(snapshot.diagnosis) | course_facts(snapshot)


def _encoded(page: Callable[[Snapshot], object]) -> Callable[[Snapshot], str]:
    return lambda snapshot: json.dumps(plain(page(snapshot)), allow_nan=False)
