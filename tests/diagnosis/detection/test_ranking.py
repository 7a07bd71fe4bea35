"""Importance and ranking: one formula, which the live list, the evaluation and the baselines all go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection import ranking
from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.evaluation.baselines import replay_baseline, train_baselines
from distdiag_core.diagnosis.evaluation.replay import replay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.baselines import Baseline
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array


def test_importance_is_influence_times_confidence() -> None:
    confidence = np.array([[0.5, 0.25], [1.0, 0.0]], dtype=np.float32)
    influence = np.array([1.5, 0.5], dtype=np.float32)
    expected = [[0.75, 0.375], [0.5, 0.0]]
    assert ranking.importance(confidence, influence).tolist() == expected
    assert ranking.importance(confidence[None], influence[None]).tolist() == [expected]


def test_equal_importances_keep_the_order_of_nodes_and_anomalies() -> None:
    assert ranking.rank(np.array([[0.2, 0.9], [0.9, 0.1]])) == ((0, 1), (1, 0), (0, 0), (1, 1))


@pytest.fixture(scope="module")
def simpler(cases: tuple[Case, ...]) -> Mapping[str, Baseline]:
    return train_baselines(cases)


def test_another_formula_changes_the_live_list_the_evaluation_and_the_baselines(
    model: Model, simpler: Mapping[str, Baseline], case_of: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of(600, ("cpu_stress", "n2"))

    def live() -> dict[tuple[str, str], float]:
        causes = Diagnoser(model, case.period_s).diagnose(case.window).root_causes
        return {(cause.node, cause.anomaly): cause.importance for cause in causes}

    def replayed() -> list[Array]:
        return [replay(model, case).importance, *(replay_baseline(each, case).importance for each in by_kind)]

    by_kind = [next(each for each in simpler.values() if each.by_graph is by_graph) for by_graph in (True, False)]
    formula = ranking.importance
    list_before, replays_before = live(), replayed()

    def negated(confidence: Array, influence: Array) -> NDArray[np.float64]:
        return -formula(confidence, influence)

    monkeypatch.setattr(ranking, "importance", negated)

    list_after = live()
    assert next(iter(list_before)) not in list_after
    assert all(importance <= 0 for importance in list_after.values())
    for before, after in zip(replays_before, replayed(), strict=True):
        assert before.any()
        assert np.array_equal(after, -before)
