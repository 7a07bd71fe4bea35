"""A made-up cluster whose anomalies move known metrics, and a model trained on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.dataset.case import Case, Label
from distdiag_core.diagnosis.model.look_alikes import LookAlikes
from distdiag_core.diagnosis.training import trainer
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.model.model import Model

METRICS = ("cpu", "queue", "io", "latency", "rate", "memory", "setting")
NODES = ("n1", "n2", "n3")
# What each anomaly multiplies on the node that has it. Latency and rate suffer on all nodes.
EFFECTS = {"cpu_stress": {"cpu": 4.0, "queue": 6.0}, "io_stress": {"io": 8.0, "queue": 1.5}}
ONSET, END = 30, 60


def make_case(
    seed: int, *labels: tuple[str, str], nodes: tuple[str, ...] = NODES, ticks: int = 90, period_s: float = 1.0
) -> Case:
    """A case in which these (anomaly, node) hold from tick 30 to tick 59; each seed has levels of its own."""
    rng = np.random.default_rng(seed)
    level = np.array([20, 2, 50, 10, 400, 5000 * (1 + seed), 7 + seed], dtype=np.float64)
    level[:5] *= rng.uniform(0.7, 1.4)
    noise = np.array([0.1, 0.2, 0.2, 0.1, 0.05, 0.0005, 0])
    values = level[:, None] * rng.lognormal(0, 1, (len(nodes), len(METRICS), ticks)) ** noise[:, None]
    for anomaly, node in labels:
        for metric, factor in EFFECTS[anomaly].items():
            values[nodes.index(node), METRICS.index(metric), ONSET:END] *= factor
        values[:, METRICS.index("latency"), ONSET:END] *= 5
        values[:, METRICS.index("rate"), ONSET:END] /= 4
    times_s = 1000 + period_s * np.arange(ticks, dtype=np.float64)
    return Case(
        f"case-{seed}",
        Window(times_s, nodes, METRICS, values.astype(np.float32)),
        period_s,
        tuple(Label(anomaly, node, float(times_s[ONSET]), float(times_s[END - 1])) for anomaly, node in labels),
        group=f"group-{seed}",
        source="made up",
    )


def make_cases(first_seed: int) -> tuple[Case, ...]:
    """Each anomaly on each node, and three normal cases."""
    kinds = [(anomaly, node) for anomaly in EFFECTS for node in NODES]
    labelled = [make_case(first_seed + number, kind) for number, kind in enumerate(kinds)]
    return (*labelled, *(make_case(first_seed + 50 + number) for number in range(3)))


@pytest.fixture(scope="session")
def cases() -> tuple[Case, ...]:
    return make_cases(1)


@pytest.fixture(scope="session")
def unseen() -> tuple[Case, ...]:
    return make_cases(100)


@pytest.fixture(scope="session")
def model(cases: tuple[Case, ...]) -> Model:
    return trainer.train(cases, "made-up")


@pytest.fixture(scope="session")
def staged(model: Model) -> Model:
    """The same with a second stage: where reading is above the past it is `io_stress`, else `cpu_stress`."""
    weights = np.array([[4.0, 0, 0], [-4.0, 0, 0]])
    stage = LookAlikes(("io_stress", "cpu_stress"), ("io",), np.zeros(3), np.ones(3), weights, np.array([-2.0, 2.0]))
    return replace(model, look_alikes=stage)


@pytest.fixture
def case_of() -> Callable[..., Case]:
    return make_case
