"""Canned snapshots of a cluster that does not exist, the same every time, and a small catalogue of anomalies."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.anomalies.catalogue import Anomaly, AnomalyCatalogue, Category, Method
from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.cluster.status import Link, LinkState, NodeStatus
from distdiag_core.collecting.collecting_status import CollectingStatus, NormalStatus, OpenCase
from distdiag_core.dataset import statistics
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.metrics import catalogue as metric_catalogue
from distdiag_core.metrics.frame import Frame, Window
from distdiag_core.models.model_registry import ModelStatus
from distdiag_core.operations.run_history import PastInjection, RunWithInjections
from distdiag_core.recording.events import Event
from distdiag_core.recording.recording_status import RecordingStatus
from distdiag_core.runtime.snapshot import Snapshot
from distdiag_core.workloads.clients.run_log import TIME_IS_UP, NodeRun, PastRun
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import (
    Progress,
    TypeFigures,
    WorkloadFigures,
    WorkloadState,
    WorkloadStatus,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# 2026-11-24 09:30:00 UTC
NOW_S = 1_795_512_600.0
CATALOGUE = metric_catalogue.load().of(("host", "sysstat", "workload"))
_UP = Link(LinkState.UP)
_SCALES = {"%": 30.0, "bytes/s": 2e6, "bytes": 4e8, "ms": 4.0, "1/s": 300.0, "ms/s": 20.0}
_HURT_TICKS = 45
_SEVERITIES: dict[str, dict[str, float | int | str]] = {"low": {}, "medium": {}, "high": {}}


def _anomaly(name: str, label: str, what: str, category: Category, **more: Any) -> Anomaly:  # noqa: ANN401
    return Anomaly(name, label, what, category, (Method("stress-ng", check=("true",)),), _SEVERITIES, **more)


ANOMALIES = AnomalyCatalogue(
    (
        _anomaly("cpu_stress", "CPU stress", "Busy programs take the processor from the database.", "cpu"),
        _anomaly("memory_stress", "Memory stress", "A program takes the memory that is free.", "memory"),
        _anomaly("io_stress", "I/O stress", "The disk of the node is slowed down.", "io"),
        _anomaly("network_bandwidth", "Network bandwidth", "Few bytes leave the node.", "network", cuts_off=True),
        _anomaly("network_delay", "Network delay", "Packets of the node are held back.", "network", cuts_off=True),
        _anomaly("network_loss", "Network loss", "Packets of the node are lost.", "network", cuts_off=True),
        _anomaly("cache_bottleneck", "Cache bottleneck", "The memstore is made small.", "database"),
        _anomaly("lock_contention", "Lock contention", "A client holds hot rows.", "database"),
        _anomaly("node_down", "Node down", "The observer is killed, and started again at the end.", "database",
                 cuts_off=True, off_by_default=True),
        _anomaly("node_hang", "Node hang", "The observer is stopped, and goes on at the end.", "database",
                 cuts_off=True, off_by_default=True),
        _anomaly("slow_query", "Slow query", "A badly written query is run over and over.", "workload"),
        _anomaly("too_many_indexes", "Too many indexes", "Indexes are added to the tables.", "workload"),
        _anomaly("workload_overload", "Workload overload", "Many more clients than usual.", "workload",
                 scope="cluster"),
    )
)  # fmt: skip


def figures(nodes: int, ticks: int, end_tick: int, *, hurt: int | None) -> NDArray[np.float32]:
    """Shape (nodes, metrics, ticks): metrics wander around the usual size of their unit; `hurt` suffers at the end."""
    times = np.arange(end_tick - ticks, end_tick)
    values = np.empty((nodes, len(CATALOGUE.metrics), ticks), dtype=np.float32)
    for column, metric in enumerate(CATALOGUE.metrics):
        base = _SCALES.get(metric.unit, 10.0)
        # By name, so that another metric in the catalogue changes no picture.
        phase = zlib.crc32(metric.name.encode()) % 100
        for node in range(nodes):
            noise = np.sin(times * (0.7 + 0.13 * node + 0.01 * phase)) + 0.5 * np.sin(times * 2.9 + node)
            values[node, column] = base * (1 + 0.1 * np.sin(times / 17 + node + phase) + 0.06 * noise)
    if hurt is not None:
        names = [metric.name for metric in CATALOGUE.metrics]
        last = slice(max(0, ticks - _HURT_TICKS), ticks)
        for name, factor in (("host.cpu.usage", 3.2), ("workload.tps", 0.2), ("workload.p95", 15.0)):
            values[hurt, names.index(name), last] *= factor
        values[hurt, names.index("host.cpu.usage")] = values[hurt, names.index("host.cpu.usage")].clip(0, 99.6)
    return values


def cluster(nodes: int = 3, *, name: str = "lab", production: bool = False, read_only: bool = False) -> ClusterSettings:
    """Nodes n1, n2, … in three zones."""
    return ClusterSettings(
        name,
        tuple(
            NodeSettings(f"n{index}", f"10.77.0.{10 + index}", f"zone{1 + (index - 1) % 3}")
            for index in range(1, nodes + 1)
        ),
        production=production,
        read_only=read_only,
    )


def calm(
    nodes: int = 3, *, tick: int = 751, hurt: int | None = None, settings: ClusterSettings | None = None
) -> Snapshot:
    """Nothing is wrong, unless `hurt` says which node's figures are."""
    settings = settings or cluster(nodes)
    names = tuple(node.name for node in settings.nodes)
    values = figures(len(names), 300, tick, hurt=hurt)
    now_s = NOW_S + tick - 751
    metrics = CATALOGUE.names
    return Snapshot(
        tick=tick,
        cluster=settings,
        catalogue=CATALOGUE,
        nodes=tuple(NodeStatus(node.name, node.zone, _UP, _UP) for node in settings.nodes),
        frame=Frame(now_s, names, metrics, values[:, :, -1]),
        window=Window(now_s - np.arange(299.0, -1.0, -1.0), names, metrics, values),
        diagnosis=Diagnosis(now_s, anomalous=False, root_causes=ranking(names, now_s, real=False)),
        model=ModelStatus("lab-default", ("cpu_stress", "io_stress", "network_delay"), 0.98),
        recording=RecordingStatus("/var/recordings/lab-20261124.sqlite", NOW_S - 751, 4_300_000),
        events=(Event(now_s - 700, "node", "n1 is up", node="n1"),),
    )


