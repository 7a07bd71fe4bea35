"""Impact of an anomaly on the workload: throughput lost and latency added, by node and on the whole cluster.

Every figure is compared with its median over the clean past, and on a node also with what became of its peers at the
same time: a change that the peers share is of the load rather than of the node. Nothing is said where no workload ran
or no past is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.metrics import change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Window


@dataclass(frozen=True, slots=True)
class _Yardstick:
    """A pair of metrics that measure a workload, and the throughput below which there is none."""

    throughput: str
    latency: str
    least_per_s: float


# What clients measure comes first. The database counts its own upkeep too, some six commits a second on an idle node.
_YARDSTICKS = (
    _Yardstick("workload.tps", "workload.p95", 1.0),
    _Yardstick("sysstat.trans_commit_count", "sysstat.trans_latency", 10.0),
    _Yardstick("mysql_status.transactions", "mysql_status.transaction_latency", 1.0),
)


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric of the workload against its expected value, in the unit of the metric.

    Attributes:
        now: the median of the newest ticks.
        expected: the median of the clean past, over 0.
        peers: by what factor the median of the other nodes has changed meanwhile; None where that is unknown.
    """

    metric: str
    now: float
    expected: float
    peers: float | None = None

    @property
    def factor(self) -> float:
        """`now` as a multiple of `expected`."""
        return self.now / self.expected

    @property
    def percent(self) -> float:
        """The change in percent of `expected`."""
        return change.percent(self.expected, self.now) or 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values that JSON can carry."""
        facts = {"metric": self.metric, "now": self.now, "expected": self.expected, "peers": self.peers}
        return facts | {"factor": self.factor}


@dataclass(frozen=True, slots=True)
class Impact:
    """Change of throughput and latency; each None where it is unknown, never both."""

    throughput: MetricChange | None
    latency: MetricChange | None

    def __str__(self) -> str:
        """For instance `tps -42 %, latency x3.1`."""
        said = [f"tps {self.throughput.percent:+.0f} %"] if self.throughput else []
        return ", ".join([*said, *([f"latency x{self.latency.factor:.1f}"] if self.latency else [])])

    def as_dict(self) -> dict[str, Any]:
        """Plain values that JSON can carry."""
        return {
            "throughput": self.throughput and self.throughput.as_dict(),
            "latency": self.latency and self.latency.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class ClusterImpact:
    """Impact on all nodes together, and on each where it is known.

    Attributes:
        whole: throughput is the sum over the nodes, latency their mean weighted by throughput.
    """

    whole: Impact
    nodes: Mapping[str, Impact] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values that JSON can carry."""
        return self.whole.as_dict() | {"nodes": {node: each.as_dict() for node, each in self.nodes.items()}}


def impact(window: Window, past: NDArray[np.intp], newest: int) -> ClusterImpact | None:
    """Impact at the end of `window`; None where no workload was measured in the past.

    Args:
        past: indices of the clean ticks to compare with.
        newest: how many ticks at the end are the present.
    """
    if not len(past):
        return None
    for yardstick in _YARDSTICKS:
        tps = _medians(window, yardstick.throughput, past, newest)
        if tps is not None and (expected := tps[1] >= yardstick.least_per_s).any():
            latency = _medians(window, yardstick.latency, past, newest)
            known = np.where(expected & (tps[0] >= 0), tps, np.nan)
            return _impact(window.nodes, yardstick, known, np.full_like(tps, np.nan) if latency is None else latency)
    return None


def _medians(window: Window, metric: str, past: NDArray[np.intp], newest: int) -> Array | None:
    """Medians of the present and of the past by node, shape (2, N); None where the metric is not collected."""
    if metric not in window.metrics:
        return None
    values = window.values[:, window.metrics.index(metric)]
    return np.stack([nan_statistics.median(values[:, -newest:]), nan_statistics.median(values[:, past])])


def _impact(nodes: tuple[str, ...], yardstick: _Yardstick, tps: Array, latency: Array) -> ClusterImpact | None:
    # Without a throughput there is no workload on a node, whatever else is known.
    latency = np.where(np.isnan(tps[1]) | ~(latency[1] > 0), np.nan, latency)
    of_tps = _changes(yardstick.throughput, tps)
    of_latency = _changes(yardstick.latency, latency)
    found = {node: Impact(*both) for node, *both in zip(nodes, of_tps, of_latency, strict=True) if any(both)}
    known = ~np.isnan(tps).any(axis=0)
    total = tps[:, known].sum(axis=1)
    whole = Impact(
        MetricChange(yardstick.throughput, float(total[0]), float(total[1])) if known.any() else None,
        _mean_latency(yardstick.latency, latency, tps),
    )
    return ClusterImpact(whole, found) if whole.throughput or whole.latency else None


def _changes(metric: str, medians: Array) -> list[MetricChange | None]:
    """The change on each node; None where it is unknown."""
    # In double precision, since a figure may be many times as large as one that is next to nothing.
    factors = medians[0].astype(np.float64) / medians[1]
    rows = zip(*medians.tolist(), factors.tolist(), _median_of_others(factors).tolist(), strict=True)
    return [
        None if math.isnan(factor) else MetricChange(metric, now, expected, None if math.isnan(peers) else peers)
        for now, expected, factor, peers in rows
    ]


def _median_of_others(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The median of all other known values, shape (N,); NaN where there is no other one or the own is unknown.

    From one sort, since a thousand nodes have a thousand times 999 others.
    """
    medians = np.full_like(values, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    others = len(known) - 1
    if others < 1:
        return medians
    ranked = known[np.argsort(values[known], kind="stable")]
    rank, ordered = np.arange(len(known)), values[ranked]
    # Without its own place every rank from there on moves up by one.
    low, high = (place + (place >= rank) for place in ((others - 1) // 2, others // 2))
    medians[ranked] = (ordered[low] + ordered[high]) / 2
    return medians


def _mean_latency(metric: str, latency: Array, tps: Array) -> MetricChange | None:
    """The latency of a transaction of the cluster: nodes weigh by their throughput."""
    known = ~np.isnan(latency).any(axis=0) & ~np.isnan(tps).any(axis=0)
    weight = tps[:, known]
    if not weight.size or not (weight.sum(axis=1) > 0).all():
        return None
    now, expected = ((latency[:, known] * weight).sum(axis=1) / weight.sum(axis=1)).tolist()
    return MetricChange(metric, now, expected)
