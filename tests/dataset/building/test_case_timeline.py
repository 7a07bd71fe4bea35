"""The rule for normal stretches."""

from __future__ import annotations

import pytest

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.dataset.building.case_timeline import CaseTimeline
from distdiag_core.dataset.building.spans import Span

_INJECTION = Injection("i1", "cpu_stress", "n2", "high", InjectionState.ACTIVE, 10.0, 60.0, "me@here")


def _timeline(*spans: Span, unsettled_until_s: float | None = None) -> CaseTimeline:
    return CaseTimeline(
        "c", "g", "s", "none", 0.0, asked_s=20.0, spans=spans, recovery_s=5.0, unsettled_until_s=unsettled_until_s
    )


def _span(began_s: float, gone_s: float | None) -> Span:
    return Span(_INJECTION, began_s, began_s + 2, None if gone_s is None else gone_s - 1, gone_s)


@pytest.mark.parametrize(
    ("timeline", "normal"),
    [
        (_timeline(_span(20.0, 40.0)), ((0.0, 20.0), (45.0, 60.0))),
        (_timeline(_span(15.0, 40.0)), ((0.0, 15.0), (45.0, 60.0))),
        (_timeline(_span(20.0, 30.0), _span(25.0, 40.0)), ((0.0, 20.0), (45.0, 60.0))),
        (_timeline(_span(20.0, 40.0), unsettled_until_s=50.0), ((0.0, 20.0), (50.0, 60.0))),
        (_timeline(_span(20.0, 40.0), unsettled_until_s=30.0), ((0.0, 20.0), (45.0, 60.0))),
        (_timeline(_span(20.0, 40.0), unsettled_until_s=float("inf")), ((0.0, 20.0),)),
        (_timeline(_span(20.0, 58.0)), ((0.0, 20.0),)),
        (_timeline(_span(20.0, None)), ((0.0, 20.0),)),
        (_timeline(_span(20.0, 40.0), _span(20.0, None)), ((0.0, 20.0),)),
        (_timeline(_span(0.0, 40.0)), ((45.0, 60.0),)),
        (CaseTimeline("c", "g", "s", "none", 0.0), ()),
    ],
)
def test_normal_is_what_was_before_the_anomalies_and_after_the_recovery(
    timeline: CaseTimeline, normal: tuple[tuple[float, float], ...]
) -> None:
    assert timeline.normal(60.0) == normal


def test_the_first_reason_of_an_exclusion_is_kept() -> None:
    timeline = _timeline(_span(20.0, 40.0))
    assert timeline.ended(60.0).excluded == ""
    assert timeline.ended(60.0, "killed").ended(60.0, "later").excluded == "killed"
