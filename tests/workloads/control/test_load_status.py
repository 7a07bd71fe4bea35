"""Statuses, figures and metrics from snapshots of the load hosts."""

from __future__ import annotations

import math
from dataclasses import replace

from distdiag_core.metrics import catalogue
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmarks.sysbench.sysbench_benchmark import SysbenchOptions
from distdiag_core.workloads.clients import remote_agent
from distdiag_core.workloads.clients.load_host import ClientStatus, LoadSnapshot
from distdiag_core.workloads.clients.run_files import Run
from distdiag_core.workloads.control import load_status, workload_source
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures, WorkloadState

_FIGURES = WorkloadFigures(10, 200, 20, 1, 4, 5, 40, {"new_order": TypeFigures(4, 1, 2, 3, 0.5)}, {"tpmc": 240})


def _client_status(
    node: str, kind: str = "sysbench", run: str = "aaaa", *, alive: bool = True, note: str = ""
) -> ClientStatus:
    request = WorkloadRequest(kind, nodes=("n1", "n2"), options=SysbenchOptions())
    return ClientStatus(Run(run, node, request, 1, 0.0, 1000.0, 1060.0), alive, note, _FIGURES if alive else None)


def test_a_run_is_one_status_whatever_the_number_of_its_nodes() -> None:
    snapshot = LoadSnapshot(
        (_client_status("n1"), _client_status("n2"), _client_status("n1", run="bbbb", alive=False, note="no tables")),
        ("a file",),
        ("a host",),
    )

    first, second = load_status.statuses_of(snapshot, stopping=())

    assert (first.id, first.state, set(first.figures)) == ("aaaa", WorkloadState.RUNNING, {"n1", "n2"})
    assert (second.id, second.state, second.detail) == ("bbbb", WorkloadState.FAILED, "n1: no tables")


def test_a_run_that_is_being_stopped_has_the_state_stopping() -> None:
    (status,) = load_status.statuses_of(LoadSnapshot((_client_status("n1"),)), stopping={"aaaa"})

    assert status.state is WorkloadState.STOPPING


def test_figures_are_those_of_the_node_by_benchmark() -> None:
    snapshot = LoadSnapshot(
        (_client_status("n1"), _client_status("n1", "tpcc", "bbbb"), _client_status("n2", "tpch", "cccc"))
    )

    assert set(load_status.figures_of(snapshot, "n1")) == {"sysbench", "tpcc"}


def test_with_several_kinds_counts_are_added_and_the_worst_latency_is_taken() -> None:
    slow = WorkloadFigures(1, 20, 500, 0, 1)
    values = dict(workload_source.values_of({"tpcc": _FIGURES, "sysbench": slow}))

    assert (values["tps"], values["qps"], values["errors_per_s"]) == (11, 220, 1)
    assert (values["p50_ms"], values["p95_ms"], values["p99_ms"]) == (5, 500, 40)
    assert (values["tpcc.tpmc"], values["tpcc.new_order.p95_ms"]) == (240, 2)


def test_nothing_finished_means_no_latency() -> None:
    values = dict(workload_source.values_of({"sysbench": WorkloadFigures(0, 0, math.nan, 0, 1)}))

    assert math.isnan(values["p95_ms"])
    assert dict(workload_source.values_of({})) == {}


def test_the_metric_catalogue_has_all_figures_of_the_benchmarks_and_no_others() -> None:
    types = {
        name: TypeFigures(1, 1, 1, 1, 0)
        for kind in benchmark_registry.names()
        for name in benchmark_registry.benchmark(kind).types
    }
    by_kind = {
        kind: WorkloadFigures(
            1, 1, 1, 0, 1, 1, 1, {name: types[name] for name in benchmark_registry.benchmark(kind).types}
        )
        for kind in benchmark_registry.names()
    }
    measured = {*dict(workload_source.values_of(by_kind)), "tpcc.tpmc"}

    wanted = set(catalogue.load().keys("workload"))

    kinds = benchmark_registry.names()
    assert wanted <= measured | {key for key in wanted if key.partition(".")[0] not in (*kinds, key)}
    for kind in benchmark_registry.names():
        for name in benchmark_registry.benchmark(kind).types:
            assert f"{kind}.{name}.p50_ms" in wanted


def test_a_snapshot_is_decoded_to_what_was_encoded() -> None:
    snapshot = LoadSnapshot((_client_status("n1"), _client_status("n2", alive=False, note="no tables")), ("a file",))

    assert remote_agent.decode(remote_agent.encode(snapshot), "gen") == snapshot


def test_recorded_values_give_the_figures_back_without_those_by_type() -> None:
    values = dict(workload_source.values_of({"tpcc": _FIGURES}))
    assert workload_source.figures_from(values, "tpcc", _FIGURES.threads) == replace(_FIGURES, types={}, note="")
    assert workload_source.figures_from({"tps": math.nan}, "tpcc", 4) is None