def troubled(tick: int = 751, *, settings: ClusterSettings | None = None) -> Snapshot:
    """CPU stress was injected on n2 forty-five seconds ago, found, and a workload runs."""
    snapshot = calm(tick=tick, hurt=1, settings=settings)
    now_s = snapshot.frame.time_s
    names = tuple(status.node for status in snapshot.nodes)
    request = WorkloadRequest(nodes=names, rate=20)
    clients = {
        name: WorkloadFigures(71.0 if name == "n2" else 412.0, 8_240.0, 188.0 if name == "n2" else 12.4, 0.0, 4)
        for name in names
    }
    return replace(
        snapshot,
        injections=(
            Injection("7f3a", "cpu_stress", "n2", "high", InjectionState.ACTIVE, now_s - 45, now_s + 42, "op@jump"),
        ),
        diagnosis=Diagnosis(now_s, anomalous=True, root_causes=ranking(names, now_s, real=True)),
        workloads=(
            WorkloadStatus(
                request, WorkloadState.RUNNING, started_s=now_s - 300, ends_s=now_s + 300, figures=clients, id="c3f1"
            ),
        ),
        events=(
            Event(now_s - 31, "diagnosis", "n2 suffers from CPU stress, confidence 0.98", "warning", "n2"),
            Event(now_s - 45, "injection", "cpu_stress high on n2 until 09:30:42", node="n2"),
            Event(now_s - 300, "workload", "oltp_read_write runs on n1, n2, n3 with 4 threads each"),
            *snapshot.events,
        ),
    )


def orphaned() -> Snapshot:
    """Of three injections one was left behind, and one still grows; the abort rule has struck."""
    snapshot = troubled()
    now_s, (first,) = snapshot.frame.time_s, snapshot.injections
    left = "its supervisor is gone, so that nothing ends it"
    growing = replace(
        first, id="9c1d", anomaly="too_many_indexes", node="n1", detail="by python3; 5 of 12 indexes are there"
    )
    orphan = replace(first, id="0e77", node="n3", state=InjectionState.ORPHANED, deadline_s=now_s - 30, detail=left)
    text = "the abort rule ends 51aa: n3: 95 % latency 812 ms is over 500 ms (key abort.max_p95_ms)"
    struck = Event(now_s - 31, "injection", text, "error", "n3")
    return replace(snapshot, injections=(first, growing, orphan), events=(struck, *snapshot.events))


def loaded() -> Snapshot:
    """TPC-C runs on two nodes, and sysbench's tables are being filled on the third."""
    snapshot = calm()
    now_s = snapshot.frame.time_s
    types = {
        "new_order": (12.6, 71.0, 118.0, 160.0),
        "payment": (12.1, 16.0, 31.0, 52.0),
        "delivery": (1.2, 88.0, 170.0, 220.0),
    }
    figures = {
        node: WorkloadFigures(
            28.1 * share, 760.0 * share, 104.0, 0.2, 4, 38.0, 163.0,
            {name: TypeFigures(tps * share, *times) for name, (tps, *times) in types.items()},
            {"tpmc": 756.0 * share},
        )
        for node, share in (("n1", 1.0), ("n2", 0.9))
    }  # fmt: skip
    return replace(
        snapshot,
        workloads=(
            WorkloadStatus(
                WorkloadRequest("sysbench", "oltp_read_write", ("n3",)),
                WorkloadState.PREPARING,
                progress=Progress(41_000, 100_000, 5_200.0, 11.0),
                id="9b20",
            ),
            WorkloadStatus(
                WorkloadRequest("tpcc", "mix", ("n1", "n2"), 4),
                WorkloadState.RUNNING,
                started_s=now_s - 90,
                figures=figures,
                id="d7a4",
            ),
        ),
    )


