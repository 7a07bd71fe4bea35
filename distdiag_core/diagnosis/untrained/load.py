"""Load and service of nodes: throughput, latency and demand among the metrics, and what their moves mean.

Throughput that changes while the service stays as good is a change of load, and so is work of some kind that grows on
most nodes at once, unless it makes them many times slower. Latency that grows otherwise, or throughput that falls while
as many clients as before are waiting, is an impaired service.
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
    WORK = "work"


# By name, since imported cases have metrics of other systems. The first match counts. The time spent in transactions in
# a second is the mean number of transactions under way (Little's law); OceanBase counts no active sessions.
_PATTERNS = (
    (Role.LATENCY, r"(avg_?latency|workload\..*p(50|95|99)|trans_latency|sql_select_latency|response_?time)$"),
    (Role.THROUGHPUT, r"(\btps|\bqps|trans_commit_count|committedcommands|com_commit|queries|questions)$"),
    (Role.DEMAND, r"(threadsrunning|threads_running|processlist|sysstat\.trans_total_used_time)$"),
    (Role.WORK, r"(sql_(select|insert|update|delete)_count|row(insert|read)requests|keybasedreadrequests)$"),
    (Role.TRAFFIC, r"(network\.packets_in|network\.packets_out|networkrecvkb|networksendkb)$"),
)
# Surprise from which a move is one, a slight one, and up to which it is common; the latency that counts as worse: a
# third more.
_CLEAR, _SLIGHT, _COMMON = 3.0, 2.0, 1.0
_WORSE = np.log(4 / 3)
# Eight times slower: the changes of load that were looked at have made a service at most five times slower.
_OVERLOADED = np.log(8)
# Share of the nodes that must share a change of load.
_SHARED = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What happens to the service of N nodes.

    Attributes:
        load_change: shape (N,), whether a change of load explains what has moved.
        impaired: shape (N,), whether the service has become worse.
        harm: shape (N,), how near to that it is, 0 to 1; 1 where it is impaired.
        known: shape (N,), whether there are figures that would show an impaired service.
        more_work: whether work of some kind has grown on most nodes.
    """

    load_change: Mask
    impaired: Mask
    harm: Array
    known: Mask
    more_work: bool


class ServiceJudge:
    """Judge of load and service by the metrics of these names."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        roles = [_role(metric) for metric in metrics]
        self._places = {role: np.array([at for at, each in enumerate(roles) if each is role], int) for role in Role}

    def judge(self, surprise: Array, moves: Array, newest: Array) -> Service:
        """Load and service by the surprise and the moves of metrics since the past, each of shape (N, M).

        Args:
            newest: the newest values; what is NaN there says nothing of the service.
        """
        surprise, moves = (np.where(np.isnan(newest), np.float32(np.nan), each) for each in (surprise, moves))
        rate, worked = self._of(Role.THROUGHPUT, surprise), self._of(Role.THROUGHPUT, newest)
        direct = ~np.isnan(worked)
        # Without throughput, what the network carries stands for it.
        rate = np.where(direct, rate, self._of(Role.TRAFFIC, surprise))
        latency, slower = self._of(Role.LATENCY, surprise), self._of(Role.LATENCY, moves)
        demand = self._of(Role.DEMAND, surprise)
        # Where nobody is seen to wait, nobody waits.
        waiting = (np.nan_to_num(self._of(Role.DEMAND, newest)) > 0) & (demand > -_SLIGHT)
        stalled = direct & (rate <= -_CLEAR) & waiting
        impaired: Mask = ((latency >= _CLEAR) & (slower >= _WORSE)) | stalled
        slowed = np.minimum(_rising(latency), np.clip(slower / _WORSE, 0, 1))
        harm = np.nan_to_num(np.fmax(slowed, np.where(direct & waiting, _rising(-rate), 0)))
        known: Mask = direct & ~np.isnan(latency)
        grown = self._grown(surprise)
        # More work that makes the service many times slower is an overload, unless throughput has grown with it.
        overloaded = (latency >= _CLEAR) & (slower >= _OVERLOADED) & ~(rate >= _SLIGHT)
        more_work = bool(len(rate) > 1 and grown.mean() >= _SHARED and overloaded.mean() <= 1 / 2)
        # A single node whose traffic falls may as well have lost its network.
        told = direct | (rate > 0) | (len(rate) > 1)
        changed = ((np.abs(rate) >= _CLEAR) & self._shared(rate) & told & ~impaired) | (grown & more_work)
        return Service(changed, impaired, np.where(impaired, np.float32(1), harm), known, more_work)

    def _grown(self, surprise: Array) -> Mask:
        """On which nodes work of some kind has grown."""
        work = np.nan_to_num(surprise[:, self._places[Role.WORK]])
        result: Mask = work.max(axis=1, initial=0) >= _CLEAR
        return result

    def _of(self, role: Role, values: Array) -> Array:
        return nan_statistics.median(values[:, self._places[role]])

    @staticmethod
    def _shared(rate: Array) -> NDArray[np.bool_]:
        known = ~np.isnan(rate)
        same = (np.sign(rate)[:, None] == np.sign(rate)) & (np.abs(rate) >= _SLIGHT) & known
        result: NDArray[np.bool_] = same.sum(axis=1) >= max(1.0, _SHARED * float(known.sum()))
        return result


def _rising(surprise: Array) -> Array:
    """From 0 for a surprise that is common to 1 for a clear one."""
    result: Array = np.clip((surprise - _COMMON) / (_CLEAR - _COMMON), 0, 1)
    return result


def _role(metric: str) -> Role | None:
    name = metric.lower()
    return next((role for role, pattern in _PATTERNS if re.search(pattern, name)), None)
