"""Prints what training costs: 10,000 windows of 100 metrics with five anomalies; to be run as a program."""

from __future__ import annotations

import sys
import time

import numpy as np

from distdiag_core.dataset.case import Case, Label
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.metrics.frame import Window

_METRICS, _TICKS, _ONSET, _END = 100, 100, 40, 70
_ANOMALIES, _NODES, _CASES = 5, 3, 73
_BUDGET_S = 60


def case(seed: int) -> Case:
    """Noise around a level of each metric; while it lasts, the anomaly triples a tenth of those of one node."""
    rng = np.random.default_rng(seed)
    levels = 10 + 90 * np.arange(_METRICS)[None, :, None] / _METRICS
    values = levels * rng.lognormal(0, 0.1, (_NODES, _METRICS, _TICKS))
    ill, anomaly = seed % _NODES, seed % _ANOMALIES
    values[ill, anomaly::10, _ONSET:_END] *= 3
    nodes = tuple(f"n{number}" for number in range(_NODES))
    metrics = tuple(f"m{number}" for number in range(_METRICS))
    window = Window(np.arange(_TICKS, dtype=np.float64), nodes, metrics, values.astype(np.float32))
    label = Label(f"anomaly{anomaly}", nodes[ill], float(_ONSET), float(_END - 1))
    return Case(f"case{seed}", window, 1.0, (label,), group=f"case{seed}")


def main() -> None:
    """Print a line with and without calibration."""
    cases = [case(seed) for seed in range(_CASES)]
    for calibrate in (False, True):
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        model = trainer.train(cases, "bench", TrainOptions(calibrate=calibrate))
        took_s, took_cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
        how = "calibrated" if calibrate else "plain"
        sys.stdout.write(
            f"{model.training.windows} windows, {_METRICS} metrics, {_ANOMALIES} anomalies, {how:<10} "
            f"{took_s:6.1f} s, {took_cpu_s:6.1f} s CPU, budget {_BUDGET_S} s\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
