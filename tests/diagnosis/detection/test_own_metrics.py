"""Which metrics are of an anomaly's own category, by the catalogues that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.diagnosis.detection.own_metrics import Categories
from distdiag_core.diagnosis.model import model_files
from distdiag_core.metrics import catalogue

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model


def of(model: Model, anomaly: str, categories: Categories) -> set[str]:
    own = categories.own_metrics(model)[model.anomalies.index(anomaly)]
    return {metric for metric, each in zip(model.features.metrics, own.tolist(), strict=True) if each}


def test_the_catalogues_say_what_is_of_an_anomalys_own_category() -> None:
    model = model_files.load(places.shipped_config() / "models" / "lab")
    metrics = catalogue.load()
    categories = Categories.of(anomaly_catalogue.load(), metrics)
    by_category = {each.name: each.category for each in metrics.metrics}
    for anomaly, category in (("cpu_stress", "cpu"), ("network_loss", "network"), ("slow_query", "transactions")):
        found = of(model, anomaly, categories)
        assert found
        assert {by_category[metric] for metric in found} == {category}


def test_what_no_catalogue_knows_has_no_category() -> None:
    model = model_files.load(places.shipped_config() / "models" / "lab")
    assert not Categories().own_metrics(model).any()
