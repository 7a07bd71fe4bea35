"""The section `protect` of the cluster file: limits of what may be injected. And the key `backend`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Le
from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from distdiag_core.anomalies.backend import BACKENDS
from distdiag_core.anomalies.injection import Severity
from distdiag_core.cluster import sections
from distdiag_core.cluster.checks import unknown_node
from distdiag_core.settings.allowed_values import Words
from distdiag_core.settings.model import NAME_PATTERN, SETTINGS, Example, Seconds, Whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.settings.loader import Problem

_AnomalyName = Annotated[str, StringConstraints(pattern=NAME_PATTERN), Words("the name of an anomaly")]


@dataclass(frozen=True, slots=True, config=SETTINGS)
class Protection:
    """Limits of what may be done to the cluster."""

    nodes: Annotated[tuple[str, ...], Example(["n3"])] = ()
    """Nodes that nothing is ever done to."""
    allow: Annotated[tuple[_AnomalyName, ...], Example(["node_hang", "node_down"])] = ()
    """Anomalies that are off by default and may be injected here all the same."""
    max_nodes: Annotated[Whole | None, Ge(0), Example(1)] = None
    """The most nodes that may have an anomaly at once, whatever the anomaly.

    Without it: any number, but of anomalies that can cut a node off (network_delay, node_down, ...) only as many as
    leave a majority of the nodes alone; one, if there are fewer than three.
    """
    max_severity: Annotated[Severity, Example("medium")] = "high"
    """The highest severity that may be injected."""
    max_duration_s: Annotated[Seconds, Gt(0), Le(86_400), Example(300)] = 600.0
    """The longest that an injection may last."""


def _check(protect: Protection, cluster: ClusterSettings) -> Iterable[Problem]:
    known = {node.name for node in cluster.nodes}
    for index, name in enumerate(protect.nodes):
        if name not in known:
            yield ("protect", "nodes", index), unknown_node(name, cluster.nodes)


sections.register(sections.Section("protect", Protection, _check))
sections.choose("backend", "backend", BACKENDS)
