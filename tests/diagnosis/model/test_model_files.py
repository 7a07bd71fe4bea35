"""Models survive the disk, and damage is reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.diagnosis.detection.scoring import score
from distdiag_core.diagnosis.evaluation.replay import replay
from distdiag_core.diagnosis.model import model_files
from distdiag_core.diagnosis.training import trainer
from distdiag_core.errors import DataError
from tests.mutations import mutations

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
        (lambda path: (path / "model.json").write_text("{"), "it is not JSON"),
        (lambda path: (path / "model.json").write_text("[]"), "must be a section"),
        (lambda path: (path / "model.json").write_text('{"version": 99}'), "version 99"),
        (lambda path: (path / "model.json").write_text('{"version": 2}'), "is required but missing"),
        (lambda path: (path / "boosters.ubj").write_bytes(b"nonsense"), "is damaged"),
        (lambda path: (path / "boosters.ubj").unlink(), "cannot be read"),
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
    assert [each["name"] for each in index["anomalies"]] == ["cpu_stress", "io_stress"]


def test_there_must_be_something_to_learn(case_of: Callable[..., Case]) -> None:
    with pytest.raises(DataError, match="no case has an anomaly"):
        trainer.train([case_of(1)], "m")


def test_the_second_stage_survives_and_a_model_from_before_it_is_read(
    model: Model, staged: Model, tmp_path: Path
) -> None:
    model_files.save(staged, tmp_path / "m")
    stage, loaded = staged.look_alikes, model_files.load(tmp_path / "m").look_alikes
    assert stage is not None
    assert loaded is not None
    rows = np.array([[1.0, 0, 0], [0, 0, 0]], dtype=np.float32)
    assert np.array_equal(loaded.shares(rows), stage.shares(rows))

    model_files.save(model, tmp_path / "m")
    index = json.loads((tmp_path / "m" / "model.json").read_text())
    del index["look_alikes"]
    (tmp_path / "m" / "model.json").write_text(json.dumps(index | {"version": 2}))
    assert model_files.load(tmp_path / "m").look_alikes is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"anomalies": ["io_stress", "node_down"]}, "names what the model does not have"),
        ({"metrics": ["tape"]}, "names what the model does not have"),
        ({"anomalies": ["io_stress", "io_stress"]}, "one name twice"),
        ({"centre": [0.0]}, "3 values of the centre"),
        ({"offsets": [0.0]}, "as many weights and offsets as anomalies"),
    ],
)
def test_a_second_stage_that_does_not_fit_is_refused(
    staged: Model, tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    model_files.save(staged, tmp_path / "m")
    file = tmp_path / "m" / "model.json"
    index = json.loads(file.read_text())
    index["look_alikes"] |= change
    file.write_text(json.dumps(index))
    with pytest.raises(DataError, match=complaint):
        model_files.load(tmp_path / "m")


def test_whatever_an_index_holds_the_model_is_usable_or_refused_in_one_line(
    staged: Model, case_of: Callable[..., Case], tmp_path: Path
) -> None:
    path = tmp_path / "m"
    model_files.save(staged, path)
    file = path / "model.json"
    log_values = staged.features.log_values(case_of(400, ("cpu_stress", "n1")).window)[:, :, 30:40]
    baseline = log_values[:, :, 0]
    told: dict[str, str] = {}
    sound = json.loads(file.read_text(encoding="utf-8"))
    for what, index in mutations(sound):
        file.write_text(json.dumps(index), encoding="utf-8")
        try:
            if what.startswith(("training", "evaluation", "name")):
                model_files.read_index(path)
                continue
            loaded = model_files.load(path)
        except DataError as error:
            told[what] = str(error)
            continue
        loaded.missing_metrics(()).warning()
        with np.errstate(all="ignore"):
            score(loaded, log_values, baseline)
    assert len(told) > 300
    assert [each for each in told.items() if str(path) not in each[1] or not each[1].isprintable()] == []


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b"\xff\xfe{", b'{"version": ' + b"9" * 5000 + b"}", b"1"],
    ids=["nested", "no UTF-8", "a huge number", "no object"],
)
def test_an_index_that_is_no_json_of_ours_is_refused(model: Model, tmp_path: Path, content: bytes) -> None:
    model_files.save(model, tmp_path / "m")
    (tmp_path / "m" / "model.json").write_bytes(content)
    with pytest.raises(DataError, match=r"model\.json: is damaged"):
        model_files.load(tmp_path / "m")


def test_a_booster_of_other_columns_is_refused(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "m"
    model_files.save(model, path)
    index = json.loads((path / "model.json").read_text(encoding="utf-8"))
    for part in ("metrics", "floors", "profile"):
        index["features"][part].pop()
    (path / "model.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"boosters\.ubj: has \d+ columns and 4 outputs, where model\.json wants \d+ and 4"
    ):
        model_files.load(path)


def test_a_booster_that_was_cut_short_is_refused(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "m"
    model_files.save(model, path)
    file = path / "boosters.ubj"
    content = file.read_bytes()
    cut = [content[:size] for size in range(0, len(content), max(1, len(content) // 40))]
    for damaged in (*cut, content.replace(b"tree", b"free", 1)):
        file.write_bytes(damaged)
        with pytest.raises(DataError, match=r"boosters\.ubj: is damaged"):
            model_files.load(path)
