"""Scores of nodes with and without a past, from a model trained on made-up cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.scoring import score

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array


@pytest.fixture
def still(model: Model) -> Array:
    """Windows of three nodes that stand at the profile."""
    return np.broadcast_to(model.features.profile[None, :, None], (3, len(model.features.metrics), 10)).copy()


def test_thresholds_are_those_of_the_classifier_that_scores(model: Model, still: Array) -> None:
    baseline = still[..., 0].copy()
    baseline[1] = np.nan
    scores = score(model, still, baseline)
    assert scores.has_past.tolist() == [True, False, True]
    for column, anomaly in enumerate(model.anomalies):
        bound = model.thresholds[anomaly]
        without_past = max(bound.without_past, 0.7)
        assert scores.threshold[:, column] == pytest.approx([bound.with_past, without_past, bound.with_past])


def test_a_single_node_without_a_past_has_a_higher_threshold(model: Model, still: Array) -> None:
    scores = score(model, still[:1], np.full((1, still.shape[1]), np.nan, dtype=np.float32))
    assert (scores.threshold >= np.float32(0.8)).all()


def test_nodes_without_values_are_silent_and_have_no_confidence(model: Model, still: Array) -> None:
    still[2] = np.nan
    scores = score(model, still, still[..., 0])
    assert scores.silent.tolist() == [False, False, True]
    assert not scores.confidence[2].any()


def test_a_node_that_leaves_its_baseline_is_suspected_most(model: Model, still: Array) -> None:
    baseline = still[..., 0].copy()
    still[1, model.features.metrics.index("io")] += 2
    confidence = score(model, still, baseline).confidence
    assert divmod(int(confidence.argmax()), len(model.anomalies)) == (1, model.anomalies.index("io_stress"))
    assert confidence.min() >= 0
    assert confidence.max() <= 1


def test_an_anomaly_is_not_told_where_most_of_its_metrics_were_never_read(model: Model, still: Array) -> None:
    baseline = still[..., 0].copy()
    shares = model.gain_shares("io_stress")
    for place in np.argsort(-shares)[: int((np.sort(shares)[::-1].cumsum() <= 0.6).sum()) + 1]:
        still[0, place] = baseline[0, place] = np.nan
    scores = score(model, still, baseline)
    column = model.anomalies.index("io_stress")
    assert scores.lacking[:, column].tolist() == [True, False, False]
    assert scores.confidence[0, column] == 0


def test_a_second_stage_divides_what_the_classifiers_make_of_look_alikes(
    model: Model, staged: Model, still: Array
) -> None:
    baseline = still[..., 0].copy()
    still[1, model.features.metrics.index("io")] += 2
    plain, told = score(model, still, baseline), score(staged, still, baseline)
    assert told.second_stage.all()
    assert told.confidence.max(axis=1) == pytest.approx(plain.confidence.max(axis=1), rel=0.1)
    io = model.anomalies.index("io_stress")
    assert told.confidence[1, io] > 0.99 * told.confidence[1].sum()
    assert told.confidence[0, io] < 0.1 * told.confidence[0].sum()


def test_a_second_stage_leaves_nodes_alone_that_lack_its_metrics(model: Model, staged: Model, still: Array) -> None:
    baseline = still[..., 0].copy()
    still[0, model.features.metrics.index("io")] = baseline[0, model.features.metrics.index("io")] = np.nan
    still[1, model.features.metrics.index("io")] = np.nan
    plain, told = score(model, still, baseline), score(staged, still, baseline)
    assert told.second_stage.tolist() == [False, False, True]
    assert np.array_equal(told.confidence[:2], plain.confidence[:2])
