"""A trained model: what it looks at, its classifiers, and how far they are to be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.diagnosis.features.shifts import SHIFTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.diagnosis.features.feature_spec import Recipe
    from distdiag_core.diagnosis.model.classifier import Classifier
    from distdiag_core.diagnosis.model.thresholds import Thresholds
    from distdiag_core.metrics.frame import Array


@dataclass(frozen=True, slots=True)
class Training:
    """What a model was trained on.

    Attributes:
        cases: their names.
        windows: how many windows of single nodes they gave.
        periods_s: the seconds between samples that occurred.
        calibration_error: of single windows of held-out cases, weighed as in training; None where none were held out.
        options: what was chosen for it.
        made_with: versions of what made it, and a digest of the catalogues.
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
class Fit:
    """How well a model fits what a cluster has to offer.

    Attributes:
        missing: the metrics that the model looks at and the cluster lacks.
        cost: the share of the model's say that rested on them, 0 to 1.
    """

    missing: tuple[str, ...]
    cost: float

    def warning(self) -> str:
        """One line for the operator; empty where nothing is missing."""
        if not self.missing:
            return ""
        named = ", ".join(self.missing[:5]) + (", …" if len(self.missing) > 5 else "")
        return f"{len(self.missing)} metrics of the model are missing here, {self.cost:.0%} of its say: {named}"


@dataclass(frozen=True, eq=False)
class Model:
    """Says how likely each node is to suffer from each of its anomalies.

    Attributes:
        past: classifiers of windows against the node's own past; lacks anomalies that never began in a training case.
        level: classifiers of windows against the stored profile, for nodes without enough past.
        evaluation: figures found on cases that it was not trained on, as in `distdiag evaluate --json`.
    """

    name: str
    recipe: Recipe
    anomalies: tuple[str, ...]
    past: Mapping[str, Classifier]
    level: Mapping[str, Classifier]
    thresholds: Mapping[str, Thresholds]
    training: Training
    evaluation: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, metrics: tuple[str, ...]) -> Fit:
        """What a cluster with these metrics lacks, and what that costs."""
        lacking = tuple(metric for metric in self.recipe.metrics if metric not in metrics)
        return Fit(lacking, sum(self.metric_importance[metric] for metric in lacking))

    @cached_property
    def metric_importance(self) -> Mapping[str, float]:
        """The share of all classifiers' gain that each metric brought; sums to 1."""
        shares = np.mean([self.metric_shares(anomaly) for anomaly in self.anomalies], axis=0)
        return dict(zip(self.recipe.metrics, shares.tolist(), strict=True))

    def metric_shares(self, anomaly: str) -> Array:
        """The share of the gain that each metric brought to the classifier of one anomaly, shape (M,)."""
        return self._shares[anomaly]

    @cached_property
    def _shares(self) -> Mapping[str, Array]:
        shares = {}
        for anomaly in self.anomalies:
            classifier = self.past.get(anomaly) or self.level[anomaly]
            by_column = classifier.importance(len(self.recipe.columns()))
            by_metric = by_column.reshape(-1, len(self.recipe.metrics), len(SHIFTS))
            shares[anomaly] = by_metric.sum(axis=(0, 2)).astype(np.float32)
        return shares
