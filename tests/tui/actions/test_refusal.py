"""What is refused, in words, without a console."""

from __future__ import annotations

from dataclasses import replace

from distdiag_core.runtime.replay_status import ReplayStatus
from distdiag_tui.actions.refusal import why_refused
from distdiag_tui.actions.registry import BY_ID
from tests.tui.canned import NOW_S, calm

_REPLAYED = replace(calm(), replay=ReplayStatus(1, 2, NOW_S, NOW_S + 1))


def test_back_in_time_is_for_a_cluster_and_leads_back_from_its_past() -> None:
    action = BY_ID["look-back"]
    assert why_refused(action, calm(), looks_back=False) == ""
    assert why_refused(action, _REPLAYED, looks_back=True) == ""
    assert "all of which is past" in why_refused(action, _REPLAYED, looks_back=False)
    assert "still starting" in why_refused(action, None, looks_back=False)


def test_nothing_is_injected_in_the_past() -> None:
    assert "the past, from which b leads back" in why_refused(BY_ID["inject"], _REPLAYED, looks_back=True)
