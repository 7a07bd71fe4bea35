"""Which metrics of the shipped model a cluster lacks, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.metrics.frame import Window
from distdiag_core.models import model_registry
from distdiag_core.models.model_fit import lacking_metrics, seen_metrics, stored_model_warnings

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return model_registry.load(model_registry.DEFAULT)


def test_with_every_source_nothing_is_lacking(model: Model) -> None:
    assert lacking_metrics(model, ("host", "sysstat")) == ()


def test_a_source_that_is_off_is_named_for_each_anomaly_with_its_cost(model: Model) -> None:
    found = lacking_metrics(model, ("host",))
    assert {each.anomaly for each in found} <= set(model.anomalies)
    assert [each.cost for each in found] == sorted((each.cost for each in found), reverse=True)
    for each in found:
        assert all(metric.startswith("sysstat.") for metric in each.metrics)
        assert 0 < len(each.metrics) < each.of
        assert 0 < each.cost <= 1
        said = f"{each.anomaly}: {len(each.metrics)} of {each.of} metrics are not read here (sources: sysstat off), "
        assert str(each).startswith(said)


def test_a_metric_without_values_is_lacking_and_figures_of_clients_are_not(model: Model) -> None:
    gone = "host.cpu.usage"
    seen = {metric for metric in model.features.metrics if not metric.startswith("workload.")} - {gone}
    found = lacking_metrics(model, ("host", "sysstat"), seen)
    assert found
    assert {each.metrics for each in found} == {(gone,)}
    assert {each.reasons for each in found} == {("1 without values",)}


def test_the_warnings_about_a_stored_model_are_those_of_the_loaded_one(model: Model) -> None:
    metrics = tuple(metric for metric in model.features.metrics if metric.startswith("host."))
    found = stored_model_warnings(model_registry.DEFAULT, metrics, ("host",), None)
    assert found == (model.missing_metrics(metrics).warning(), *map(str, lacking_metrics(model, ("host",))))


def test_metrics_are_seen_where_any_node_has_a_value() -> None:
    values = np.full((2, 2, 12), np.nan, dtype=np.float32)
    values[1, 0, 5] = 3.0
    window = Window(np.arange(12.0), ("n1", "n2"), ("host.a", "host.b"), values)
    assert seen_metrics(window) == frozenset({"host.a"})
    assert seen_metrics(window.last(3)) is None
