"""The shipped catalogue, and what is said of a broken one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.errors import ConfigError
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.catalogue import Metric
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from pathlib import Path

# The statistics that DistDiagDemo collected, by its categories.
_BASELINE = {
    "cpu": "cpu usage, worker time, cpu time",
    "memory": "total memstore used, active memstore used, memstore limit, memory usage, observer memory hold size",
    "io": "palf write io count to disk, palf write size to disk, clog trans log total size, io read count, "
    "io write count, io read delay, io write delay, blockscaned data micro block count, accessed data micro block "
    "count, data micro block cache hit, index micro block cache hit, row cache miss, row cache hit",
    "network": "rpc packet in, rpc packet in bytes, rpc packet out, rpc packet out bytes, rpc deliver fail, rpc net "
    "delay, rpc net frame delay, mysql packet in, mysql packet in bytes, mysql packet out, mysql packet out bytes, "
    "mysql deliver fail",
    "transactions": "trans commit count, trans timeout count, sql update count, active sessions, sql select count, "
    "trans system trans count, trans rollback count, sql fail count, request queue time, trans user trans count, "
    "commit log replay count, sql delete count, sql other count, ps prepare count, ps execute count, sql inner insert "
    "count, sql inner update count, memstore write lock succ count, memstore write lock fail count, DB time, local "
    "trans total used time, distributed trans total used time, sql local count, sql remote count, sql distributed "
    "count",
}


def test_every_statistic_of_the_baseline_is_there_in_its_category() -> None:
    shipped = catalogue.load()
    baseline = {(key, category) for category, keys in _BASELINE.items() for key in keys.split(", ")}
    assert len(baseline) == 58
    for key, category in baseline:
        metric = shipped.get(f"sysstat.{key.lower().replace(' ', '_')}")
        assert metric is not None, key
        assert (metric.key, metric.category, metric.per) == (key, category, None)


def test_names_are_fit_for_columns_and_labels_for_a_narrow_screen() -> None:
    for metric in catalogue.load().metrics:
        assert re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", metric.name), metric.name
        assert 0 < len(metric.label) <= 52, metric.name
        assert metric.unit


def test_every_category_has_figures_of_the_host_or_the_database() -> None:
    shipped = catalogue.load()
    assert {metric.category for metric in shipped.of(("host", "sysstat")).metrics} == set(_BASELINE)
    names = {metric.name for metric in shipped.of(("workload",)).metrics}
    assert names >= {f"workload.{name}" for name in ("tps", "qps", "p50", "p95", "p99", "errors", "tpcc.tpmc")}


def test_keys_hold_the_divisors_too_and_each_once() -> None:
    keys = catalogue.load().keys("sysstat")
    assert "trans commit log sync count" in keys
    assert len(keys) == len(set(keys))


_GOOD = "{name: host.a, label: a, unit: s, kind: gauge, category: cpu, source: host, key: a}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"- {_GOOD}\n- {_GOOD}\n", "host.a: the name is given to 2 metrics"),
        (f"- {_GOOD.replace('host.a', 'cpu.a')}\n", "cpu.a: the name must begin with its source, host."),
        (f"- {_GOOD.replace('gauge', 'guage')}\n", "kind"),
        (f"- {_GOOD.replace('label', 'lable')}\n", "lable"),
        ("- [", "not valid YAML"),
        ("host.a", "the whole file"),
    ],
)
def test_a_broken_catalogue_is_named_with_its_mistake(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=re.escape(complaint)) as caught:
        catalogue.load(file)
    assert str(file) in str(caught.value)


@given(st.text(max_size=200))
def test_no_text_brings_anything_but_metrics_or_a_configuration_error(text: str) -> None:
    try:
        metrics = loader.parse(text, tuple[Metric, ...], where="metrics.yaml")
    except ConfigError:
        return
    assert all(isinstance(metric, Metric) for metric in metrics)
