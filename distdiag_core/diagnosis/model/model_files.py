"""Model directories: one UBJSON file per booster, and `model.json`. No pickle, so that loading runs no code."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.model.classifier import Classifier
from distdiag_core.diagnosis.model.model import Model, Thresholds, Training
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.settings import loader

_VERSION = 1
_INDEX = "model.json"
# Names in the files: the relative classifiers compare with the past, the absolute ones with a level.
_RELATIVE, _ABSOLUTE = "past", "level"


@dataclass(frozen=True, slots=True)
class _FeaturesEntry:
    metrics: tuple[str, ...]
    floors: tuple[float, ...]
    profile: tuple[float | None, ...]
    passed_over: tuple[str, ...]
    peers: bool


@dataclass(frozen=True, slots=True)
class _ClassifierEntry:
    anomaly: str
    basis: str
    files: tuple[str, ...]
    calibration: Calibration = IDENTITY


@dataclass(frozen=True, slots=True)
class _ThresholdsEntry:
    past: float = 0.5
    level: float = 0.5


@dataclass(frozen=True, slots=True)
class _Index:
    version: int
    name: str
    anomalies: tuple[str, ...]
    recipe: _FeaturesEntry
    classifiers: tuple[_ClassifierEntry, ...]
    thresholds: dict[str, _ThresholdsEntry]
    training: Training
    evaluation: dict[str, Any]


def save(model: Model, path: Path) -> None:
    """Write a model to the directory `path`, completely or not at all, in place of any model that is there.

    Raises:
        DataError: the files cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            _write(model, scratch)
            scratch.chmod(0o755)
            _put_in_place(scratch, path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def _put_in_place(scratch: Path, path: Path) -> None:
    """Swap directories, so that a reader of `path` finds a complete model, or for a moment none."""
    if not path.exists():
        scratch.rename(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    path.rename(aside / path.name)
    scratch.rename(path)
    shutil.rmtree(aside)


def load(path: Path) -> Model:
    """Read the model in the directory `path`.

    Raises:
        DataError: it is no model, was written by another version, or is damaged.
    """
    text = _read(path / _INDEX).decode("utf-8", errors="replace")
    try:
        version = json.loads(text).get("version")
    except (ValueError, AttributeError) as error:
        raise DataError("is not JSON", where=str(path / _INDEX), hint="train the model again") from error
    if version != _VERSION:
        raise DataError(
            f"is of version {version}, this program reads version {_VERSION}",
            where=str(path / _INDEX),
            hint="train the model again",
        )
    try:
        index = loader.validate(json.loads(text), _Index, where=str(path / _INDEX))
    except ConfigError as error:
        raise DataError(f"is damaged: {error.what}", hint="train the model again") from error
    return _assemble(index, path)


def _assemble(index: _Index, path: Path) -> Model:
    features = FeatureSpec(
        index.recipe.metrics,
        np.array(index.recipe.floors, dtype=np.float32),
        np.array([np.nan if each is None else each for each in index.recipe.profile], dtype=np.float32),
        index.recipe.passed_over,
        index.recipe.peers,
    )
    if not len(features.metrics) == len(features.floors) == len(features.profile):
        raise DataError("has as many floors and profiles as metrics no more", where=str(path), hint="train it again")
    classifiers: dict[str, dict[str, Classifier]] = {_RELATIVE: {}, _ABSOLUTE: {}}
    for entry in index.classifiers:
        boosters = tuple(_booster(path / Path(name).name) for name in entry.files)
        classifiers.setdefault(entry.basis, {})[entry.anomaly] = Classifier(boosters, entry.calibration)
    lacking = [each for each in index.anomalies if each not in classifiers[_ABSOLUTE] or each not in index.thresholds]
    if lacking:
        raise DataError(f"lacks a classifier of {', '.join(lacking)}", where=str(path), hint="train the model again")
    return Model(
        index.name,
        features,
        index.anomalies,
        classifiers[_RELATIVE],
        classifiers[_ABSOLUTE],
        {anomaly: Thresholds(each.past, each.level) for anomaly, each in index.thresholds.items()},
        index.training,
        index.evaluation,
    )


def _booster(path: Path) -> Any:  # noqa: ANN401 - xgboost is imported where it is used
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(_read(path)))
    except xgboost.core.XGBoostError as error:
        raise DataError("is no XGBoost model", where=str(path), hint="train the model again") from error
    return booster


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(path), hint="is this a model?") from error


def _write(model: Model, path: Path) -> None:
    entries = []
    for basis, classifiers in ((_RELATIVE, model.relative), (_ABSOLUTE, model.absolute)):
        for anomaly, classifier in classifiers.items():
            # Names of anomalies come from other people's data and are no file names.
            place = model.anomalies.index(anomaly)
            files = tuple(f"{place:02d}-{basis}-{number}.ubj" for number in range(len(classifier.boosters)))
            for name, booster in zip(files, classifier.boosters, strict=True):
                _write_durably(path / name, booster.save_raw("ubj"))
            entries.append(_ClassifierEntry(anomaly, basis, files, classifier.calibration))
    index = _Index(
        _VERSION,
        model.name,
        model.anomalies,
        _features_entry(model.features),
        tuple(entries),
        {anomaly: _ThresholdsEntry(each.relative, each.absolute) for anomaly, each in model.thresholds.items()},
        model.training,
        dict(model.evaluation),
    )
    _write_durably(path / _INDEX, json.dumps(asdict(index), indent=1, allow_nan=False).encode())


def _features_entry(features: FeatureSpec) -> _FeaturesEntry:
    return _FeaturesEntry(
        features.metrics,
        tuple(features.floors.tolist()),
        tuple(None if np.isnan(each) else each for each in features.profile.tolist()),
        features.excluded_metrics,
        features.peers,
    )


def _write_durably(path: Path, data: bytes | bytearray) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
