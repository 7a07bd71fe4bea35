"""`distdiag config`: a new cluster file, its validation, and its values in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from distdiag_core.cli.config_init import init
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.verb_group import VerbGroup

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target


@click.group(cls=VerbGroup)
def config() -> None:
    """Write or check a cluster file, or show its values in force."""


config.add_command(init)


@config.command()
@click.pass_obj
def check(target: Target) -> None:
    """Validate the cluster file and the catalogues; every problem is named with file, line and key."""
    from distdiag_core.anomalies import catalogue as anomalies
    from distdiag_core.metrics import catalogue as metrics

    settings = target.settings()
    metric_catalogue, anomaly_catalogue = metrics.load(), anomalies.load()
    for note in anomaly_catalogue.notes:
        say(f"note: {note}")
    say(
        f"{target.path()}: cluster {settings.name} with {len(settings.nodes)} nodes is well-formed; "
        f"{len(metric_catalogue.metrics)} metrics and {len(anomaly_catalogue.anomalies)} anomalies are known"
    )


@config.command()
@as_json
@click.pass_obj
def show(target: Target, *, as_json: bool) -> None:
    """Show every value in force and its origin: flag, variable, file or default."""
    from distdiag_core.cluster import inventory

    found = inventory.read(target.path(), flags=target.flags)
    if as_json:
        emit(inventory.values(found.settings))
        return
    table(("KEY", "VALUE", "FROM"), [(each.key, str(each.value), each.origin) for each in found.origins])
