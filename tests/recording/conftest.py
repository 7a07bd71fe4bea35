"""A small cluster, a small catalogue, and frames of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

NODES = ("n1", "n2", "n3")


@pytest.fixture
def cluster() -> ClusterSettings:
    return ClusterSettings("shop", tuple(NodeSettings(name, "127.0.0.1", zone="z1") for name in NODES))


@pytest.fixture
def catalogue() -> MetricCatalogue:
    return MetricCatalogue(
        (
            Metric("host.cpu.usage", "CPU", "%", "gauge", "cpu", "host", "cpu"),
            Metric("sysstat.trans_commit_count", "commits", "1/s", "counter", "transactions", "sysstat", "commits"),
        )
    )


@pytest.fixture
def frame_at(catalogue: MetricCatalogue) -> Callable[[float], Frame]:
    def make(time_s: float) -> Frame:
        return Frame(time_s, NODES, catalogue.names, np.full((len(NODES), 2), time_s, dtype=np.float32))

    return make


@pytest.fixture
def new_recorder(cluster: ClusterSettings, catalogue: MetricCatalogue, tmp_path: Path) -> Callable[[], Recorder]:
    return lambda: Recorder(cluster, catalogue, tmp_path / "recordings")


@pytest.fixture
def recorded(new_recorder: Callable[[], Recorder], frame_at: Callable[[float], Frame]) -> Path:
    """A finished recording of ten ticks."""
    with new_recorder() as recorder:
        for tick in range(10):
            recorder.frame(frame_at(float(tick)))
    return Path(recorder.status().path)