def collecting() -> Snapshot:
    """Normal samples are being collected, and an injection is held back until there is enough of what was before."""
    snapshot = calm()
    status = CollectingStatus(
        normal=NormalStatus(running=True, seconds=31.4, samples=29),
        anomalies=True,
        open=(OpenCase("20261124-093000", ("cpu_stress on n2",), "before", 18.0, 60.0),),
        finished_cases=2,
        statistics=statistics.total([
            statistics.CaseCounts(480, 480, 0),
            statistics.CaseCounts(150, 60, 60, {"cpu_stress": 60}, {"n1": 0, "n2": 60, "n3": 0}),
            statistics.CaseCounts(130, 40, 60, {"io_stress": 60, "network_delay": 20}, {"n1": 60, "n2": 0, "n3": 20}),
            statistics.CaseCounts(90, 30, 60, {"io_stress": 60}, {"n1": 0, "n2": 0, "n3": 60}, "n3 was lost"),
        ]),
    )  # fmt: skip
    return replace(snapshot, collecting=status)


def past_runs() -> tuple[RunWithInjections, ...]:
    """A run of TPC-C under CPU stress, and the same in peace half an hour before."""
    return (
        _past(
            "d7a4", NOW_S - 400, 0.31, (PastInjection("7f3a", "cpu_stress", "n2", "high", NOW_S - 380, NOW_S - 320),)
        ),
        _past("b118", NOW_S - 2_200, 1.0, ()),
    )


def _past(name: str, began_s: float, share: float, injections: tuple[PastInjection, ...]) -> RunWithInjections:
    totals = RunTotals(
        300, 28.1 * share, 760.0 * share, 0.2, 38.0 / share, 104.0 / share, 163.0 / share, 290.0 / share,
        {"new_order": TypeTotals(12.6 * share, 0.1, 71.0 / share, 118.0 / share, 160.0 / share)},
        {"tpmc": 756.0 * share},
    )  # fmt: skip
    request = WorkloadRequest("tpcc", "mix", ("n1", "n2"), 4, 0, 300.0)
    nodes = {node: NodeRun(began_s, began_s + 300, TIME_IS_UP, totals) for node in request.nodes}
    return RunWithInjections(PastRun(name, request, began_s, began_s + 300, TIME_IS_UP, nodes), injections)


def ranking(names: tuple[str, ...], now_s: float, *, real: bool) -> tuple[RootCause, ...]:
    """The first is real where `real` says so."""
    strong = (
        Evidence("host.cpu.usage", 6.1, 31.0, 99.0, 28.0, 2.4, now_s - 38),
        Evidence("sysstat.request_queue_time", 4.2, 12.0, 840.0, 11.0, 1.1, now_s - 36),
        Evidence("sysstat.trans_commit_count", -3.8, 410.0, 96.0, 402.0, 0.6, now_s - 36),
    )
    weak = (Evidence("host.network.bytes_in", 1.2, 2.1e6, 2.4e6, 2.0e6),)
    rows = [("n2", "cpu_stress", 0.98 if real else 0.08, 1.22), ("n2", "io_stress", 0.21 if real else 0.05, 1.22),
            ("n1", "network_delay", 0.06, 0.93), ("n3", "cpu_stress", 0.03, 0.85)]  # fmt: skip
    return tuple(
        RootCause(
            rank,
            node,
            anomaly,
            confidence,
            influence,
            confidence * influence,
            now_s - 38 if confidence > 0.5 else None,
            strong if confidence > 0.5 else weak,
        )
        for rank, (node, anomaly, confidence, influence) in enumerate(rows, 1)
        if node in names
    )


def broken() -> Snapshot:
    """n1 is up but late, n2 has lost its database, n3 is gone."""
    snapshot = calm()
    values = snapshot.frame.values.copy()
    values[2] = np.nan
    sql = Link(LinkState.DOWN, "connection refused on port 2881: the observer is not running")
    ssh = Link(LinkState.DOWN, "no answer for 12 s on 10.77.0.13")
    first, second, third = snapshot.nodes
    return replace(
        snapshot,
        nodes=(first, replace(second, sql=sql), replace(third, ssh=ssh, sql=replace(sql, reason="timed out"))),
        frame=replace(snapshot.frame, values=values, late=frozenset({"n1"})),
        diagnosis=Diagnosis(snapshot.frame.time_s, anomalous=False, note="too little clean past yet"),
    )
