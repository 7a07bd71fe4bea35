"""The spans of injections, and the labels that come of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.dataset.building import spans
from distdiag_core.dataset.building.spans import KNOWN_LATE_S, Span, SpanTracker
from distdiag_core.dataset.case import Label

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Severity

_CPU = Injection("i1", "cpu_stress", "n2", "high", InjectionState.ACTIVE, 10.0, 60.0, "me@here")


def _followed(tracker: SpanTracker, injection: Injection | None, *times_s: float) -> Span:
    for time_s in times_s:
        tracker.observe(time_s, [] if injection is None else [injection])
    (span,) = tracker.spans
    return span


def test_an_active_injection_is_open_at_its_end() -> None:
    span = _followed(SpanTracker(), _CPU, 12.0, 13.0, 14.0)
    assert (span.began_s, span.since_s, span.until_s, span.gone_s, span.doubt) == (10.0, 12.0, None, None, "")
    assert span.label(14.0) == Label("cpu_stress", "n2", 12.0, 14.0, "high")
    # Where nobody saw the end, the deadline is the end.
    assert span.label(90.0) == Label("cpu_stress", "n2", 12.0, 60.0, "high")
    assert span.label(11.0) is None


def test_an_injection_that_is_not_proved_yet_has_no_span() -> None:
    tracker = SpanTracker()
    tracker.starting(["i1"])
    tracker.observe(11.0, [_CPU])
    assert (tracker.spans, tracker.busy) == ((), True)
    tracker.started(["i1"])
    assert _followed(tracker, _CPU, 12.0).since_s == 12.0


def test_a_clearing_ends_the_label_at_the_tick_before_it() -> None:
    tracker = SpanTracker()
    _followed(tracker, _CPU, 12.0, 13.0)
    tracker.ending(["i1"])
    assert _followed(tracker, _CPU, 14.0, 15.0).until_s == 13.0
    span = _followed(tracker, None, 16.0)
    assert (span.until_s, span.gone_s, span.doubt) == (13.0, 16.0, "")
    assert not tracker.busy


def test_the_deadline_ends_the_label() -> None:
    tracker = SpanTracker()
    _followed(tracker, _CPU, 59.0, 60.0, 61.0, 62.0)
    span = _followed(tracker, None, 63.0)
    assert (span.until_s, span.gone_s, span.doubt) == (60.0, 63.0, "")


def test_an_end_that_was_not_announced_is_doubtful_and_may_be_earlier() -> None:
    tracker = SpanTracker()
    _followed(tracker, _CPU, *(12.0 + tick for tick in range(20)))
    span = _followed(tracker, None, 32.0)
    assert (span.until_s, span.gone_s) == (31.0 - KNOWN_LATE_S, 32.0)
    assert span.doubt == "cpu_stress on n2 was ended by somebody else, or by itself"


def test_an_orphan_is_doubtful() -> None:
    tracker = SpanTracker()
    _followed(tracker, _CPU, 12.0)
    span = _followed(tracker, replace(_CPU, state=InjectionState.ORPHANED), 13.0)
    assert (span.until_s, span.doubt) == (12.0, "cpu_stress on n2 could not be undone")


def test_spans_that_are_gone_are_forgotten() -> None:
    tracker = SpanTracker()
    _followed(tracker, _CPU, 12.0)
    _followed(tracker, None, 13.0)
    tracker.forget(13.0)
    assert len(tracker.spans) == 1
    tracker.forget(13.5)
    assert not tracker.spans


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (("cpu_stress", "n2", 4.0, 9.0, "high"), [("cpu_stress", "n2", 1.0, 9.0, "high")]),
        (("cpu_stress", "n2", 2.0, 3.0, "low"), [("cpu_stress", "n2", 1.0, 5.0, "medium")]),
        (
            ("cpu_stress", "n2", 6.0, 9.0, "low"),
            [("cpu_stress", "n2", 1.0, 5.0, "medium"), ("cpu_stress", "n2", 6.0, 9.0, "low")],
        ),
        (
            ("io_stress", "n2", 4.0, 9.0, "low"),
            [("cpu_stress", "n2", 1.0, 5.0, "medium"), ("io_stress", "n2", 4.0, 9.0, "low")],
        ),
    ],
)
def test_overlapping_spans_of_one_anomaly_on_one_node_are_one_label(
    second: tuple[str, str, float, float, Severity], expected: list[tuple[str, str, float, float, str]]
) -> None:
    first = _span("cpu_stress", "n2", 1.0, 5.0, "medium")
    assert spans.labels([first, _span(*second)], 20.0) == tuple(Label(*each) for each in expected)


def _span(anomaly: str, node: str, since_s: float, until_s: float, severity: Severity) -> Span:
    injection = replace(_CPU, anomaly=anomaly, node=node, severity=severity)
    return Span(injection, since_s, since_s, until_s, until_s + 1)
