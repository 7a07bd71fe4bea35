"""Boosters of the backend that holds all rows in memory."""

from __future__ import annotations

import numpy as np

from distdiag_core.dataset.case import Case
from distdiag_core.diagnosis.training.backends.memory import MemoryBackend
from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRows
from distdiag_core.diagnosis.training.backends.training_backend import Boosting, Targets
from distdiag_core.metrics.frame import Window

ROWS = np.repeat(np.arange(8, dtype=np.float32), 8)[:, None]
LABELS = ROWS[:, 0] >= 4
WEIGHTS = np.ones(len(ROWS))
BOOSTING = Boosting({"objective": "binary:logistic", "max_bin": 64, "nthread": 1}, rounds=12, patience=2)


def test_a_case_is_loaded_as_it_is_and_rows_come_back_in_order() -> None:
    backend = MemoryBackend()
    case = Case("c", Window(np.zeros(0), ("n1",), (), np.zeros((1, 0, 0), np.float32)), 1.0, ())
    assert backend.load(case) is case
    store = backend.row_store()
    store.add(ROWS[:3])
    store.add(ROWS[3:])
    assert np.array_equal(np.concatenate(list(store.rows().parts())), ROWS)
    assert backend.selection_values is None


def test_all_rounds_are_done_without_held_out_targets() -> None:
    held_out = MemoryRows(ROWS[::8])
    for trainer in (
        MemoryBackend().booster_trainer(MemoryRows(ROWS), None),
        MemoryBackend().booster_trainer(MemoryRows(ROWS), held_out),
    ):
        booster = trainer.train(BOOSTING, Targets(LABELS, WEIGHTS), None)
        assert booster.num_boosted_rounds() == 12
        assert ((booster.inplace_predict(ROWS) > 0.5) == LABELS).all()


def test_boosting_stops_at_the_best_round_on_held_out_rows() -> None:
    trainer = MemoryBackend().booster_trainer(MemoryRows(ROWS), MemoryRows(ROWS))
    opposite = trainer.train(BOOSTING, Targets(LABELS, WEIGHTS), Targets(~LABELS, WEIGHTS))
    assert opposite.num_boosted_rounds() == 1
    same = trainer.train(BOOSTING, Targets(LABELS, WEIGHTS), Targets(LABELS, WEIGHTS))
    assert same.num_boosted_rounds() == 12


def test_one_matrix_serves_the_targets_of_one_anomaly_after_the_other() -> None:
    trainer = MemoryBackend().booster_trainer(MemoryRows(ROWS), None)
    trainer.train(BOOSTING, Targets(~LABELS, WEIGHTS), None)
    again = trainer.train(BOOSTING, Targets(LABELS, WEIGHTS), None)
    fresh = MemoryBackend().booster_trainer(MemoryRows(ROWS), None).train(BOOSTING, Targets(LABELS, WEIGHTS), None)
    assert again.save_raw() == fresh.save_raw()


def test_rows_of_weight_zero_do_not_count() -> None:
    wrong = LABELS.copy()
    wrong[:16] = True
    weights = np.where(wrong == LABELS, 1.0, 0.0)
    trainer = MemoryBackend().booster_trainer(MemoryRows(ROWS), None)
    scores = trainer.train(BOOSTING, Targets(wrong, weights), None).inplace_predict(ROWS)
    assert ((scores > 0.5) == LABELS).all()
