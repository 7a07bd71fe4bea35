"""Since when everything has been normal: all nodes up, no anomaly, and the same load."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from distdiag_core.dataset.collecting_settings import CollectingSettings
    from distdiag_core.runtime.snapshot import Snapshot

    Load = frozenset[tuple[object, ...]]


class Calm:
    """Learns from every tick.

    Attributes:
        since_s: infinite while something is not normal.
        last: the newest stretch that was normal, from its first tick to its last.
        reason: what is not, in plain words; empty where all is.
        load_changed: at the newest tick.
        clock_set: back, since the tick before the newest one.
    """

    def __init__(self, settings: CollectingSettings) -> None:
        self._settings = settings
        self._load: Load | None = None
        self._settled_s = self._now_s = -math.inf
        self.since_s = math.inf
        self.last = (math.inf, -math.inf)
        self.reason = "nothing was sampled yet"
        self.load_changed = self.clock_set = False

    def look(self, snapshot: Snapshot, *, busy: bool) -> None:
        """One tick; `busy` while an anomaly is on a node or on its way there."""
        now_s = snapshot.frame.time_s
        self.clock_set, self._now_s = now_s <= self._now_s, now_s
        if self.clock_set:
            self._settled_s, self.last = now_s, (math.inf, -math.inf)
        load = load_of(snapshot)
        self.load_changed = self._load is not None and load != self._load
        self._load = load
        if self.load_changed:
            self._settle(now_s + self._settings.settle_s)
        if busy:
            # Queues are worked off, and what is called calm is what later trouble is held against.
            self._settle(now_s + max(self._settings.recovery_s, self._settings.settle_s))
        self.reason = _trouble(snapshot) or self._unsettled(now_s, busy=busy)
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
        if self.clock_set:
            return "the clock was set back"
        if now_s <= self._settled_s:
            return "the cluster settles after a change"
        return ""


def load_of(snapshot: Snapshot) -> Load:
    """What tells one load from another; empty without any."""
    running = (status.request for status in snapshot.workloads if status.state is WorkloadState.RUNNING)
    return frozenset((each.kind, each.script, each.nodes, each.threads, each.rate, each.profile) for each in running)


def describe_load(snapshot: Snapshot) -> str:
    """The load in plain words; `none` without any."""
    running = [status.request for status in snapshot.workloads if status.state is WorkloadState.RUNNING]
    words = (
        f"{each.kind} {each.script}, {each.profile or f'{each.threads} threads a node'}"
        f"{f', {each.rate}/s' if each.rate else ''}"
        for each in running
    )
    return "; ".join(words) or "none"


def lost(snapshot: Snapshot) -> str:
    """Which nodes cannot be reached at all, and why; empty where none is lost."""
    return ", ".join(f"{node.node} is lost: {node.reason}" for node in snapshot.nodes if node.state is NodeState.DOWN)


def _trouble(snapshot: Snapshot) -> str:
    return ", ".join(
        f"{node.node} is {node.state}: {node.reason}" for node in snapshot.nodes if node.state is not NodeState.UP
    )
