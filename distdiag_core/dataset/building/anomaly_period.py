"""A case with anomalies that is being collected, from its first injection to the end of the stretch after the last."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from distdiag_core.cluster.status import NodeState
from distdiag_core.dataset.building import exclusion
from distdiag_core.dataset.building.case_timeline import CaseTimeline, name_stamp
from distdiag_core.dataset.building.spans import KNOWN_LATE_S
from distdiag_core.dataset.building.steady_state import describe_load
from distdiag_core.dataset.collecting_settings import CollectingSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.dataset.building.observation import Observation
    from distdiag_core.dataset.building.spans import Span

Part = Literal["anomaly", "after"]

_LONGEST_NAME = 120


class AnomalyPeriod:
    """One or several anomalies that are active at the same time, or follow before the case is over.

    Args:
        start_s: of the stretch before the anomalies.
        asked_s: when the injections were let through.

    Attributes:
        excluded: why the case is excluded; empty where it is not.
    """

    def __init__(self, cluster: ClusterSettings, start_s: float, asked_s: float, tick: Observation) -> None:
        self._cluster = cluster
        self._settings = cluster.section(CollectingSettings)
        self._start_s = start_s
        self._asked_s = asked_s
        self._load = describe_load(tick.workloads)
        self._spans: tuple[Span, ...] = ()
        self._busy = True
        self._unwell_s = -math.inf
        self.excluded = ""
        if asked_s - start_s < self._settings.before_s - cluster.interval_s:
            self.exclude(f"there are only {asked_s - start_s:.0f} s before it")

    @property
    def busy(self) -> bool:
        """Whether its anomalies go on; an injection that comes now belongs to it."""
        return self._busy

    @property
    def injections(self) -> tuple[str, ...]:
        """Its injections, each as `cpu_stress on n2`."""
        return tuple(map(str, self._spans))

    @property
    def is_empty(self) -> bool:
        """Whether what was to be injected was not."""
        return not self._busy and not self._spans

    def exclude(self, reason: str) -> None:
        """Exclude the case; the first reason is kept, and an empty one is none."""
        self.excluded = self.excluded or reason

    def observe(self, tick: Observation, spans: Sequence[Span], *, busy: bool, cut_off: Collection[str]) -> None:
        """Follow one tick.

        Args:
            busy: an injection is on a node or on its way there.
            cut_off: nodes that an anomaly may make unreachable.
        """
        self._spans = tuple(span for span in spans if span.gone_s is None or span.gone_s >= self._asked_s)
        self._busy = busy
        if any(node.state is not NodeState.UP for node in tick.nodes):
            self._unwell_s = tick.time_s
        self.exclude(exclusion.nodes_lost(tick.nodes, cut_off))
        self.exclude(exclusion.aborted(tick.events, self._asked_s))
        self.exclude(exclusion.doubtful(self._spans))

    def ends_s(self, now_s: float) -> float | None:
        """The end of the case, once it is over; None before."""
        if self._busy:
            # Nothing ends what could not be undone.
            present = [span for span in self._spans if span.gone_s is None]
            return now_s if present and all(span.doubt for span in present) else None
        end_s = self._gone_s + self._settings.after_s
        # What somebody else has begun shortly before the end would be in what is called normal.
        return end_s if now_s >= end_s + KNOWN_LATE_S else None

    def timeline(self) -> CaseTimeline | None:
        """The open case; None while nothing was injected."""
        if not self._spans:
            return None
        unsettled_s = None if math.isinf(self._unwell_s) else self._unwell_s + self._settings.recovery_s
        return CaseTimeline(
            self.name,
            self._group,
            f"collected on cluster {self._cluster.name}",
            self._load,
            self._start_s,
            asked_s=self._asked_s,
            spans=self._spans,
            recovery_s=self._settings.recovery_s,
            unsettled_until_s=unsettled_s,
            excluded=self.excluded,
        )

    def progress(self, now_s: float) -> tuple[Part, float, float]:
        """Its part, the seconds of it that have passed, and those that it takes."""
        if self._busy or not self._spans:
            since_s = min([now_s, *(span.since_s for span in self._spans if span.since_s is not None)])
            deadline_s = max((span.injection.deadline_s for span in self._spans), default=since_s)
            return "anomaly", now_s - since_s, max(0.0, deadline_s - since_s)
        return "after", now_s - self._gone_s, self._settings.after_s + KNOWN_LATE_S

    @property
    def name(self) -> str:
        """The name of the case."""
        group = self._group
        # The file system limits the length of a directory's name.
        short = group if len(group) <= _LONGEST_NAME else f"{group[:_LONGEST_NAME]}+more"
        return f"{short}-{name_stamp(self._asked_s)}"

    @property
    def _gone_s(self) -> float:
        return max((span.gone_s for span in self._spans if span.gone_s is not None), default=self._asked_s)

    @property
    def _group(self) -> str:
        parts = (f"{each.anomaly}-{each.node}-{each.severity}" for each in (span.injection for span in self._spans))
        return "+".join(dict.fromkeys(parts))
