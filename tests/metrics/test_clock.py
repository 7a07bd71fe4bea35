"""The clock of a run while the wall clock is set."""

from __future__ import annotations

import time

import pytest

from distdiag_core.metrics import clock


@pytest.mark.parametrize("moved_s", [-86_400.0, 86_400.0])
def test_the_clock_of_a_run_does_not_follow_a_wall_clock_that_is_set(
    moved_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_machine = time.time
    before_s, offset_s = clock.now_s(), clock.offset_s()
    monkeypatch.setattr(time, "time", lambda: of_the_machine() + moved_s)
    assert 0 <= clock.now_s() - before_s < 60
    assert clock.offset_s() - offset_s == pytest.approx(moved_s, abs=1)
    assert clock.of_wall_s(time.time()) == pytest.approx(clock.now_s(), abs=1)
