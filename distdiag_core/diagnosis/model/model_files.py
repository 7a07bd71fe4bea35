"""Model directories: the boosters in one UBJSON file, and `model.json`. No pickle, so that loading runs no code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Gt, Le, MinLen

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
from distdiag_core.diagnosis.model import merged_booster
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.model.classifiers import Calibrations, Classifiers, Weights
from distdiag_core.diagnosis.model.look_alikes import COLUMNS_OF_METRIC, LookAlikes
from distdiag_core.diagnosis.model.model import Model, Thresholds, Training
from distdiag_core.errors import DataError
from distdiag_core.settings import json_document

# Version 3 has a second stage, which a program of version 2 would leave out in silence.
_VERSION, _READ_VERSIONS = 3, (2, 3)
_INDEX, _BOOSTERS = "model.json", "boosters.ubj"
_REMEDY = "train the model again"


# Figures of models have single precision.
_Figure = Annotated[float, Ge(-3.4e38), Le(3.4e38)]


@dataclass(frozen=True, slots=True)
class _FeaturesEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    metrics: Annotated[tuple[str, ...], MinLen(1)]
    floors: tuple[Annotated[float, Gt(0), Le(3.4e38)], ...]
    profile: tuple[_Figure | None, ...]
    excluded_metrics: tuple[str, ...]
    peers: bool

    def __post_init__(self) -> None:
        if not len(self.metrics) == len(self.floors) == len(self.profile):
            raise ValueError("there must be as many floors and values of the profile as metrics")
        if len(set(self.metrics)) < len(self.metrics):
            raise ValueError("a metric is named twice")


@dataclass(frozen=True, slots=True)
class _CalibrationEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    slope: _Figure = IDENTITY.slope
    offset: _Figure = IDENTITY.offset


_Shares = Annotated[tuple[Annotated[float, Ge(0), Le(1)], ...], MinLen(1)]


@dataclass(frozen=True, slots=True)
class _WeightsEntry:
    with_past: _Shares
    without_past: _Shares

    def __post_init__(self) -> None:
        if len(self.with_past) != len(self.without_past):
            raise ValueError("there must be as many weights with a past as without")


@dataclass(frozen=True, slots=True)
class _AnomalyEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    name: str
    threshold_with_past: _Figure = 0.5
    threshold_without_past: _Figure = 0.5
    with_past: _CalibrationEntry = field(default_factory=_CalibrationEntry)
    without_past: _CalibrationEntry = field(default_factory=_CalibrationEntry)


@dataclass(frozen=True, slots=True)
class _TrainingEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    cases: tuple[str, ...]
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    periods_s: tuple[Annotated[float, Gt(0), Le(1e9)], ...]
    windows: json_document.Count
    calibration_error: _Figure | None = None
    options: dict[str, Any] = field(default_factory=dict)
    made_with: dict[str, str] = field(default_factory=dict)


_Figures = tuple[_Figure, ...]


@dataclass(frozen=True, slots=True)
class _LookAlikesEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    anomalies: Annotated[tuple[str, ...], MinLen(2)]
    metrics: Annotated[tuple[str, ...], MinLen(1)]
    centre: _Figures
    scale: tuple[Annotated[float, Gt(0), Le(3.4e38)], ...]
    weights: tuple[_Figures, ...]
    offsets: _Figures

    def __post_init__(self) -> None:
        width = len(COLUMNS_OF_METRIC) * len(self.metrics)
        if not {len(self.centre), len(self.scale), *map(len, self.weights)} == {width}:
            raise ValueError(f"there must be {width} values of the centre, of the scale and of each anomaly's weights")
        if not len(self.anomalies) == len(self.weights) == len(self.offsets):
            raise ValueError("there must be as many weights and offsets as anomalies")


@dataclass(frozen=True, slots=True)
class ModelIndex:
    """The content of `model.json`."""

    version: int
    name: str
    anomalies: Annotated[tuple[_AnomalyEntry, ...], MinLen(1)]
    features: _FeaturesEntry
    # Of the outputs of the boosters of one anomaly, in their order.
    weights: _WeightsEntry
    # SHA-256 of the file of the boosters.
    digest: str
    training: _TrainingEntry
    evaluation: dict[str, Any]
    look_alikes: _LookAlikesEntry | None = None

    def __post_init__(self) -> None:
        """Refuse an anomaly that is named twice, and a second stage of others than the model has."""
        if len({each.name for each in self.anomalies}) < len(self.anomalies):
            raise ValueError("an anomaly is named twice")
        if self.look_alikes is not None:
            known = {each.name for each in self.anomalies} | set(self.features.metrics)
            named = (*self.look_alikes.anomalies, *self.look_alikes.metrics)
            if not known.issuperset(named) or len(set(named)) < len(named):
                raise ValueError("look-alikes: names what the model does not have, or one name twice")


@dataclass(frozen=True, slots=True)
class _Version:
    version: Annotated[int, Ge(0), Le(1_000_000)]


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
    return _assemble(read_index(path), path)


def read_index(path: Path) -> ModelIndex:
    """The index of the model in the directory `path`, without its classifiers.

    Raises:
        DataError: it is no model, was written by another version, or is damaged.
    """
    where = str(path / _INDEX)
    data = json_document.plain(_read(path / _INDEX), where=where, hint=_REMEDY)
    version = json_document.checked(data, _Version, where=where, hint=_REMEDY).version
    if version not in _READ_VERSIONS:
        known = " and ".join(map(str, _READ_VERSIONS))
        raise DataError(f"is of version {version}, this program reads versions {known}", where=where, hint=_REMEDY)
    return json_document.checked(data, ModelIndex, where=where, hint=_REMEDY)


def _assemble(index: ModelIndex, path: Path) -> Model:
    features = FeatureSpec(
        index.features.metrics,
        np.array(index.features.floors, dtype=np.float32),
        np.array([np.nan if each is None else each for each in index.features.profile], dtype=np.float32),
        index.features.excluded_metrics,
        index.features.peers,
    )
    weights = Weights(index.weights.with_past, index.weights.without_past)
    outputs = len(index.anomalies) * len(index.weights.with_past)
    booster = _booster(path / _BOOSTERS, index.digest, len(features.columns()), outputs)
    calibrations = {
        each.name: Calibrations(_calibration(each.with_past), _calibration(each.without_past))
        for each in index.anomalies
    }
    model = Model(
        index.name,
        features,
        Classifiers(booster, weights, tuple(each.name for each in index.anomalies), calibrations),
        {each.name: Thresholds(each.threshold_with_past, each.threshold_without_past) for each in index.anomalies},
        Training(**{each.name: getattr(index.training, each.name) for each in fields(index.training)}),
        index.evaluation,
        _look_alikes(index.look_alikes),
    )
    # A diagnosis needs the gains, which take longer to find than a tick may.
    _ = model.gain_by_anomaly
    return model


def _look_alikes(entry: _LookAlikesEntry | None) -> LookAlikes | None:
    if entry is None:
        return None
    figures = (np.array(each) for each in (entry.centre, entry.scale, entry.weights, entry.offsets))
    return LookAlikes(entry.anomalies, entry.metrics, *figures)


def _calibration(entry: _CalibrationEntry) -> Calibration:
    return Calibration(entry.slope, entry.offset)


def _booster(path: Path, digest: str, columns: int, outputs: int) -> Any:  # noqa: ANN401 - xgboost is imported where it is used
    import xgboost

    content = _read(path)
    # XGBoost ends the whole process where a file was cut short.
    if _digest(content) != digest:
        raise DataError("is damaged, and no XGBoost model any more", where=str(path), hint=_REMEDY)
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
    except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
        raise DataError("is no XGBoost model", where=str(path), hint=_REMEDY) from error
    # A loaded model brings its own number of threads along, and more than one cost more than they gain.
    booster.set_param({"nthread": 1})
    found = booster.num_features(), merged_booster.outputs(booster)
    if found != (columns, outputs):
        raise DataError(
            f"has {found[0]} columns and {found[1]} outputs, where {_INDEX} wants {columns} and {outputs}",
            where=str(path),
            hint=_REMEDY,
        )
    return booster


def _digest(content: bytes | bytearray) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(path), hint="is this a model?") from error


def _write(model: Model, path: Path) -> None:
    content = model.classifiers.booster.save_raw("ubj")
    _write_durably(path / _BOOSTERS, content)
    index = ModelIndex(
        _VERSION,
        model.name,
        tuple(_anomaly_entry(model, anomaly) for anomaly in model.anomalies),
        _features_entry(model.features),
        _WeightsEntry(model.classifiers.weights.with_past, model.classifiers.weights.without_past),
        _digest(content),
        _TrainingEntry(**{each.name: getattr(model.training, each.name) for each in fields(model.training)}),
        dict(model.evaluation),
        _look_alikes_entry(model.look_alikes),
    )
    _write_durably(path / _INDEX, json.dumps(asdict(index), indent=1, allow_nan=False).encode())


def _anomaly_entry(model: Model, anomaly: str) -> _AnomalyEntry:
    threshold = model.thresholds[anomaly]
    calibrations = model.classifiers.calibrations.get(anomaly, Calibrations())
    with_past, without_past = (
        _CalibrationEntry(each.slope, each.offset) for each in (calibrations.with_past, calibrations.without_past)
    )
    return _AnomalyEntry(anomaly, threshold.with_past, threshold.without_past, with_past, without_past)


def _look_alikes_entry(stage: LookAlikes | None) -> _LookAlikesEntry | None:
    if stage is None:
        return None
    return _LookAlikesEntry(
        stage.anomalies,
        stage.metrics,
        tuple(stage.centre.tolist()),
        tuple(stage.scale.tolist()),
        tuple(map(tuple, stage.weights.tolist())),
        tuple(stage.offsets.tolist()),
    )


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
