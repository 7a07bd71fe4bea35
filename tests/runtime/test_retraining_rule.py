"""Training anew is proposed for a reason, and not without one."""

from __future__ import annotations

import pytest

from distdiag_core.runtime.model_monitor import RetrainingRule, proposal

_DAY_S = 86400.0


@pytest.mark.parametrize(
    ("age_days", "ac1", "hits", "why"),
    [
        (1, 0.95, [True] * 20, ""),
        (1, 0.95, [], ""),
        # One miss is no reason, and what was missed long ago is none any more.
        (1, 0.95, [True] * 10 + [False], ""),
        (1, 0.95, [False] * 20 + [True] * 20, ""),
        (1, 0.95, [True] * 10 + [False] * 10, "10 were named first"),
        (1, None, [False] * 4, "0 were named first"),
        # A model that was never good is not surprised.
        (1, 0.3, [False] * 4, ""),
        (31, 0.95, [True] * 20, "31 days old"),
    ],
)
def test_reasons(age_days: float, ac1: float | None, hits: list[bool], why: str) -> None:
    found = proposal(RetrainingRule(), age_days * _DAY_S, ac1, hits)
    assert why in found
    assert bool(found) == bool(why)


def test_the_schedule_can_be_left_out() -> None:
    assert proposal(RetrainingRule(every_days=0), 1000 * _DAY_S, None, []) == ""
