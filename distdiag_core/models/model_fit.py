"""The fit of a model to a cluster: for each anomaly, which of the metrics that it goes by are not read there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.metrics.source import WORKLOAD, with_replaced
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Window
    from distdiag_core.models.model_registry import FileStates

# Slow sources need several ticks for their first values.
_SEEN_AFTER_TICKS = 10
# Of as many models, and of clusters that are looked at in turn.
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class LackingMetrics:
    """Metrics that the classifier of an anomaly goes by and that a cluster lacks.

    Attributes:
        metrics: their names, those that cost most first.
        of: how many metrics the classifier goes by.
        cost: the share of the gain of the classifier that rests on them, 0 to 1.
        reasons: why they are lacking, for instance `sources: sysstat off`.
    """

    anomaly: str
    metrics: tuple[str, ...]
    of: int
    cost: float
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """One line for the operator."""
        why = "; ".join(self.reasons)
        counted = f"{len(self.metrics)} of {self.of} metrics are not read here ({why})"
        return f"{self.anomaly}: {counted}, {self.cost:.0%} of what it goes by"


def lacking_metrics(
    model: Model, sources: Collection[str], seen: Collection[str] | None = None
) -> tuple[LackingMetrics, ...]:
    """The anomalies for which metrics are lacking, the costliest first.

    Figures of benchmark clients are not counted: they are there whenever a benchmark runs.

    Args:
        sources: the sources of metrics that are on.
        seen: the metrics that have values; None where nothing was sampled, and all of a source are taken to have some.
    """
    on = with_replaced(sources)
    found = (_lacking(model, anomaly, on, seen) for anomaly in model.anomalies)
    return tuple(sorted((each for each in found if each.metrics), key=lambda each: -each.cost))


def stored_model_warnings(
    name: str, metrics: tuple[str, ...], sources: Collection[str], seen: frozenset[str] | None
) -> tuple[str, ...]:
    """What the model called `name` lacks on a cluster: a line in short, then one by anomaly, of those that lack any.

    The line in short is empty where what is lacking makes no difference to the model as a whole.

    Args:
        metrics: the metrics that are read there.
        sources, seen: as in `lacking_metrics`.

    Raises:
        ConfigError: there is no such model.
        DataError: it is damaged.
    """
    return _warnings(name, model_registry.file_states(model_registry.find(name)), metrics, frozenset(sources), seen)


# A list of models is looked at again and again, and to read a model takes tens of megabytes for a moment.
@lru_cache(maxsize=_REMEMBERED)
def _warnings(
    name: str, _: FileStates, metrics: tuple[str, ...], sources: frozenset[str], seen: frozenset[str] | None
) -> tuple[str, ...]:
    model = model_registry.load(name)
    short = model.missing_metrics(metrics).warning()
    return (short, *map(str, lacking_metrics(model, sources, seen)))


def seen_metrics(window: Window) -> frozenset[str] | None:
    """The metrics that have a value on any node; None while the window is too short to tell."""
    if len(window) < _SEEN_AFTER_TICKS:
        return None
    present = np.flatnonzero(np.isfinite(window.values).any(axis=(0, 2)))
    return frozenset(window.metrics[place] for place in present)


def _lacking(model: Model, anomaly: str, sources: Collection[str], seen: Collection[str] | None) -> LackingMetrics:
    shares = dict(zip(model.features.metrics, model.gain_shares(anomaly).tolist(), strict=True))
    used = {metric: share for metric, share in shares.items() if share > 0}
    reasons = {metric: reason for metric in used if (reason := _reason(metric, sources, seen))}
    missing = sorted(reasons, key=lambda metric: -used[metric])
    cost = sum(used[metric] for metric in missing)
    return LackingMetrics(anomaly, tuple(missing), len(used), cost, tuple(_summary(reasons)))


def _reason(metric: str, sources: Collection[str], seen: Collection[str] | None) -> str:
    source = metric.partition(".")[0]
    if source == WORKLOAD:
        return ""
    if source not in sources:
        return "off"
    return "" if seen is None or metric in seen else "without values"


def _summary(reasons: dict[str, str]) -> Iterator[str]:
    off = sorted({metric.partition(".")[0] for metric, reason in reasons.items() if reason == "off"})
    if off:
        yield f"sources: {', '.join(off)} off"
    if silent := sum(reason == "without values" for reason in reasons.values()):
        yield f"{silent} without values"
