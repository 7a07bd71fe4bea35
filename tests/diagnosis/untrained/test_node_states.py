"""States of nodes: steady onset, hysteresis."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.untrained.node_states import NodeStates


def states_of(shares: list[float], *, load: bool = False) -> list[bool]:
    states, seen = NodeStates(1, 1.0), []
    for tick, share in enumerate(shares):
        states.observe(np.array([share]), np.array([load]), float(tick))
        seen.append(bool(states.anomalous[0]))
    return seen


def test_a_single_tick_is_no_anomaly() -> None:
    assert not any(states_of([0, 2, 0, 2, 2, 0, 0]))


def test_it_ends_only_after_some_calm_ticks() -> None:
    shares = [0.0, 2, 2, 2, 2, 2, 0.9, 0.7, 0, 0, 1.5, 0, 0, 0, 0, 0]
    assert states_of(shares) == [False] * 5 + [True] * 9 + [False] * 2


def test_the_onset_is_the_first_tick_over_the_threshold() -> None:
    states = NodeStates(1, 1.0)
    for tick, share in enumerate([0.1, 1.2, 1.5, 1.9, 1.1, 1.3]):
        states.observe(np.array([share]), np.array([False]), 100.0 + tick)
    assert states.since_s.tolist() == [101.0]


def test_what_load_explains_is_no_anomaly() -> None:
    states = NodeStates(1, 1.0)
    for tick in range(5):
        states.observe(np.array([3.0]), np.array([True]), float(tick))
    assert not states.anomalous[0]
    assert states.load_change[0]
