"""Metrics of an anomaly's own category, which come first in its evidence where they contributed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.frame import Mask

# Kinds of the database and of its workload show in the transactions; the others are called as their metrics are.
_CALLED = {"database": "transactions", "workload": "transactions"}


@dataclass(frozen=True, slots=True)
class Categories:
    """Categories of anomalies and of metrics, by name, as the catalogues have them; what is in neither has none."""

    anomalies: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, anomalies: AnomalyCatalogue, metrics: MetricCatalogue) -> Categories:
        """Categories of these catalogues."""
        return cls(
            {each.name: _CALLED.get(each.category, each.category) for each in anomalies.anomalies},
            {each.name: each.category for each in metrics.metrics},
        )

    def own_metrics(self, model: Model) -> Mask:
        """Which metrics are of the category of each anomaly of a model, shape (L, M)."""
        kinds = [self.anomalies.get(name) for name in model.anomalies]
        of_metrics = [self.metrics.get(name, "") for name in model.features.metrics]
        return np.array([[kind == category for category in of_metrics] for kind in kinds], dtype=np.bool_)
