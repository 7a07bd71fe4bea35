"""The steady state of the cluster: all nodes up, no anomaly, and the same load for some time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.cluster.status import NodeStatus
    from distdiag_core.dataset.building.observation import Observation
    from distdiag_core.dataset.collecting_settings import CollectingSettings
    from distdiag_core.workloads.workload_status import WorkloadStatus

    Load = frozenset[tuple[object, ...]]


class SteadyState:
    """Since when the cluster has been in its steady state, followed tick by tick.

    Attributes:
        since_s: infinite while it is not.
        last: the newest stretch in which it was, from its first tick to its last.
        reason: why it is not, in plain words; empty where it is.
        load_changed: at the newest tick.
        clock_set_back: before the newest tick.
    """

    def __init__(self, settings: CollectingSettings) -> None:
        self._settings = settings
        self._load: Load | None = None
        self._settled_s = self._now_s = -math.inf
        self.since_s = math.inf
        self.last = (math.inf, -math.inf)
        self.reason = "nothing was sampled yet"
        self.load_changed = self.clock_set_back = False

    def observe(self, tick: Observation, *, busy: bool) -> None:
        """Follow one tick; `busy` while an injection is on a node or on its way there."""
        now_s = tick.time_s
        self.clock_set_back, self._now_s = now_s <= self._now_s, now_s
        if self.clock_set_back:
            self._settled_s, self.last = now_s, (math.inf, -math.inf)
        load = _load_of(tick.workloads)
        self.load_changed = self._load is not None and load != self._load
        self._load = load
        if self.load_changed:
            self._settle(now_s + self._settings.settle_s)
        if busy:
            # Queues are worked off, and normal stretches are the reference of all that comes later.
            self._settle(now_s + max(self._settings.recovery_s, self._settings.settle_s))
        self.reason = nodes_not_up(tick.nodes) or self._unsettled(now_s, busy=busy)
        if self.reason:
            self.since_s = math.inf
            return
        if math.isinf(self.since_s):
            self.since_s = now_s
        self.last = (self.since_s, now_s)

    def _settle(self, until_s: float) -> None:
        self._settled_s = max(self._settled_s, until_s)

    def _unsettled(self, now_s: float, *, busy: bool) -> str:
        if busy:
            return "an anomaly is active"
        if self.clock_set_back:
            return "the clock was set back"
        if now_s <= self._settled_s:
            return "the cluster settles after a change"
        return ""


def nodes_not_up(nodes: Iterable[NodeStatus]) -> str:
    """Which nodes are not fully reachable, and why; empty where all are."""
    return ", ".join(f"{node.node} is {node.state}: {node.reason}" for node in nodes if node.state is not NodeState.UP)


def describe_load(workloads: Iterable[WorkloadStatus]) -> str:
    """The running load in plain words; `none` without any."""
    running = [status.request for status in workloads if status.state is WorkloadState.RUNNING]
    words = (
        f"{each.kind} {each.script}, {each.profile or f'{each.threads} threads a node'}"
        f"{f', {each.rate}/s' if each.rate else ''}"
        for each in running
    )
    return "; ".join(words) or "none"


def _load_of(workloads: Iterable[WorkloadStatus]) -> Load:
    """What tells one load from another; empty without any."""
    running = (status.request for status in workloads if status.state is WorkloadState.RUNNING)
    return frozenset((each.kind, each.script, each.nodes, each.threads, each.rate, each.profile) for each in running)
