"""A process that records a tick for every line on its standard input, until it is killed.

Usage: python ticking.py DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.recorder import Recorder


def main() -> None:
    cluster = ClusterSettings("shop", (NodeSettings("n1", "127.0.0.1"),))
    catalogue = MetricCatalogue((Metric("host.cpu.usage", "CPU", "%", "gauge", "cpu", "host", "cpu"),))
    with Recorder(cluster, catalogue, Path(sys.argv[1])) as recorder:
        for line in sys.stdin:
            values = np.array([[float(line)]], dtype=np.float32)
            recorder.frame(Frame(float(line), ("n1",), catalogue.names, values))


main()
