"""One case with anomalies, from the moment that its injections are let through to the end of the stretch after them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_core.collecting.collecting_status import OpenCase
from distdiag_core.collecting.normal_run import source_of, stamp
from distdiag_core.collecting.notes import OpenLabel, OpenStretch
from distdiag_core.dataset.building import cutting
from distdiag_core.dataset.building.spans import KNOWN_LATE_S
from distdiag_core.dataset.building.steady_state import describe_load
from distdiag_core.dataset.case import Case

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.dataset.building.spans import Span
    from distdiag_core.dataset.collecting_settings import CollectingSettings
    from distdiag_core.runtime.snapshot import Snapshot


_LONGEST_NAME = 120


class AnomalyCase:
    """Whatever is active at the same time, or follows before it is over, belongs to the same case.

    Args:
        start_s: of the stretch before the anomalies.
        asked_s: when the injecting began.
        longest_s: a case ends here, because the history goes back no further.

    Attributes:
        excluded: why it must not be learnt from; empty where nothing happened.
    """

    def __init__(
        self, start_s: float, asked_s: float, settings: CollectingSettings, longest_s: float, snapshot: Snapshot
    ) -> None:
        self._start_s = start_s
        self._asked_s = asked_s
        self._settings = settings
        self._longest_s = longest_s
        self._load = describe_load(snapshot)
        self._spans: tuple[Span, ...] = ()
        self._busy = True
        self._unwell_s = -math.inf
        self.excluded = ""
        if asked_s - start_s < settings.before_s - snapshot.cluster.interval_s:
            self.exclude(f"there are only {asked_s - start_s:.0f} s before it")

    @property
    def in_anomaly(self) -> bool:
        """It takes in what is injected now."""
        return self._busy

    @property
    def nothing_came(self) -> bool:
        """What was to be injected was not."""
        return not self._busy and not self._spans

    def exclude(self, reason: str) -> None:
        """Mark it; the first reason is the one that is kept."""
        self.excluded = self.excluded or reason

    def look(self, snapshot: Snapshot, spans: Sequence[Span], *, busy: bool, cutting_off: Collection[str]) -> None:
        """One tick.

        Args:
            busy: an anomaly is on a node or on its way there.
            cutting_off: nodes that an anomaly may make unreachable, which excludes nothing.
        """
        self._spans = tuple(span for span in spans if span.gone_s is None or span.gone_s >= self._asked_s)
        self._busy = busy
        for node in snapshot.nodes:
            if node.state is not NodeState.UP:
                self._unwell_s = snapshot.frame.time_s
            if node.state is NodeState.DOWN and node.node not in cutting_off:
                self.exclude(f"{node.node} was lost: {node.reason}")
        for event in snapshot.events:
            if event.time_s >= self._asked_s and "abort" in event.data:
                self.exclude(event.text)
        for span in self._spans:
            if span.doubt:
                self.exclude(span.doubt)

    def ends_at(self, now_s: float) -> float | None:
        """The end of the case, once it is there."""
        if now_s - self._start_s >= self._longest_s:
            return now_s
        if self._busy:
            return None
        end_s = self._gone_s + self._settings.after_s
        # What somebody else has begun shortly before the end would be in what is called normal.
        return end_s if now_s >= end_s + KNOWN_LATE_S else None

    def cut(self, snapshot: Snapshot, end_s: float) -> Case:
        """The case as it has become."""
        cluster = snapshot.cluster
        window = cutting.stretch(snapshot.window, self._start_s, end_s)
        if few := cutting.too_few_ticks(window, self._start_s, end_s, cluster.interval_s):
            self.exclude(few)
        if any(span.label is None for span in self._spans):
            self.exclude("an anomaly was not seen active")
        # Whatever is known late has begun before it was known.
        clean_until_s = min((self._asked_s, *(span.began_s for span in self._spans)))
        recovered_s = end_s if self._busy else max(self._gone_s, self._unwell_s) + self._settings.recovery_s
        return Case(
            self._name,
            window,
            cluster.interval_s,
            cutting.joined(span.label for span in self._spans if span.label),
            cutting.Course(self._start_s, clean_until_s, recovered_s, end_s).normal,
            self._group,
            source_of(snapshot),
            self._load,
            excluded=self.excluded or None,
        )

    def open_stretch(self) -> OpenStretch | None:
        """What of it would be left after a kill; None while nothing was injected."""
        if not self._spans:
            return None
        known = tuple(
            OpenLabel(
                span.injection.anomaly,
                span.injection.node,
                span.since_s,
                # Of what is over, the end is known.
                span.injection.deadline_s if span.gone_s is None else span.until_s,
                span.injection.severity,
            )
            for span in self._spans
            if span.label
        )
        return OpenStretch(self._name, self._group, self._start_s, self._load, self._asked_s, known)

    def status(self, now_s: float) -> OpenCase:
        """How far it is."""
        name, words = self._name, tuple(map(str, self._spans))
        if self._busy or not self._spans:
            deadlines = [span.injection.deadline_s for span in self._spans]
            since_s = min([now_s, *(span.since_s for span in self._spans)])
            needed_s = max(deadlines, default=since_s) - since_s
            return OpenCase(name, words, "anomaly", now_s - since_s, max(0.0, needed_s), self.excluded)
        done_s = now_s - self._gone_s
        return OpenCase(name, words, "after", done_s, self._settings.after_s + KNOWN_LATE_S, self.excluded)

    @property
    def _gone_s(self) -> float:
        return max((span.gone_s for span in self._spans if span.gone_s is not None), default=self._asked_s)

    @property
    def _name(self) -> str:
        group = self._group
        # A name of a directory, which may not be of any length.
        short = group if len(group) <= _LONGEST_NAME else f"{group[:_LONGEST_NAME]}+more"
        return f"{short}-{stamp(self._asked_s)}"

    @property
    def _group(self) -> str:
        parts = (f"{each.anomaly}-{each.node}-{each.severity}" for each in (span.injection for span in self._spans))
        return "+".join(dict.fromkeys(parts))
