"""Prints the resident memory of the history and the diagnosis of many nodes, over more ticks than they keep; a program.

    python -m tests.bench.bench_tick_memory [--nodes 100] [--ticks 2600]

The ticks are made up, and follow each other without a pause: an hour and more of ticks takes minutes.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import psutil

from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.models import model_registry
from distdiag_core.runtime.runtime import HISTORY_TICKS

_EVERY = 200


def main() -> None:
    """Print a line for every two hundred ticks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--ticks", type=int, default=2600)
    wanted = parser.parse_args()
    model = model_registry.load(model_registry.HOST_ALONE)
    nodes, metrics = tuple(f"n{number}" for number in range(wanted.nodes)), model.features.metrics
    history, diagnoser = History(nodes, metrics, HISTORY_TICKS), ClusterDiagnoser(model, 1.0)
    rng, process = np.random.default_rng(1), psutil.Process()
    level = rng.uniform(10, 100, (len(nodes), len(metrics)))
    for tick in range(1, wanted.ticks + 1):
        values = (level * rng.lognormal(0, 0.1, level.shape)).astype(np.float32)
        history.append(Frame(float(tick), nodes, metrics, values))
        diagnoser.diagnose(history.window())
        if tick % _EVERY == 0:
            sys.stdout.write(f"tick {tick:>5}  {process.memory_info().rss / 2**20:6.1f} MiB\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
