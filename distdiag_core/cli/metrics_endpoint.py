"""The options by which a verb serves metrics for Prometheus."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.output import emit, say
from distdiag_core.cli.run import on_ending_signals, run
from distdiag_core.errors import ConfigError
from distdiag_core.exporter.exporter_settings import ExporterSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.exporter.exporter_settings import Endpoint

token_file = click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Holds the bearer token that Prometheus has to send; only a loopback address goes without one.",
)


def or_served(command: Callable[..., None]) -> Callable[..., None]:
    """The command, and in its place the metrics of the cluster where `--listen` asks for them."""

    @click.option("--listen", metavar="HOST:PORT", help="Serve metrics for Prometheus instead, until SIGTERM.")
    @token_file
    @functools.wraps(command)
    def call(target: Target, *, listen: str | None, token_file: Path | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - those of the verb
        if listen is None:
            command(target, as_json=as_json, **options)
            return
        if any(options.values()):
            raise ConfigError("--listen serves a cluster, and none of the options of a table go with it")
        settings = target.settings()
        run(_serve(settings, settings.section(ExporterSettings).endpoint(listen, token_file), as_json=as_json))

    return call


async def _serve(settings: ClusterSettings, endpoint: Endpoint, *, as_json: bool) -> None:
    from distdiag_core.exporter.metrics_server import MetricsServer
    from distdiag_core.models import model_registry
    from distdiag_core.runtime.runtime import Runtime

    ended = asyncio.Event()
    # A service that is told to stop has not failed.
    on_ending_signals(ended.set)
    model, why = await asyncio.to_thread(model_registry.load_for, settings)
    runtime = Runtime(settings, model=model, problems=(why,) if why else ())
    with MetricsServer(endpoint, runtime.snapshot) as server:
        async with runtime:
            say(f"metrics of {settings.name} for Prometheus at {server.url}; SIGTERM ends it")
            if as_json:
                emit({"cluster": settings.name, "url": server.url})
            await ended.wait()
