"""The second stage trained on one part of a recording of the lab, and judged by another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.model.look_alikes import known
from distdiag_core.diagnosis.training.backends.memory import MemoryBackend
from distdiag_core.diagnosis.training.dataset_windows import cut_windows
from distdiag_core.diagnosis.training.feature_selection import select_features
from distdiag_core.diagnosis.training.look_alike_trainer import LookAlikeTrainer
from distdiag_core.diagnosis.training.window_labels import TRUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case

HERE = Path(__file__).parent.parent
ANOMALIES = ("network_bandwidth", "network_delay", "network_loss")


def recorded(directory: str) -> list[Case]:
    return [case_directory.read(path.parent) for path in sorted(HERE.joinpath(directory).glob("network_*/case.yaml"))]


@pytest.fixture(scope="module")
def with_metrics() -> list[Case]:
    return recorded("look_alikes")


def trainer_of(cases: Sequence[Case]) -> LookAlikeTrainer:
    features = select_features(recorded("look_alikes"))
    windows = cut_windows(cases, features, ANOMALIES, MemoryBackend().row_store)
    return LookAlikeTrainer.of(windows, features, ANOMALIES)


@pytest.fixture(scope="module")
def trainer(with_metrics: list[Case]) -> LookAlikeTrainer:
    return trainer_of(with_metrics)


def test_it_tells_apart_what_it_has_not_seen(with_metrics: list[Case], trainer: LookAlikeTrainer) -> None:
    other_load = np.array([case.name.endswith(("points3-1", "steady6-1")) for case in with_metrics])[trainer.case]
    stage = trainer.train(~other_load)
    assert stage is not None
    assert stage.anomalies == ANOMALIES
    judged = other_load & known(trainer.values) & (trainer.truth == TRUE).any(axis=1)
    shares = stage.shares(trainer.values[judged])
    assert np.mean(shares.argmax(axis=1) == trainer.truth[judged].argmax(axis=1)) > 0.9


def test_cases_that_lack_the_metrics_change_nothing(with_metrics: list[Case], trainer: LookAlikeTrainer) -> None:
    alone, beside = trainer.train(), trainer_of([*with_metrics, *recorded("many_loads/one")]).train()
    assert alone is not None
    assert beside is not None
    for figures in ("centre", "scale", "weights", "offsets"):
        assert np.array_equal(getattr(alone, figures), getattr(beside, figures))


def test_without_cases_that_have_the_metrics_there_is_no_second_stage(trainer: LookAlikeTrainer) -> None:
    assert trainer_of(recorded("many_loads/one")).train() is None
    assert trainer.train(trainer.case < 0) is None


def test_held_out_windows_are_told_apart_by_those_of_the_other_folds(trainer: LookAlikeTrainer) -> None:
    confidence = np.full(trainer.truth.shape, 0.3, dtype=np.float32)
    told = trainer.separate_held_out(confidence, trainer.case % 2)
    ours = known(trainer.values) & (trainer.truth == TRUE).any(axis=1)
    assert told.max() == np.float32(0.3)
    assert np.mean(told[ours].argmax(axis=1) == trainer.truth[ours].argmax(axis=1)) > 0.7
