"""Metric families of one snapshot."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily

from distdiag_core import __version__
from distdiag_core.cluster.status import NodeState
from distdiag_core.exporter.metric_names import PREFIX, exported_catalogue
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from distdiag_core.runtime.snapshot import Snapshot

_NODE = ("cluster", "zone", "node")
_CAUSE = (*_NODE, "anomaly")
# So many ticks without a new one, and at least so long: the core has ended or hangs, and its figures are of the past.
_STALE_TICKS, _STALE_S = 5.0, 10.0


def build() -> Metric:
    """The version of distdiag, the only family that needs no cluster."""
    info = InfoMetricFamily(f"{PREFIX}_build", "Version of distdiag")
    info.add_metric((), {"version": __version__})
    return info


def is_stale(snapshot: Snapshot, now_s: float) -> bool:
    """Whether the newest tick is so old that its figures are not those of now; `now_s` is of the clock of the run."""
    return now_s - snapshot.frame.time_s > max(_STALE_S, _STALE_TICKS * snapshot.cluster.interval_s)


def families(snapshot: Snapshot, incidents: int) -> Iterator[Metric]:
    """Every family of a snapshot; `incidents` is how many there have been."""
    labels = _Labels(snapshot)
    yield from _run(snapshot, incidents)
    yield from _nodes(snapshot, labels)
    yield from _node_metrics(snapshot, labels)
    yield from _injections(snapshot, labels)
    yield from _workloads(snapshot)
    yield from _diagnosis(snapshot, labels)


class _Labels:
    """Values of the labels of nodes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.cluster = snapshot.cluster.name
        self._zones = {node.name: node.zone for node in snapshot.cluster.nodes}

    def node(self, node: str, *more: str) -> tuple[str, ...]:
        """Cluster, zone and node, and what follows them."""
        return self.cluster, self._zones.get(node, ""), node, *more


def _gauge(name: str, text: str, labels: tuple[str, ...] = ("cluster",)) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)


def _single(name: str, text: str, cluster: str, value: float) -> GaugeMetricFamily:
    family = _gauge(name, text)
    family.add_metric((cluster,), value)
    return family


def _counter(name: str, text: str, cluster: str, value: float) -> CounterMetricFamily:
    family = CounterMetricFamily(f"{PREFIX}_{name}", text, labels=("cluster",))
    family.add_metric((cluster,), value)
    return family


def _run(snapshot: Snapshot, incidents: int) -> Iterator[Metric]:
    name = snapshot.cluster.name
    yield _counter("ticks", "Ticks of this run", name, snapshot.tick)
    yield _single("last_tick_timestamp_seconds", "When the newest tick was due", name, snapshot.frame.wall_s)
    yield _single("tick_lateness_seconds", "From the due time of the newest tick to its figures", name, snapshot.late_s)
    yield _single("tick_interval_seconds", "Time between two ticks", name, snapshot.cluster.interval_s)
    validation = snapshot.validation
    yield _counter("known_injections", "Injections that have ended in this run", name, validation.total)
    yield _counter("named_injections", "Of these, the ones that the diagnosis named", name, validation.right)
    yield _counter("incidents", "Incidents that have begun in this run", name, incidents)
    incident = snapshot.incident
    yield _single("incident_active", "1 while an incident goes on", name, float(incident is not None))
    onset = _gauge("incident_onset_timestamp_seconds", "Onset of the incident that goes on")
    if incident is not None:
        onset.add_metric((name,), incident.onset_s + snapshot.frame.clock_offset_s)
    yield onset


def _nodes(snapshot: Snapshot, labels: _Labels) -> Iterator[Metric]:
    states = _gauge("node_state", "1 for the state of the links of a node, 0 for the others", (*_NODE, "state"))
    late = _gauge("node_late", "1 where a node did not answer in time for the newest tick", _NODE)
    failures = _gauge("node_failed_sources", "Sources of metrics that could not be read", _NODE)
    failed = Counter(node for node, _ in snapshot.troubles)
    for status in snapshot.nodes:
        for state in NodeState:
            states.add_metric(labels.node(status.node, state.value), float(state is status.state))
        late.add_metric(labels.node(status.node), float(status.node in snapshot.frame.late))
        failures.add_metric(labels.node(status.node), failed[status.node])
    yield from (states, late, failures)


