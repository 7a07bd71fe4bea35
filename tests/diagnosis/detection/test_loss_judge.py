"""Nodes that have lost nothing of what they sent again, and what that asks of a verdict of packet loss."""

from __future__ import annotations

import math

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.loss_judge import nothing_lost
from distdiag_core.diagnosis.detection.scoring import Scores, with_retransmissions
from distdiag_core.metrics.frame import Window

METRICS = ("host.tcp.retransmit_share", "host.tcp.sent_twice_share")
NAN = math.nan


def window(sent_again: tuple[float, ...], had_arrived: tuple[float, ...]) -> Window:
    """Shares of one node, in percent, a tick each second."""
    values = np.array([[sent_again, had_arrived]], dtype=np.float32)
    return Window(np.arange(values.shape[-1], dtype=np.float64), ("n1",), METRICS, values)


LATE_ACKNOWLEDGEMENT = window((0, 0.7, 0, 0), (0, 0.7, 0, 0))
LOSS = window((0, 0.7, 0.7, 0), (0, 0.7, 0, 0))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(LATE_ACKNOWLEDGEMENT, True, id="all had arrived"),
        pytest.param(window((0, 0.7, 0, 0), (0, 0, 0.7, 0)), True, id="which was reported a second later"),
        pytest.param(window((0, 0, 0, 0.7), (0, 0, 0, 0)), True, id="what was sent again just now is not reported yet"),
        pytest.param(LOSS, False, id="some had not"),
        pytest.param(window((0, 0, 0, 0), (0, 0, 0, 0)), False, id="nothing was sent again"),
        pytest.param(window((0, 0.7, 0, 0), (NAN, NAN, NAN, NAN)), False, id="reports are not known"),
    ],
)
def test_what_was_lost_is_what_was_sent_again_and_had_not_arrived(seen: Window, expected: bool) -> None:  # noqa: FBT001
    assert nothing_lost(seen, 4).tolist() == [expected]


def test_what_was_lost_before_the_newest_ticks_is_over() -> None:
    assert nothing_lost(window((5, 0, 0.7, 0, 0), (0, 0, 0.7, 0, 0)), 4).tolist() == [True]


def test_without_these_metrics_nothing_is_said() -> None:
    seen = Window(np.zeros(1), ("n1", "n2"), ("host.cpu.usage",), np.zeros((2, 1, 1), dtype=np.float32))
    assert nothing_lost(seen, 4).tolist() == [False, False]


def scores() -> Scores:
    """Scores of one node: packet loss, and another kind."""
    yes, no = np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_)
    confidence, threshold = np.array([[[0.74, 0.6]], [[0.5, 0.5]]], dtype=np.float32)
    return Scores(np.zeros((1, 1), np.float32), confidence, threshold, yes, no, np.zeros((1, 2), np.bool_), no)


@pytest.mark.parametrize(("seen", "is_reported"), [(LATE_ACKNOWLEDGEMENT, False), (LOSS, True)])
def test_a_loss_of_nothing_has_to_be_clearer(seen: Window, is_reported: bool) -> None:  # noqa: FBT001
    judged = with_retransmissions(scores(), seen, ("network_loss", "network_delay"), 4)
    assert (judged.confidence >= judged.threshold).tolist() == [[is_reported, True]]
    assert with_retransmissions(scores(), seen, ("io_stress", "network_delay"), 4).threshold.max() == 0.5
