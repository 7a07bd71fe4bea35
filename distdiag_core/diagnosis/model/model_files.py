"""Model directories: one UBJSON file per booster, and `model.json`. No pickle, so that loading runs no code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, MinLen
from pydantic import StringConstraints

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.model.classifier import Classifier
from distdiag_core.diagnosis.model.model import Model, Thresholds, Training
from distdiag_core.errors import DataError, quoted
from distdiag_core.settings import json_document
from distdiag_core.settings.expectation import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = 1
_INDEX = "model.json"
# Names in the files: the relative classifiers compare with the past, the absolute ones with a level.
_RELATIVE, _ABSOLUTE = "past", "level"
_REMEDY = "train the model again"


# Figures of models have single precision.
_Figure = Annotated[float, Ge(-3.4e38), Le(3.4e38)]
_FileName = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,99}$"), Words("a file name of letters and digits")
]


@dataclass(frozen=True, slots=True)
class _FeaturesEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    metrics: Annotated[tuple[str, ...], MinLen(1)]
    floors: tuple[Annotated[float, Gt(0), Le(3.4e38)], ...]
    profile: tuple[_Figure | None, ...]
    passed_over: tuple[str, ...]
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


@dataclass(frozen=True, slots=True)
class _ClassifierEntry:
    anomaly: str
    basis: Literal["past", "level"]
    files: Annotated[tuple[_FileName, ...], MinLen(1)]
    calibration: _CalibrationEntry = field(default_factory=_CalibrationEntry)
    # SHA-256 of each file, in their order; models of early releases have none.
    digests: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.digests and len(self.digests) != len(self.files):
            raise ValueError("there must be as many digests as files")


@dataclass(frozen=True, slots=True)
class _ThresholdsEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    past: _Figure = 0.5
    level: _Figure = 0.5


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


@dataclass(frozen=True, slots=True)
class ModelIndex:
    """The content of `model.json`."""

    version: int
    name: str
    anomalies: Annotated[tuple[str, ...], MinLen(1)]
    recipe: _FeaturesEntry
    classifiers: tuple[_ClassifierEntry, ...]
    thresholds: dict[str, _ThresholdsEntry]
    training: _TrainingEntry
    evaluation: dict[str, Any]

    def __post_init__(self) -> None:
        """Refuse an anomaly that is named twice, or has no threshold or no classifier without a past."""
        if len(set(self.anomalies)) < len(self.anomalies):
            raise ValueError("an anomaly is named twice")
        if unknown := sorted({each.anomaly for each in self.classifiers} - set(self.anomalies)):
            raise ValueError(f"it has a classifier of {quoted(', '.join(unknown))}, which is none of its anomalies")
        absolute = {each.anomaly for each in self.classifiers if each.basis == _ABSOLUTE}
        lacking = [each for each in self.anomalies if each not in absolute or each not in self.thresholds]
        if lacking:
            raise ValueError(f"it lacks a classifier or a threshold of {quoted(', '.join(lacking))}")


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
    if version != _VERSION:
        raise DataError(f"is of version {version}, this program reads version {_VERSION}", where=where, hint=_REMEDY)
    return json_document.checked(data, ModelIndex, where=where, hint=_REMEDY)


def _assemble(index: ModelIndex, path: Path) -> Model:
    features = FeatureSpec(
        index.recipe.metrics,
        np.array(index.recipe.floors, dtype=np.float32),
        np.array([np.nan if each is None else each for each in index.recipe.profile], dtype=np.float32),
        index.recipe.passed_over,
        index.recipe.peers,
    )
    classifiers: dict[str, dict[str, Classifier]] = {_RELATIVE: {}, _ABSOLUTE: {}}
    columns = len(features.columns())
    for entry in index.classifiers:
        digests = entry.digests or ("",) * len(entry.files)
        boosters = tuple(
            _booster(path / name, digest, columns) for name, digest in zip(entry.files, digests, strict=True)
        )
        calibration = Calibration(entry.calibration.slope, entry.calibration.offset)
        classifiers[entry.basis][entry.anomaly] = Classifier(boosters, calibration)
    return Model(
        index.name,
        features,
        index.anomalies,
        classifiers[_RELATIVE],
        classifiers[_ABSOLUTE],
        {anomaly: Thresholds(each.past, each.level) for anomaly, each in index.thresholds.items()},
        Training(**{each.name: getattr(index.training, each.name) for each in fields(index.training)}),
        index.evaluation,
    )


def _booster(path: Path, digest: str, columns: int) -> Any:  # noqa: ANN401 - xgboost is imported where it is used
    import xgboost

    content = _read(path)
    # XGBoost ends the whole process where a file was cut short.
    whole = _digest(content) == digest if digest else content.startswith(b"{") and content.endswith(b"}")
    if not whole:
        raise DataError("is damaged, and no XGBoost model any more", where=str(path), hint=_REMEDY)
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
    except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
        raise DataError("is no XGBoost model", where=str(path), hint=_REMEDY) from error
    if booster.num_features() != columns:
        raise DataError(
            f"is of {booster.num_features()} columns, where {_INDEX} has metrics for {columns}",
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
    entries = []
    bases: tuple[tuple[Literal["past", "level"], Mapping[str, Classifier]], ...]
    bases = (("past", model.relative), ("level", model.absolute))
    for basis, classifiers in bases:
        for anomaly, classifier in classifiers.items():
            # Names of anomalies come from other people's data and are no file names.
            place = model.anomalies.index(anomaly)
            files = tuple(f"{place:02d}-{basis}-{number}.ubj" for number in range(len(classifier.boosters)))
            contents = tuple(booster.save_raw("ubj") for booster in classifier.boosters)
            for name, content in zip(files, contents, strict=True):
                _write_durably(path / name, content)
            calibration = _CalibrationEntry(classifier.calibration.slope, classifier.calibration.offset)
            entries.append(_ClassifierEntry(anomaly, basis, files, calibration, tuple(map(_digest, contents))))
    index = ModelIndex(
        _VERSION,
        model.name,
        model.anomalies,
        _features_entry(model.features),
        tuple(entries),
        {anomaly: _ThresholdsEntry(each.relative, each.absolute) for anomaly, each in model.thresholds.items()},
        _TrainingEntry(**{each.name: getattr(model.training, each.name) for each in fields(model.training)}),
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
