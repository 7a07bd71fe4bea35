"""The section `workload` of the cluster file: the host of benchmark clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic.dataclasses import dataclass

from distdiag_core.cluster import sections
from distdiag_core.cluster.checks import unknown_node
from distdiag_core.settings.model import SETTINGS, Example, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.settings.loader import Problem


@dataclass(frozen=True, slots=True, config=SETTINGS)
class WorkloadSettings:
    """The host that the clients of benchmarks run on."""

    generator: Annotated[str | None, Example("n2")] = None
    """A node, reached by SSH, with distdiag and what the benchmark needs installed. Without it: this machine."""
    command: Annotated[Text, Example("/opt/distdiag/bin/distdiag")] = "distdiag"
    """The program distdiag there: its path, where a command that comes by SSH does not find it."""


def _check(workload: WorkloadSettings, cluster: ClusterSettings) -> Iterable[Problem]:
    if workload.generator is not None and workload.generator not in {node.name for node in cluster.nodes}:
        yield ("workload", "generator"), unknown_node(workload.generator, cluster.nodes)


sections.register(sections.Section("workload", WorkloadSettings, _check))
