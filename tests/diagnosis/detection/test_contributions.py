"""Contributions that are kept: of one node a tick, computed again after some ticks, dropped with the root cause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.contributions import Contributions, contributions_by_metric
from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.detection.scoring import Scores
    from distdiag_core.diagnosis.model.model import Model

CPU, IO = 0, 1


@pytest.fixture(scope="module")
def scores(model: Model) -> Scores:
    """Scores of the three nodes, n2 under CPU stress."""
    from tests.diagnosis.conftest import make_case

    window = make_case(320, ("cpu_stress", "n2")).window
    diagnoser = Diagnoser(model, 1.0)
    for end in (29, 45):
        seen = diagnoser.observe(Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end]))
    return seen.scores


def test_the_metric_of_the_anomaly_contributes_most(model: Model, scores: Scores) -> None:
    by_metric = contributions_by_metric(model, scores, (0, 1, 2))
    assert by_metric.shape == (3, len(model.anomalies), len(model.features.metrics))
    assert (by_metric >= 0).all()
    strongest = model.features.metrics[int(np.argmax(by_metric[1, model.anomalies.index("cpu_stress")]))]
    assert strongest in ("cpu", "queue")


def test_what_the_second_stage_tells_look_alikes_apart_by_is_evidence_of_one_of_them(
    staged: Model, scores: Scores
) -> None:
    plain = contributions_by_metric(staged, scores, (0, 1, 2))
    told = contributions_by_metric(staged, replace(scores, second_stage=np.array([False, True, True])), (0, 1, 2))
    (metric,) = {int(place) for place in np.argwhere(told != plain)[:, 2]}
    assert staged.features.metrics[metric] == "io"
    assert np.array_equal(told[0], plain[0])
    gained = told[1, :, metric] - plain[1, :, metric]
    assert sorted(gained > 0) == [False, True]


def test_one_node_a_tick_the_first_one_first(model: Model, scores: Scores) -> None:
    kept = Contributions(model)
    active = {1: frozenset({CPU}), 0: frozenset({IO})}
    kept.on_tick(scores, active)
    assert (kept.of(1) is not None, kept.of(0)) == (True, None)
    kept.on_tick(scores, active)
    assert kept.of(0) is not None


def test_they_are_computed_again_soon_at_first_and_every_ten_ticks_later(model: Model, scores: Scores) -> None:
    kept = Contributions(model)
    last, computed = None, []
    for tick in range(32):
        kept.on_tick(scores, {1: frozenset({CPU})})
        if kept.of(1) is not last:
            computed.append(tick)
        last = kept.of(1)
    assert computed == [0, 2, 5, 10, 20, 30]


def test_another_root_cause_on_the_node_needs_new_ones_at_once(model: Model, scores: Scores) -> None:
    kept = Contributions(model)
    kept.on_tick(scores, {1: frozenset({CPU})})
    first = kept.of(1)
    kept.on_tick(scores, {1: frozenset({CPU, IO})})
    assert kept.of(1) is not first


def test_without_a_root_cause_nothing_is_kept_or_computed(model: Model, scores: Scores) -> None:
    kept = Contributions(model)
    kept.on_tick(scores, {1: frozenset({CPU})})
    kept.on_tick(scores, {})
    assert kept.of(1) is None


def test_what_is_not_active_is_explained_by_movement(model: Model, case_of: Callable[..., Case]) -> None:
    window = case_of(321).window
    diagnosis = Diagnoser(model, 1.0).diagnose(window)
    assert all(each.contribution is None for cause in diagnosis.root_causes for each in cause.evidence)
