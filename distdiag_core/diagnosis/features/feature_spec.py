"""Feature specification of a model: which metrics it reads, on which scale, and how they become columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from distdiag_core.diagnosis.features.log_scale import log_scale
from distdiag_core.diagnosis.features.peers import against_peers
from distdiag_core.diagnosis.features.views import COLUMNS, View, views
from distdiag_core.diagnosis.features.window_statistics import window_statistics

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array, Window


class Side(StrEnum):
    """Whether a column is of the node itself, or of its difference to its peers."""

    NODE = "node"
    PEERS = "peers"


class Column(NamedTuple):
    """A column of the feature rows."""

    side: Side
    metric: str
    view: View
    statistic: str


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSpec:
    """Specification of the features of a model.

    Attributes:
        metrics: names, M of them; a window is brought into this order.
        floors: shape (M,), in the unit of each metric; what is far below its floor counts as zero.
        profile: shape (M,), the log-scaled median of normal training data: the baseline of nodes without a clean past.
        excluded_metrics: metrics that identify the session and not the anomaly: settings, and values that hardly move
            within a session.
        peers: whether nodes are also compared with each other, which takes training data of more than one node.
    """

    metrics: tuple[str, ...]
    floors: Array
    profile: Array
    excluded_metrics: tuple[str, ...] = ()
    peers: bool = True

    def log_values(self, window: Window) -> Array:
        """Values of a window on the log scale, shape (N, M, T); NaN for metrics that the window lacks."""
        return log_scale(select_metrics(window, self.metrics), self.floors)

    def rows(self, log_values: Array, baseline: Array) -> Array:
        """Feature rows (..., N, F) of log-scaled windows (..., N, M, W) and their baselines (..., N, M)."""
        node = views(window_statistics(log_values), baseline, self.profile)
        sides = (node, against_peers(node)) if self.peers else (node,)
        both = np.stack(sides, axis=-3)
        return both.reshape(*both.shape[:-3], -1)

    def columns(self) -> tuple[Column, ...]:
        """The F columns of `rows`."""
        return tuple(
            Column(side, metric, view, statistic)
            for side in (Side.NODE, Side.PEERS)[: 1 + self.peers]
            for metric in self.metrics
            for view, statistic in COLUMNS
        )


def select_metrics(window: Window, metrics: tuple[str, ...]) -> Array:
    """Values of a window for these metrics in this order, shape (N, len(metrics), T); NaN where it lacks one."""
    if window.metrics == metrics:
        return window.values
    place = {metric: index for index, metric in enumerate(window.metrics)}
    values = np.full((len(window.nodes), len(metrics), len(window)), np.nan, dtype=np.float32)
    known = [index for index, metric in enumerate(metrics) if metric in place]
    values[:, known] = window.values[:, [place[metrics[index]] for index in known]]
    return values
