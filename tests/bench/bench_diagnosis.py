"""Prints what diagnosing one tick costs with as many anomalies as ship, by size of the cluster; a program."""

from __future__ import annotations

import sys
import time

import numpy as np

from distdiag_core.dataset.case import Case, Label
from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.training import trainer
from distdiag_core.metrics.frame import Window

_SIZES = (3, 100, 1000)
_METRICS = 100
_ANOMALIES = 13
_HISTORY_TICKS = 120
_BUDGET_MS = {3: 3.0, 100: 10.0, 1000: 300.0}


def window(nodes: int, ticks: int, seed: int, *, ill: int | None = None) -> Window:
    """Noise around a level of each metric; from half-time on, node `ill` has some of its metrics tripled."""
    rng = np.random.default_rng(seed)
    values = (10 + 90 * np.arange(_METRICS)[None, :, None] / _METRICS) * rng.lognormal(0, 0.1, (nodes, _METRICS, ticks))
    if ill is not None:
        values[ill, seed % _ANOMALIES :: _ANOMALIES, ticks // 2 :] *= 3
    names = tuple(f"n{number}" for number in range(nodes))
    metrics = tuple(f"m{number}" for number in range(_METRICS))
    return Window(np.arange(ticks, dtype=np.float64), names, metrics, values.astype(np.float32))


def case(seed: int) -> Case:
    """Three nodes, one of them ill; which anomaly goes by the seed."""
    label = Label(f"anomaly{seed % _ANOMALIES}", "n1", 30.0, 59.0)
    return Case(f"case{seed}", window(3, 60, seed, ill=1), 1.0, (label,), group=f"case{seed}")


def main() -> None:
    """Print a line for each size."""
    model = trainer.train([case(seed) for seed in range(4 * _ANOMALIES)], "bench")
    for nodes in _SIZES:
        history = window(nodes, _HISTORY_TICKS, 1, ill=1)
        diagnoser = Diagnoser(model, 1.0)
        took_ms = []
        for end in range(_HISTORY_TICKS - 20, _HISTORY_TICKS + 1):
            so_far = Window(history.times_s[:end], history.nodes, history.metrics, history.values[..., :end])
            # Time of the processor, so that a busy machine does not blur the comparison.
            began_s = time.process_time()
            diagnoser.diagnose(so_far)
            took_ms.append(1000 * (time.process_time() - began_s))
        line = f"{nodes:>5} nodes  median {np.median(took_ms):8.2f} ms CPU  worst {max(took_ms):8.2f} ms"
        sys.stdout.write(f"{line}  budget {_BUDGET_MS[nodes]:.0f} ms\n")


if __name__ == "__main__":
    main()
