"""Charts of the metrics that speak for the root causes of an incident, as SVG."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.metrics.figures import figure
from distdiag_core.svg import time_chart
from distdiag_core.svg.time_chart import Moment, Panel, Series, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.incidents.incident import Incident, IncidentCause, LinkedInjection
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.frame import Array, Window

# Shown before the onset and after the last active tick.
BEFORE_S, AFTER_S = 60.0, 30.0
_MOST_CAUSES, _MOST_METRICS = 8, 6
# Of more nodes the lowest, the median and the highest value are shown.
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class EvidenceChart:
    """The charts of one root cause, in one picture."""

    name: str
    shows: str
    svg: str


def charts(
    incident: Incident, window: Window, metrics: MetricCatalogue, anomalies: AnomalyCatalogue, offset_s: float
) -> Iterator[EvidenceChart]:
    """A picture for each root cause, the highest confidence first, as far as its evidence was recorded.

    Args:
        window: of the incident, with `BEFORE_S` before it and `AFTER_S` after it.
        offset_s: the wall clock minus the clock of the run.
    """
    causes = sorted(incident.causes, key=lambda cause: -cause.highest)[:_MOST_CAUSES]
    for number, cause in enumerate(causes, start=1):
        panels = tuple(_panels(cause, window, metrics))
        if not panels:
            continue
        shows = f"{anomalies.label(cause.anomaly)} on {cause.node}"
        svg = time_chart.svg(
            f"{shows}, confidence up to {cause.highest:.2f}",
            window.times_s + offset_s,
            panels,
            lambda time_s: time.strftime("%H:%M:%S", time.localtime(time_s)),
            stretches=tuple(injected(incident.injections, anomalies, offset_s)),
            moments=(
                Moment(cause.onset_s + offset_s, "onset"),
                Moment(cause.joined_s + offset_s, "noticed"),
                Moment(cause.last_s + offset_s, "last active"),
            ),
        )
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{number}-{cause.node}-{cause.anomaly}"[:80])
        yield EvidenceChart(f"{name}.svg", shows, svg)


def injected(injections: Sequence[LinkedInjection], anomalies: AnomalyCatalogue, offset_s: float) -> Iterator[Stretch]:
    """Injections as stretches of a chart whose times are of the wall clock."""
    for each in injections:
        label = f"injected: {anomalies.label(each.anomaly)} on {each.node}"
        yield Stretch(each.began_s + offset_s, each.last_s + offset_s, label)


def _panels(cause: IncidentCause, window: Window, metrics: MetricCatalogue) -> Iterator[Panel]:
    for each in cause.evidence[:_MOST_METRICS]:
        metric = metrics.get(each.metric)
        if metric is None or cause.node not in window.nodes or each.metric not in window.metrics:
            continue
        values = window.values[:, window.metrics.index(each.metric)]
        own = window.nodes.index(cause.node)
        others = tuple(lines_of(np.delete(values, own, axis=0), [name for name in window.nodes if name != cause.node]))
        title = f"{metric.label}  ({each.sigma:+.1f} σ)"
        yield Panel(title, (Series(cause.node, values[own], strong=True), *others), partial(_figure, unit=metric.unit))


def lines_of(values: Array, names: Sequence[str]) -> Iterator[Series]:
    """The lines of nodes, shape (N, T): each, or of many the lowest, the median and the highest value."""
    if len(names) <= _MOST_LINES:
        yield from (Series(name, values[place]) for place, name in enumerate(names))
        return
    known = np.isfinite(values).any(axis=0)
    lowest = np.where(known, np.nanmin(np.where(known, values, 0), axis=0), np.nan)
    highest = np.where(known, np.nanmax(np.where(known, values, 0), axis=0), np.nan)
    yield Series(f"lowest of {len(names)}", lowest)
    yield Series("median", nan_statistics.median(values.T))
    yield Series("highest", highest)


def _figure(value: float, unit: str) -> str:
    return figure(value, unit)
