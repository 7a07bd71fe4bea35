"""Real recorded anomalies of other people's systems, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.evaluation import evaluate
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.training_options import TrainOptions

_VARIABLE = "DISTDIAG_SHARED_DATA"


@pytest.fixture
def shared_data() -> Path:
    directory = os.environ.get(_VARIABLE)
    if not directory:
        pytest.skip(
            f"SKIPPED: no recorded anomalies of others; set {_VARIABLE} to the directory that holds dbpa_32_128"
        )
    return Path(directory)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("known", "other"), [("dbpa_32_128", "dbpa_32_256"), ("dbpa_32_256", "dbpa_32_128")])
def test_a_model_carries_over_to_other_hardware(shared_data: Path, known: str, other: str) -> None:
    train, test = case_directory.read_all(shared_data / known), case_directory.read_all(shared_data / other)
    found = evaluate.evaluate(trainer.train(train, known, TrainOptions(calibrate=False)), test, train=train)
    assert found.naming.ac is not None
    assert found.placebo_ac1 is not None
    assert found.chance is not None
    assert found.naming.ac["1"] >= 0.95
    assert found.placebo_ac1 <= found.chance + 0.1
    for simpler in found.baselines.values():
        assert simpler.ac is not None
        assert simpler.ac["1"] < found.naming.ac["1"]
