"""Diagnoses, injections and a small recorder of incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact, MetricChange
from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NODES = ("n1", "n2")
CATALOGUE = MetricCatalogue(
    (
        Metric("host.cpu.usage", "CPU", "%", "gauge", "cpu", "host", "cpu"),
        Metric("workload.tps", "transactions", "1/s", "gauge", "transactions", "workload", "tps"),
    )
)
CLUSTER = ClusterSettings("shop", tuple(NodeSettings(name, "127.0.0.1") for name in NODES))


def half(node: str) -> ClusterImpact:
    """Half of the throughput is lost on a node."""
    lost = Impact(MetricChange("workload.tps", 50.0, 100.0, 1.0), MetricChange("workload.p95", 30.0, 10.0, 1.0))
    return ClusterImpact(Impact(MetricChange("workload.tps", 150.0, 200.0), None), {node: lost})


def diagnosis(time_s: float, *active: tuple[str, str], confidence: float = 0.9, note: str = "") -> Diagnosis:
    """These (node, anomaly) are active since four seconds ago, and another one is ranked that is not."""
    causes = [
        RootCause(
            rank, node, anomaly, confidence, 1.0, confidence, time_s - 4, (Evidence("host.cpu.usage", 6.1),), None
        )
        for rank, (node, anomaly) in enumerate(active, 1)
    ]
    quiet = RootCause(len(causes) + 1, "n1", "io_stress", 0.06, 1.0, 0.06)
    impact = half(active[0][0]) if active else None
    return Diagnosis(time_s, bool(active), (*causes, quiet), note, impact)


def injection(name: str, began_s: float, node: str = "n2", anomaly: str = "cpu_stress") -> Injection:
    """An active injection."""
    return Injection(name, anomaly, node, "high", InjectionState.ACTIVE, began_s, began_s + 60, "me@here")


def frame(time_s: float, *, busy: bool) -> Frame:
    """A tick; the processor of n2 is busy or not."""
    values = np.array([[20.0, 100.0], [97.0 if busy else 21.0, 50.0 if busy else 100.0]], dtype=np.float32)
    return Frame(time_s, NODES, CATALOGUE.names, values)


@pytest.fixture
def new_recorder(tmp_path: Path) -> Callable[[], Recorder]:
    return lambda: Recorder(CLUSTER, CATALOGUE, tmp_path / "recordings")
