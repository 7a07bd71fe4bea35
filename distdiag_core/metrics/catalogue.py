"""The metrics that distdiag knows, read from `config/metrics.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from distdiag_core import places, settings

Kind = Literal["gauge", "counter"]
Category = Literal["cpu", "memory", "io", "network", "transactions"]
# Which way a metric goes when the node is in trouble.
Bad = Literal["up", "down", "either"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named, unit-carrying figure of a node.

    Attributes:
        name: as in frames, recordings and case files, for instance `host.cpu.usage` or `sysstat.rpc_packet_in`.
        label: as on screen.
        unit: of what is shown and recorded (for a counter: per second), for instance `%`, `bytes/s`, `ms`, `1/s`.
        source: `host`, `sysstat` or `workload`.
        key: the name that the source itself uses, for instance `rpc packet in`.
        scale: what the source's figure is multiplied by to come out in `unit`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = settings.STRICT

    name: str
    label: str
    unit: str
    kind: Kind
    category: Category
    source: str
    key: str
    bad: Bad = "either"
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class MetricCatalogue:
    """All metrics, in the order of the file, which is the order of the columns of a frame."""

    metrics: tuple[Metric, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a frame."""
        return tuple(metric.name for metric in self.metrics)

    def of(self, sources: tuple[str, ...]) -> MetricCatalogue:
        """Only the metrics of these sources."""
        return MetricCatalogue(tuple(metric for metric in self.metrics if metric.source in sources))

    def get(self, name: str) -> Metric | None:
        """The metric called `name`; None where it is not in the catalogue."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def load() -> MetricCatalogue:
    """The catalogue that ships.

    Raises:
        ConfigError: every mistake in it, one a line.
    """
    path = places.shipped_config() / "metrics.yaml"
    return MetricCatalogue(settings.load(path, tuple[Metric, ...]))