def _node_metrics(snapshot: Snapshot, labels: _Labels) -> Iterator[Metric]:
    frame, nodes = snapshot.frame, [labels.node(node) for node in snapshot.frame.nodes]
    columns = {name: column for column, name in enumerate(frame.metrics)}
    for metric, each in zip(snapshot.catalogue.metrics, exported_catalogue(snapshot.catalogue), strict=True):
        if (column := columns.get(metric.name)) is None:
            continue
        family = GaugeMetricFamily(each.name, each.help, labels=_NODE)
        for node, value in zip(nodes, frame.values[:, column].tolist(), strict=True):
            if math.isfinite(value):
                family.add_metric(node, value * each.scale)
        yield family


def _injections(snapshot: Snapshot, labels: _Labels) -> Iterator[Metric]:
    more = (*_CAUSE, "severity", "state")
    count = _gauge("injections", "Injections on a node", more)
    deadline = _gauge("injection_deadline_timestamp_seconds", "When an injection ends by itself at the latest", more)
    places = [
        (labels.node(each.node, each.anomaly, each.severity, each.state.value), each.deadline_s)
        for each in snapshot.injections
    ]
    for place, number in Counter(place for place, _ in places).items():
        count.add_metric(place, number)
        latest_s = max(deadline_s for each, deadline_s in places if each == place)
        deadline.add_metric(place, latest_s + snapshot.frame.clock_offset_s)
    yield from (count, deadline)


def _workloads(snapshot: Snapshot) -> Iterator[Metric]:
    running = _gauge("workloads_running", "Benchmarks that run", ("cluster", "benchmark"))
    threads = _gauge("workload_threads", "Clients of benchmarks that run, on all nodes", ("cluster", "benchmark"))
    runs = [each for each in snapshot.workloads if each.state is WorkloadState.RUNNING]
    for kind, number in Counter(each.request.kind for each in runs).items():
        running.add_metric((snapshot.cluster.name, kind), number)
        clients = (figures.threads for each in runs if each.request.kind == kind for figures in each.figures.values())
        threads.add_metric((snapshot.cluster.name, kind), sum(clients))
    yield from (running, threads)


def _diagnosis(snapshot: Snapshot, labels: _Labels) -> Iterator[Metric]:
    diagnosis, offset_s = snapshot.diagnosis, snapshot.frame.clock_offset_s
    confidence = _gauge("anomaly_confidence_ratio", "Confidence that a node has an anomaly", _CAUSE)
    importance = _gauge("anomaly_importance", "Influence of the node times confidence, which ranks root causes", _CAUSE)
    rank = _gauge("root_cause_rank", "Place of a root cause that is active, 1 for the first", _CAUSE)
    onset = _gauge("root_cause_onset_timestamp_seconds", "Onset of a root cause that is active", _CAUSE)
    influence = _gauge("node_influence", "Weighted PageRank of a node; the mean of the nodes is 1", _NODE)
    influences: dict[str, float] = {}
    for cause in diagnosis.root_causes if diagnosis is not None else ():
        place = labels.node(cause.node, cause.anomaly)
        confidence.add_metric(place, cause.confidence)
        importance.add_metric(place, cause.importance)
        influences[cause.node] = cause.influence
        if cause.onset_s is not None:
            rank.add_metric(place, cause.rank)
            onset.add_metric(place, cause.onset_s + offset_s)
    for node, value in influences.items():
        influence.add_metric(labels.node(node), value)
    if diagnosis is not None:
        anomalous = float(diagnosis.anomalous)
        yield _single("anomalous", "1 while any root cause is active", snapshot.cluster.name, anomalous)
    yield from (confidence, importance, rank, onset, influence)
