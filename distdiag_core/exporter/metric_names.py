"""Names of Prometheus for the metrics of the catalogue: base units, which the name ends with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.metrics.catalogue import Metric, MetricCatalogue

PREFIX = "distdiag"
# The end of a name by the unit of the catalogue, and the factor to the base unit. Rates stay rates, as gauges: a frame
# holds no counters.
_UNITS = {
    "%": ("ratio", 0.01),
    "us": ("seconds", 1e-6),
    "ms": ("seconds", 1e-3),
    "s": ("seconds", 1.0),
    "ms/s": ("seconds_per_second", 1e-3),
    "1/s": ("per_second", 1.0),
    "1/min": ("per_second", 1 / 60),
}
_SPELT_OUT = {"tps": "transactions", "qps": "statements", "tpmc": "new_orders"}
_SEPARATORS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ExportedMetric:
    """A metric of the catalogue as Prometheus knows it; a value times `scale` is in the unit of the name."""

    name: str
    help: str
    scale: float


def exported(metric: Metric) -> ExportedMetric:
    """Name, help text and scale of a metric."""
    unit, scale = _UNITS.get(metric.unit, (metric.unit.replace("/s", "_per_second"), 1.0))
    ending = _words(unit)
    # The unit stands at the end and nowhere else.
    said = {*ending, "share"} - {"per", "second"}
    stem = [_SPELT_OUT.get(word, word) for word in _words(metric.name) if word not in said]
    meaning = f"{metric.label} ({metric.category}), {metric.name} in distdiag"
    return ExportedMetric("_".join((PREFIX, *stem, *ending)), meaning[:1].upper() + meaning[1:], scale)


def exported_catalogue(catalogue: MetricCatalogue) -> tuple[ExportedMetric, ...]:
    """The exported metrics, in the order of the catalogue."""
    return tuple(exported(metric) for metric in catalogue.metrics)


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text.lower()) if word]
