"""Trained model: its features, classifiers and thresholds, and what it was trained on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.features.views import COLUMNS
from distdiag_core.diagnosis.model.look_alikes import columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
    from distdiag_core.diagnosis.model.classifiers import Classifiers
    from distdiag_core.diagnosis.model.look_alikes import LookAlikes
    from distdiag_core.metrics.frame import Array

# Metrics that cost a model less than this share of its gain are missing without a difference.
_LEAST_COST = 0.01


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which an anomaly is reported, of nodes with a past to compare with and of those without."""

    with_past: float = 0.5
    without_past: float = 0.5


@dataclass(frozen=True, slots=True)
class Training:
    """Record of what a model was trained on.

    Attributes:
        cases: names of the cases.
        windows: number of windows of single nodes.
        periods_s: the seconds between samples that occurred.
        calibration_error: of single windows of held-out cases, weighted as in training; None where none were held out.
        options: the training options.
        made_with: versions of the program and its libraries, and a digest of the catalogues.
    """

    cases: tuple[str, ...]
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    periods_s: tuple[float, ...]
    windows: int
    calibration_error: float | None = None
    options: dict[str, Any] = field(default_factory=dict)
    made_with: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MissingMetrics:
    """Metrics that a model reads and a cluster lacks.

    Attributes:
        cost: the share of the gain of the model's classifiers that rests on them, 0 to 1.
    """

    metrics: tuple[str, ...]
    cost: float

    def warning(self) -> str:
        """One line for the operator; empty where what is missing makes no difference."""
        if self.cost < _LEAST_COST:
            return ""
        named = ", ".join(self.metrics[:5]) + (", …" if len(self.metrics) > 5 else "")
        several = f"{len(self.metrics)} metrics" if len(self.metrics) > 1 else "a metric"
        return f"{several} missing, {self.cost:.0%} of what it decides by: {named}"


@dataclass(frozen=True, eq=False)
class Model:
    """Trained model.

    Attributes:
        evaluation: results on cases that it was not trained on, as in `distdiag evaluate --json`.
        look_alikes: the second stage; None where no two look-alikes had enough cases with its metrics.
    """

    name: str
    features: FeatureSpec
    classifiers: Classifiers
    thresholds: Mapping[str, Thresholds]
    training: Training
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    look_alikes: LookAlikes | None = None

    @property
    def anomalies(self) -> tuple[str, ...]:
        """Names of the anomalies that it knows, L of them."""
        return self.classifiers.anomalies

    def missing_metrics(self, metrics: tuple[str, ...]) -> MissingMetrics:
        """Metrics of the model that a cluster with these metrics lacks."""
        missing = tuple(metric for metric in self.features.metrics if metric not in metrics)
        return MissingMetrics(missing, sum(self.gain_by_metric[metric] for metric in missing))

    @cached_property
    def look_alike_columns(self) -> NDArray[np.intp]:
        """Places of the columns of the second stage in the feature rows; none without one."""
        metrics = self.look_alikes.metrics if self.look_alikes is not None else ()
        return columns(metrics, self.features.columns())

    @cached_property
    def look_alike_places(self) -> tuple[int, ...]:
        """Places of the anomalies of the second stage among all; none without one."""
        ours = self.look_alikes.anomalies if self.look_alikes is not None else ()
        return tuple(self.anomalies.index(each) for each in ours)

    @cached_property
    def gain_by_metric(self) -> Mapping[str, float]:
        """Share of the gain of all classifiers that each metric brought; the sum is 1."""
        shares = self.gain_by_anomaly.mean(axis=0)
        return dict(zip(self.features.metrics, shares.tolist(), strict=True))

    def gain_shares(self, anomaly: str) -> Array:
        """Share of the gain that each metric brought to the classifier of one anomaly, shape (M,)."""
        shares: Array = self.gain_by_anomaly[self.anomalies.index(anomaly)]
        return shares

    @cached_property
    def gain_by_anomaly(self) -> Array:
        """Share of the gain that each metric brought to each classifier, shape (L, M)."""
        gains = self.classifiers.gain_by_column
        by_metric = gains.reshape(len(gains), -1, len(self.features.metrics), len(COLUMNS)).sum(axis=(1, 3))
        shares: Array = by_metric.astype(np.float32)
        return shares
