"""Which anomalies were really on which node and when, as the leases on the nodes say, in the time of ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.dataset.case import Label

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.anomalies.injection import Injection

# What ends on a node by itself is known here as late as this, because the nodes are asked now and then.
KNOWN_LATE_S = 6.0


@dataclass(frozen=True, slots=True)
class Span:
    """One anomaly on one node.

    Attributes:
        began_s: when its lease began; from here on nothing is surely normal.
        since_s, until_s: the first and the last tick at which it was surely there; infinite where there was none.
        gone_s: the first tick at which it was not any more; None while it is.
        doubt: why its end is not known well; empty where it is.
    """

    injection: Injection
    began_s: float
    since_s: float = math.inf
    until_s: float = -math.inf
    gone_s: float | None = None
    doubt: str = ""

    @property
    def label(self) -> Label | None:
        """What is known to be true; None where it was never seen active."""
        if self.since_s > self.until_s:
            return None
        injection = self.injection
        return Label(injection.anomaly, injection.node, self.since_s, self.until_s, injection.severity)

    def __str__(self) -> str:
        """For the operator."""
        return f"{self.injection.anomaly} on {self.injection.node}"


class Activity:
    """Learns from every tick; whoever begins or ends an injection here tells it, because that is known exactly."""

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._unproved: set[str] = set()
        self._ending: set[str] = set()

    @property
    def spans(self) -> tuple[Span, ...]:
        """All since the last `forget`, the oldest first."""
        return tuple(self._spans.values())

    @property
    def busy(self) -> bool:
        """Something is on a node, or on its way there."""
        return bool(self._unproved) or any(span.gone_s is None for span in self._spans.values())

    @property
    def began_s(self) -> float:
        """When the oldest of those that are there began; infinite where none is."""
        return min((span.began_s for span in self._spans.values() if span.gone_s is None), default=math.inf)

    def beginning(self, ids: Collection[str]) -> None:
        """These are being injected: until that is proved they may be there or not."""
        self._unproved.update(ids)

    def begun(self, ids: Collection[str]) -> None:
        """The attempt is over; what the nodes list of it from now on is there."""
        self._unproved.difference_update(ids)

    def ending(self, ids: Collection[str]) -> None:
        """These are being cleared: from now on they may be there or not."""
        self._ending.update(ids)

    def forget(self, before_s: float) -> None:
        """Let go of what was gone before that."""
        self._spans = {
            name: span for name, span in self._spans.items() if span.gone_s is None or span.gone_s >= before_s
        }
        self._ending &= self._spans.keys()

    def look(self, now_s: float, listed: Sequence[Injection]) -> None:
        """One tick, and what the nodes list at it."""
        there = {injection.id: injection for injection in listed}
        for injection in listed:
            if injection.id not in self._unproved:
                self._learn(injection, now_s)
        for name, span in self._spans.items():
            if span.gone_s is None and name not in there:
                self._spans[name] = self._ended(span, now_s)

    def _learn(self, injection: Injection, now_s: float) -> None:
        span = self._spans.get(injection.id) or Span(injection, min(injection.started_s, now_s))
        if injection.state is InjectionState.ORPHANED:
            span = replace(span, doubt=f"{span} could not be undone")
        elif (
            injection.state is InjectionState.ACTIVE
            and injection.id not in self._ending
            and now_s <= injection.deadline_s
        ):
            span = replace(span, since_s=min(span.since_s, now_s), until_s=now_s)
        self._spans[injection.id] = span

    def _ended(self, span: Span, now_s: float) -> Span:
        if span.injection.id in self._ending or now_s >= span.injection.deadline_s:
            return replace(span, gone_s=now_s)
        # Somebody else has cleared it, or it ended by itself, at some time since the nodes were asked last.
        until_s = span.until_s if span.label is None else max(span.since_s, span.until_s - KNOWN_LATE_S)
        return replace(span, gone_s=now_s, until_s=until_s, doubt=f"{span} was ended by somebody else, or by itself")
