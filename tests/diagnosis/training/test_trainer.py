"""Training of models on a made-up cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.model import merged_booster
from distdiag_core.diagnosis.model.classifiers import Weights
from distdiag_core.diagnosis.training.trainer import train
from distdiag_core.diagnosis.training.training_options import TrainOptions, TrainProgress
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.dataset.case import Case

QUICK = TrainOptions(rounds=2, calibrate=False)


@pytest.fixture
def pair(case_of: Callable[..., Case]) -> tuple[Case, ...]:
    """One case of each anomaly, and a normal one."""
    return case_of(1, ("cpu_stress", "n1")), case_of(2, ("io_stress", "n2")), case_of(3)


def test_a_model_records_what_it_was_trained_on(pair: tuple[Case, ...]) -> None:
    found = train(pair, "m", QUICK, made_with={"distdiag": "9"})
    assert found.anomalies == ("cpu_stress", "io_stress")
    assert found.training.cases == ("case-1", "case-2", "case-3")
    assert found.training.groups == ("group-1", "group-2", "group-3")
    assert found.training.sources == ("made up",)
    assert found.training.windows == 3 * 3 * 41
    assert found.training.options["rounds"] == 2
    assert found.training.made_with == {"distdiag": "9"}


def test_without_calibration_all_thresholds_are_one_half(pair: tuple[Case, ...]) -> None:
    found = train(pair, "m", QUICK)
    assert {(each.with_past, each.without_past) for each in found.thresholds.values()} == {(0.5, 0.5)}
    assert found.training.calibration_error is None


def test_each_anomaly_has_one_booster_without_synthetic_pairs_and_one_with_them(pair: tuple[Case, ...]) -> None:
    classifiers = train(pair, "m", QUICK).classifiers
    assert classifiers.weights == Weights((2 / 3, 1 / 3), (2 / 3, 1 / 3))
    assert merged_booster.outputs(classifiers.booster) == 2 * len(classifiers.anomalies)
    rows = np.random.default_rng(1).normal(size=(5, classifiers.booster.num_features())).astype(np.float32)
    plain, paired = np.asarray(classifiers.booster.inplace_predict(rows)).T[:2]
    assert not np.array_equal(plain, paired)


def test_the_same_seed_gives_the_same_model_to_the_byte(pair: tuple[Case, ...]) -> None:
    one, same, other = (train(pair, "m", replace(QUICK, seed=seed)) for seed in (1, 1, 2))
    raw = [model.classifiers.booster.save_raw() for model in (one, same, other)]
    assert raw[0] == raw[1] != raw[2]
    assert np.array_equal(one.features.profile, same.features.profile)


def test_an_anomaly_that_began_before_its_case_is_known_all_the_same(
    pair: tuple[Case, ...], case_of: Callable[..., Case]
) -> None:
    whole = case_of(4, ("cpu_stress", "n1"))
    (label,) = whole.labels
    since = replace(whole, labels=(replace(label, start_s=float(whole.window.times_s[0])),))
    assert train((since, *pair[1:]), "m", QUICK).anomalies == ("cpu_stress", "io_stress")


def test_progress_counts_every_classifier_and_an_error_of_it_ends_the_training(pair: tuple[Case, ...]) -> None:
    seen: list[TrainProgress] = []
    train(pair, "m", QUICK, progress=seen.append)
    assert [(each.anomaly, each.done, each.total) for each in seen if each.anomaly] == [
        ("cpu_stress", 0, 2),
        ("io_stress", 1, 2),
    ]

    def refuse(progress: TrainProgress) -> None:
        raise InterruptedError(progress.stage)

    with pytest.raises(InterruptedError, match="selecting"):
        train(pair, "m", QUICK, progress=refuse)


def test_cases_without_anomalies_are_refused(case_of: Callable[..., Case]) -> None:
    with pytest.raises(DataError, match="no case has an anomaly"):
        train((case_of(1), case_of(2)), "m", QUICK)
