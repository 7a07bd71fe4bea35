"""The options that say which anomalies, where and for how long, and the request that they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from distdiag_core.anomalies.injection import SEVERITIES
from distdiag_core.cli import completed_values
from distdiag_core.cli.nodes_option import nodes_option
from distdiag_core.cli.options import DURATION
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.compound import CompoundRequest
    from distdiag_core.anomalies.injection import Severity
    from distdiag_core.cluster.inventory import ClusterSettings

_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.argument(
        "anomalies",
        shell_complete=completed_values.anomalies_on_nodes,
        nargs=-1,
        metavar="[ANOMALY[@NODE,...][:SEVERITY][+START][/DURATION]]...",
    ),
    click.option(
        "--preset", metavar="NAME", help="A named combination, on the nodes given or the first of the cluster."
    ),
    click.option("--repeat", is_flag=True, help="What was injected last on this cluster from this machine."),
    nodes_option("Where the anomalies are; without it, an anomaly of the whole cluster is on all nodes."),
    click.option("--severity", type=click.Choice(SEVERITIES), default="medium", show_default=True),
    click.option(
        "--for", "for_s", type=DURATION, default="60s", show_default=True, help="It ends by itself after this time."
    ),
)


def anomaly_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of an anomaly or several, given to the command as the arguments of `request_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def request_of(
    settings: ClusterSettings,
    anomalies: tuple[str, ...],
    preset: str | None,
    nodes: tuple[str, ...],
    severity: Severity,
    for_s: float,
    *,
    repeat: bool,
) -> CompoundRequest:
    """The request that anomalies, a preset or a repeat come to on a cluster.

    Raises:
        ConfigError: none of these is given, or several, or what is given is not in the notation.
    """
    from distdiag_core.anomalies import notation, presets
    from distdiag_core.anomalies.compound import CompoundRequest
    from distdiag_core.operations import last_injection

    if bool(anomalies) + bool(preset) + repeat != 1:
        raise ConfigError(
            "what to inject is not said, or said twice", hint="name anomalies, or one --preset, or say --repeat"
        )
    if preset is not None:
        chosen = tuple(settings.node(node).name for node in nodes)
        return presets.find(preset).request([node.name for node in settings.nodes], chosen)
    if not repeat:
        return CompoundRequest(tuple(notation.parse(each, nodes, severity, for_s) for each in anomalies))
    last = last_injection.last(settings.name)
    if last is None:
        raise ConfigError("nothing was injected from this machine yet", where=f"cluster {settings.name}")
    return last
