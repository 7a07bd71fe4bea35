"""The catalogue of metrics, from `config/metrics.yaml` and from sources."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from distdiag_core import places
from distdiag_core.errors import ConfigError
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Kind = Literal["gauge", "counter"]
Category = Literal["cpu", "memory", "io", "network", "transactions", "connection"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named measure of a node, with a unit.

    Attributes:
        name: as in frames, recordings and case files, for instance `host.cpu.usage` or `sysstat.rpc_packet_in`.
        label: as on screen.
        unit: of what is shown and recorded (for a counter: per second), for instance `%`, `bytes/s`, `ms`, `1/s`.
        source: `host`, `sysstat`, `mysql_status`, `workload`, `connection` or another; the first part of the name.
        key: the name that the source itself uses, for instance `rpc packet in`.
        per: the key of another figure of the same source and kind that this one is divided by: for counters, growth
            by growth (milliseconds per write), whatever time has passed. Unknown while the divisor is zero.
        scale: what the source's figure is multiplied by to come out in `unit`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = loader.STRICT

    name: str
    label: str
    unit: str
    kind: Kind
    category: Category
    source: str
    key: str
    per: str | None = None
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

    def keys(self, source: str) -> tuple[str, ...]:
        """Every key that is wanted of a source, each once."""
        return keys_of(metric for metric in self.metrics if metric.source == source)


def keys_of(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Every key that these metrics want of their source, each once."""
    return tuple(dict.fromkeys(key for metric in metrics for key in (metric.key, metric.per) if key))


def load(path: Path | None = None, extra: Sequence[Metric] = ()) -> MetricCatalogue:
    """The catalogue at `path`, or without it the one that ships, and the `extra` metrics after it.

    Raises:
        ConfigError: every mistake in it, one a line.
    """
    path = path or places.shipped_config() / "metrics.yaml"
    catalogue = MetricCatalogue((*loader.load(path, tuple[Metric, ...]), *extra))
    if mistakes := [f"{path}: {mistake}" for mistake in _mistakes(catalogue)]:
        raise ConfigError("\n".join(mistakes))
    return catalogue


def _mistakes(catalogue: MetricCatalogue) -> Iterator[str]:
    for name, times in Counter(catalogue.names).items():
        if times > 1:
            yield f"{name}: the name is given to {times} metrics; every metric needs its own"
    for metric in catalogue.metrics:
        if not metric.name.startswith(f"{metric.source}."):
            yield f"{metric.name}: the name must begin with its source, {metric.source}."
