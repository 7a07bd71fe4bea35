"""Load and service of nodes: throughput, latency and demand among the metrics, and what their moves mean.

Throughput that changes while the service stays as good is a change of load. Latency that grows, or throughput that
falls while as many clients as before are waiting, is an impaired service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask


class Role(StrEnum):
    """What a metric says about the service of a node."""

    THROUGHPUT = "throughput"
    LATENCY = "latency"
    DEMAND = "demand"
    TRAFFIC = "traffic"


# By name, since imported cases have metrics of other systems. The first match counts.
_PATTERNS = (
    (Role.LATENCY, r"(avg_?latency|workload\..*p(50|95|99)|trans_latency|sql_select_latency|response_?time)$"),
    (Role.THROUGHPUT, r"(\btps|\bqps|trans_commit_count|committedcommands|com_commit|queries|questions)$"),
    (Role.DEMAND, r"(threadsrunning|threads_running|active_sessions|processlist)$"),
    (Role.TRAFFIC, r"(network\.packets_in|network\.packets_out|networkrecvkb|networksendkb)$"),
)
# Surprise from which a move is one, and the latency that counts as worse: a third more.
_CLEAR, _SLIGHT = 3.0, 2.0
_WORSE = np.log(4 / 3)
# Share of the nodes that must share a change of load.
_SHARED = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What happens to the service of N nodes.

    Attributes:
        load_change: shape (N,), whether a change of load explains what has moved.
        impaired: shape (N,), whether the service has become worse.
    """

    load_change: Mask
    impaired: Mask


class ServiceJudge:
    """Judge of load and service by the metrics of these names."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        roles = [_role(metric) for metric in metrics]
        self._places = {role: np.array([at for at, each in enumerate(roles) if each is role], int) for role in Role}

    def judge(self, surprise: Array, moves: Array, newest: Array) -> Service:
        """Load and service by the surprise and the moves of metrics since the past, each of shape (N, M)."""
        rate, worked = self._of(Role.THROUGHPUT, surprise), self._of(Role.THROUGHPUT, newest)
        direct = ~np.isnan(worked)
        # Without throughput, what the network carries stands for it.
        traffic = np.where(np.isnan(self._of(Role.TRAFFIC, newest)), np.nan, self._of(Role.TRAFFIC, surprise))
        rate = np.where(direct, rate, traffic)
        latency, slower = self._of(Role.LATENCY, surprise), self._of(Role.LATENCY, moves)
        demand = self._of(Role.DEMAND, surprise)
        waiting = ~np.isnan(self._of(Role.DEMAND, newest)) & (demand > -_SLIGHT)
        stalled = direct & (rate <= -_CLEAR) & waiting
        impaired: Mask = ((latency >= _CLEAR) & (slower >= _WORSE)) | stalled
        shared = self._shared(rate)
        # A single node whose traffic falls may as well have lost its network.
        told = direct | (rate > 0) | (len(rate) > 1)
        return Service((np.abs(rate) >= _CLEAR) & shared & told & ~impaired, impaired)

    def _of(self, role: Role, values: Array) -> Array:
        return nan_statistics.median(values[:, self._places[role]])

    @staticmethod
    def _shared(rate: Array) -> NDArray[np.bool_]:
        known = ~np.isnan(rate)
        same = (np.sign(rate)[:, None] == np.sign(rate)) & (np.abs(rate) >= _SLIGHT) & known
        result: NDArray[np.bool_] = same.sum(axis=1) >= max(1.0, _SHARED * float(known.sum()))
        return result


def _role(metric: str) -> Role | None:
    name = metric.lower()
    return next((role for role, pattern in _PATTERNS if re.search(pattern, name)), None)
