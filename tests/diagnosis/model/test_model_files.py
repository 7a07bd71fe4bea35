"""Models survive the disk, and damage is reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from distdiag_core.diagnosis.evaluation.replay import replay
from distdiag_core.diagnosis.model import model_files
from distdiag_core.diagnosis.training import trainer
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model


def test_a_loaded_model_says_what_the_saved_one_said(
    model: Model, case_of: Callable[..., Case], tmp_path: Path
) -> None:
    path = tmp_path / "models" / "m"
    model_files.save(model, path)
    model_files.save(model, path)
    loaded = model_files.load(path)
    case = case_of(400, ("cpu_stress", "n1"))
    assert (replay(loaded, case).importance == replay(model, case).importance).all()
    assert loaded.training == model.training
    assert loaded.thresholds == model.thresholds
    assert [entry.name for entry in path.parent.iterdir()] == ["m"]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda path: (path / "model.json").unlink(), "cannot be read"),
        (lambda path: (path / "model.json").write_text("{"), "is not JSON"),
        (lambda path: (path / "model.json").write_text("[]"), "is not JSON"),
        (lambda path: (path / "model.json").write_text('{"version": 99}'), "version 99"),
        (lambda path: (path / "model.json").write_text('{"version": 1}'), "is required but missing"),
        (lambda path: (path / "00-past-0.ubj").write_bytes(b"nonsense"), "no XGBoost model"),
        (lambda path: (path / "00-level-0.ubj").unlink(), "cannot be read"),
    ],
)
def test_a_damaged_model_is_refused(
    model: Model, tmp_path: Path, damage: Callable[[Path], object], complaint: str
) -> None:
    model_files.save(model, tmp_path / "m")
    damage(tmp_path / "m")
    with pytest.raises(DataError, match=complaint):
        model_files.load(tmp_path / "m")


def test_the_index_says_what_it_was_trained_on(model: Model, cases: tuple[Case, ...], tmp_path: Path) -> None:
    model_files.save(model, tmp_path / "m")
    index = json.loads((tmp_path / "m" / "model.json").read_text())
    assert index["training"]["cases"] == [case.name for case in cases]
    assert index["anomalies"] == ["cpu_stress", "io_stress"]


def test_there_must_be_something_to_learn(case_of: Callable[..., Case]) -> None:
    with pytest.raises(DataError, match="no case has an anomaly"):
        trainer.train([case_of(1)], "m")
