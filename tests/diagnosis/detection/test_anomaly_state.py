"""State over time, from scores of two nodes and one anomaly."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.detection.anomaly_state import AnomalyState
from distdiag_core.diagnosis.detection.scoring import Scores

WINDOW_S, PERIOD_S = 10.0, 1.0
PLACE = (1, 0)


def _scores(confidence: float, *, nodes: int = 2, has_past: bool = True) -> Scores:
    column = np.zeros((nodes, 1), dtype=np.float32)
    column[-1] = confidence
    known = np.full(nodes, has_past)
    rows = np.zeros((nodes, 0), dtype=np.float32)
    half, none = np.full((nodes, 1), 0.5, dtype=np.float32), np.zeros((nodes, 1), dtype=np.bool_)
    return Scores(rows, column, half, known, ~known, none, none[:, 0])


def _observe(state: AnomalyState, confidence: float, start_s: int, ticks: int) -> None:
    for time_s in range(start_s, start_s + ticks):
        state.observe(_scores(confidence), float(time_s), WINDOW_S, PERIOD_S)


def test_a_root_cause_is_active_after_two_ticks_and_began_before() -> None:
    state = AnomalyState()
    _observe(state, 0.9, 100, 1)
    assert not state.anomalous
    _observe(state, 0.9, 101, 1)
    assert state.is_active(PLACE)
    assert state.onset_s(PLACE) == 96
    assert state.onset_s((0, 0)) is None


def test_it_ends_only_well_below_the_threshold() -> None:
    state = AnomalyState()
    _observe(state, 0.9, 100, 2)
    _observe(state, 0.31, 102, 5)
    assert state.anomalous
    _observe(state, 0.29, 107, 1)
    assert not state.anomalous


def test_the_windows_of_anomalous_ticks_are_contaminated() -> None:
    state = AnomalyState()
    _observe(state, 0.9, 100, 5)
    times_s = np.arange(85.0, 110.0)
    assert times_s[~state.clean(times_s)].tolist() == list(np.arange(91.0, 105.0))


def test_spans_that_overlap_join() -> None:
    state = AnomalyState()
    for start_s, end_s in ((0, 5), (4, 8), (20, 21)):
        state.mark_contaminated(start_s, end_s)
    times_s = np.arange(25.0)
    assert times_s[~state.clean(times_s)].tolist() == [*range(9), 20, 21]


def test_a_reset_drops_the_past_and_mutes() -> None:
    state = AnomalyState()
    _observe(state, 0.9, 100, 3)
    state.reset_baseline(110.0, 20.0)
    assert not state.anomalous
    assert state.clean(np.array([109.0, 110.0, 111.0])).tolist() == [False, False, True]
    _observe(state, 0.9, 111, 10)
    assert not state.anomalous
    _observe(state, 0.9, 130, 2)
    assert state.anomalous


def test_an_anomaly_of_more_than_five_minutes_resets_the_baseline() -> None:
    state = AnomalyState()
    _observe(state, 0.9, 100, 302)
    assert state.anomalous
    _observe(state, 0.9, 402, 1)
    assert not state.anomalous
    assert state.clean(np.array([391.0, 393.0])).tolist() == [False, True]


def test_a_single_node_without_a_past_contaminates_nothing() -> None:
    state = AnomalyState()
    for time_s in (1.0, 2.0, 3.0):
        state.observe(_scores(0.9, nodes=1, has_past=False), time_s, WINDOW_S, PERIOD_S)
    assert state.anomalous
    assert state.clean(np.array([1.0, 2.0])).all()


def test_a_successor_knows_the_clean_past_and_no_root_causes() -> None:
    state = AnomalyState()
    _observe(state, 0.9, 100, 3)
    successor = state.successor()
    times_s = np.arange(85.0, 110.0)
    assert not successor.anomalous
    assert np.array_equal(successor.clean(times_s), state.clean(times_s))
    successor.mark_contaminated(0, 1000)
    assert state.clean(times_s).any()
