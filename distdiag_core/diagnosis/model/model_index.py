"""The content of `model.json`, checked, and its conversion from and to a model."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import Ge, Gt, Le, MinLen

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
from distdiag_core.diagnosis.model.calibration import IDENTITY, Calibration
from distdiag_core.diagnosis.model.classifiers import Calibrations, Classifiers, Weights
from distdiag_core.diagnosis.model.look_alikes import COLUMNS_OF_METRIC, LookAlikes
from distdiag_core.diagnosis.model.model import Model, Thresholds, Training
from distdiag_core.settings import json_document

# Figures of models have single precision.
_Figure = Annotated[float, Ge(-3.4e38), Le(3.4e38)]


@dataclass(frozen=True, slots=True)
class FeaturesEntry:
    """The features of a model."""

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

    @classmethod
    def of(cls, features: FeatureSpec) -> Self:
        """The entry of some features."""
        return cls(
            features.metrics,
            tuple(features.floors.tolist()),
            tuple(None if np.isnan(each) else each for each in features.profile.tolist()),
            features.excluded_metrics,
            features.peers,
        )

    def features(self) -> FeatureSpec:
        """The features of the entry."""
        return FeatureSpec(
            self.metrics,
            np.array(self.floors, dtype=np.float32),
            np.array([np.nan if each is None else each for each in self.profile], dtype=np.float32),
            self.excluded_metrics,
            self.peers,
        )


@dataclass(frozen=True, slots=True)
class CalibrationEntry:
    """The calibration of one classifier."""

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    slope: _Figure = IDENTITY.slope
    offset: _Figure = IDENTITY.offset

    def calibration(self) -> Calibration:
        """The calibration of the entry."""
        return Calibration(self.slope, self.offset)


_Shares = Annotated[tuple[Annotated[float, Ge(0), Le(1)], ...], MinLen(1)]


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """The shares of the boosters of one anomaly in its score."""

    with_past: _Shares
    without_past: _Shares

    def __post_init__(self) -> None:
        if len(self.with_past) != len(self.without_past):
            raise ValueError("there must be as many weights with a past as without")


@dataclass(frozen=True, slots=True)
class AnomalyEntry:
    """The thresholds and calibrations of one anomaly."""

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    name: str
    threshold_with_past: _Figure = 0.5
    threshold_without_past: _Figure = 0.5
    with_past: CalibrationEntry = field(default_factory=CalibrationEntry)
    without_past: CalibrationEntry = field(default_factory=CalibrationEntry)

    @classmethod
    def of(cls, model: Model, anomaly: str) -> Self:
        """The entry of an anomaly of a model."""
        threshold = model.thresholds[anomaly]
        calibrations = model.classifiers.calibrations.get(anomaly, Calibrations())
        with_past, without_past = (
            CalibrationEntry(each.slope, each.offset) for each in (calibrations.with_past, calibrations.without_past)
        )
        return cls(anomaly, threshold.with_past, threshold.without_past, with_past, without_past)

    def calibrations(self) -> Calibrations:
        """The calibrations of the entry."""
        return Calibrations(self.with_past.calibration(), self.without_past.calibration())


@dataclass(frozen=True, slots=True)
class TrainingEntry:
    """What a model was trained on, and how."""

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
class LookAlikesEntry:
    """The second stage, which tells anomalies apart that look alike."""

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

    @classmethod
    def of(cls, stage: LookAlikes) -> Self:
        """The entry of a second stage."""
        return cls(
            stage.anomalies,
            stage.metrics,
            tuple(stage.centre.tolist()),
            tuple(stage.scale.tolist()),
            tuple(map(tuple, stage.weights.tolist())),
            tuple(stage.offsets.tolist()),
        )

    def look_alikes(self) -> LookAlikes:
        """The second stage of the entry."""
        figures = (np.array(each) for each in (self.centre, self.scale, self.weights, self.offsets))
        return LookAlikes(self.anomalies, self.metrics, *figures)


@dataclass(frozen=True, slots=True)
class ModelIndex:
    """The content of `model.json`."""

    version: int
    name: str
    anomalies: Annotated[tuple[AnomalyEntry, ...], MinLen(1)]
    features: FeaturesEntry
    # Of the outputs of the boosters of one anomaly, in their order.
    weights: WeightsEntry
    # SHA-256 of the file of the boosters.
    digest: str
    training: TrainingEntry
    evaluation: dict[str, Any]
    look_alikes: LookAlikesEntry | None = None

    def __post_init__(self) -> None:
        """Refuse an anomaly that is named twice, and a second stage of others than the model has."""
        if len({each.name for each in self.anomalies}) < len(self.anomalies):
            raise ValueError("an anomaly is named twice")
        if self.look_alikes is not None:
            known = {each.name for each in self.anomalies} | set(self.features.metrics)
            named = (*self.look_alikes.anomalies, *self.look_alikes.metrics)
            if not known.issuperset(named) or len(set(named)) < len(named):
                raise ValueError("look-alikes: names what the model does not have, or one name twice")

    @classmethod
    def of(cls, model: Model, version: int, digest: str) -> Self:
        """The index of a model whose boosters have a digest."""
        return cls(
            version,
            model.name,
            tuple(AnomalyEntry.of(model, anomaly) for anomaly in model.anomalies),
            FeaturesEntry.of(model.features),
            WeightsEntry(model.classifiers.weights.with_past, model.classifiers.weights.without_past),
            digest,
            TrainingEntry(**{each.name: getattr(model.training, each.name) for each in fields(model.training)}),
            dict(model.evaluation),
            None if model.look_alikes is None else LookAlikesEntry.of(model.look_alikes),
        )

    @property
    def booster_shape(self) -> tuple[int, int]:
        """How many columns and outputs the booster of this index has."""
        return len(self.features.features().columns()), len(self.anomalies) * len(self.weights.with_past)

    def model(self, booster: Any) -> Model:  # noqa: ANN401 - xgboost is imported where it is used
        """The model with this index and a booster."""
        weights = Weights(self.weights.with_past, self.weights.without_past)
        calibrations = {each.name: each.calibrations() for each in self.anomalies}
        return Model(
            self.name,
            self.features.features(),
            Classifiers(booster, weights, tuple(each.name for each in self.anomalies), calibrations),
            {each.name: Thresholds(each.threshold_with_past, each.threshold_without_past) for each in self.anomalies},
            Training(**{each.name: getattr(self.training, each.name) for each in fields(self.training)}),
            self.evaluation,
            None if self.look_alikes is None else self.look_alikes.look_alikes(),
        )
