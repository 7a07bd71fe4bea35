"""The spans of injections: which anomaly was on which node from when to when, as the leases on the nodes say.

All times are times of ticks, because labels are compared with ticks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.anomalies.injection import SEVERITIES, Injection, InjectionState
from distdiag_core.dataset.case import Label
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

# The nodes are asked now and then: an end or a beginning that nobody here caused is known as late as this.
KNOWN_LATE_S = 6.0


@dataclass(frozen=True, slots=True)
class Span:
    """One injection on one node.

    Attributes:
        began_s: when its lease began; from here on nothing is surely normal.
        since_s: the first tick at which it was surely active; None before that.
        until_s: the last tick at which it was surely active; None while it is.
        gone_s: the first tick at which it was no longer listed; None while it is.
        doubt: why its end is not known well; empty where it is.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    injection: Injection
    began_s: float
    since_s: float | None = None
    until_s: float | None = None
    gone_s: float | None = None
    doubt: str = ""

    def label(self, end_s: float) -> Label | None:
        """The label in a case that ends at `end_s`; None where the injection was not seen active until then."""
        if self.since_s is None or self.since_s > end_s:
            return None
        injection = self.injection
        until_s = min(end_s, injection.deadline_s if self.until_s is None else self.until_s)
        return Label(injection.anomaly, injection.node, self.since_s, until_s, injection.severity)

    def __str__(self) -> str:
        """`cpu_stress on n2`."""
        return f"{self.injection.anomaly} on {self.injection.node}"


class SpanTracker:
    """The spans of all injections on the cluster, followed tick by tick.

    Injections that start or end through this process are announced, since their moments are known exactly.
    """

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._starting: set[str] = set()
        self._ending: set[str] = set()
        self._last_s = -math.inf

    @property
    def spans(self) -> tuple[Span, ...]:
        """All since the last `forget`, the oldest first."""
        return tuple(self._spans.values())

    @property
    def busy(self) -> bool:
        """Whether an injection is on a node, or on its way there."""
        return bool(self._starting) or any(span.gone_s is None for span in self._spans.values())

    @property
    def began_s(self) -> float:
        """The beginning of the oldest injection that is on a node; infinite where none is."""
        return min((span.began_s for span in self._spans.values() if span.gone_s is None), default=math.inf)

    def starting(self, ids: Collection[str]) -> None:
        """These are being injected: until that is proved they may be active or not."""
        self._starting.update(ids)

    def started(self, ids: Collection[str]) -> None:
        """The attempt to inject these is over; those of them that the nodes list are active."""
        self._starting.difference_update(ids)

    def ending(self, ids: Collection[str]) -> None:
        """These are being cleared: from now on they may be active or not."""
        self._ending.update(ids)

    def forget(self, before_s: float) -> None:
        """Drop the spans that were gone before that."""
        self._spans = {
            name: span for name, span in self._spans.items() if span.gone_s is None or span.gone_s >= before_s
        }
        self._ending &= self._spans.keys()

    def observe(self, now_s: float, listed: Sequence[Injection]) -> None:
        """Follow one tick, at which the nodes list these injections."""
        names = {injection.id for injection in listed}
        for injection in listed:
            if injection.id not in self._starting:
                self._spans[injection.id] = self._seen(injection, now_s)
        for name, span in self._spans.items():
            if span.gone_s is None and name not in names:
                self._spans[name] = self._gone(span, now_s)
        self._last_s = now_s

    def _seen(self, injection: Injection, now_s: float) -> Span:
        span = self._spans.get(injection.id) or Span(injection, min(injection.started_s, now_s))
        if injection.state is InjectionState.ORPHANED:
            span = replace(span, doubt=f"{span} could not be undone")
        surely_active = (
            injection.state is InjectionState.ACTIVE
            and injection.id not in self._ending
            and now_s <= injection.deadline_s
        )
        if surely_active:
            return replace(span, since_s=now_s if span.since_s is None else span.since_s, until_s=None)
        return self._inactive(span)

    def _inactive(self, span: Span) -> Span:
        if span.since_s is None or span.until_s is not None:
            return span
        return replace(span, until_s=max(span.since_s, self._last_s))

    def _gone(self, span: Span, now_s: float) -> Span:
        ended = replace(self._inactive(span), gone_s=now_s)
        if span.injection.id in self._ending or now_s >= span.injection.deadline_s:
            return ended
        # It was cleared elsewhere or ended by itself, at some time since the nodes were asked last.
        doubt = f"{span} was ended by somebody else, or by itself"
        if ended.since_s is None or ended.until_s is None:
            return replace(ended, doubt=doubt)
        return replace(ended, until_s=max(ended.since_s, ended.until_s - KNOWN_LATE_S), doubt=doubt)


def labels(spans: Iterable[Span], end_s: float) -> tuple[Label, ...]:
    """The labels of a case that ends at `end_s`.

    Overlapping spans of one anomaly on one node become one label of the higher severity: a node has an anomaly once.
    """
    joined: list[Label] = []
    for label in sorted(_labels(spans, end_s), key=lambda each: each.start_s):
        place = next((n for n, each in enumerate(joined) if _overlap(each, label)), None)
        if place is None:
            joined.append(label)
            continue
        before = joined[place]
        severity = max(before.severity, label.severity, key=_grade)
        joined[place] = replace(before, end_s=max(before.end_s, label.end_s), severity=severity)
    return tuple(joined)


def _labels(spans: Iterable[Span], end_s: float) -> Iterator[Label]:
    for span in spans:
        if label := span.label(end_s):
            yield label


def _overlap(earlier: Label, later: Label) -> bool:
    same = (earlier.anomaly, earlier.node) == (later.anomaly, later.node)
    return same and later.start_s <= earlier.end_s


def _grade(severity: str | None) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1
