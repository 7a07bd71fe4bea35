"""Databases that are down or hang, and starts in which nothing is wrong, by the model that ships on recorded figures.

The recordings are older than the states of connections, which are added here as they would have been.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
from distdiag_core.diagnosis.model import model_files
from distdiag_core.metrics import connection
from distdiag_core.metrics.frame import Window
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model

RECORDINGS = Path(__file__).parent
ANSWERS, LATE, SILENT, REFUSED, UNKNOWN = 0.0, 1.0, 2.0, 3.0, math.nan
KINDS = {"node_down", "node_hang"}
# In the first recording the load changes thereafter.
TICKS = 25
HEALTHY = ("many_loads/two/normal-ro2-rw5-wo3-1", "many_loads/two/normal-none-1", "many_loads/three/normal-rw5-1")


# The sources that are on, and what is known of their connections; of a host alone a state that always answers is as
# good as none.
STARTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("host.", "sysstat.", "workload."), (connection.SQL, connection.HOST)),
    (("host.", "workload."), ()),
    (("sysstat.", "workload."), (connection.SQL,)),
    (("host.", "sysstat."), ()),
)


@pytest.fixture(scope="module")
def model() -> Model:
    return model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT)


def recorded(name: str) -> Window:
    return case_directory.read(RECORDINGS / name).window


def with_states(
    window: Window, sql: np.ndarray, metrics: tuple[str, ...] = (connection.SQL, connection.HOST)
) -> Window:
    """The window with states of connections; every host answers."""
    states = np.stack((sql, np.zeros_like(sql)), axis=1)[:, : len(metrics)].astype(np.float32)
    values = np.concatenate((window.values, states), axis=1)
    return Window(window.times_s, window.nodes, (*window.metrics, *metrics), values)


def diagnoses(model: Model | None, window: Window, first: int) -> list[Diagnosis]:
    """Those of the ticks from `first` on."""
    diagnoser = ClusterDiagnoser(model, 1.0)
    return [
        diagnoser.diagnose(Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end]))
        for end in range(first, len(window) + 1)
    ]


def named(found: list[Diagnosis]) -> set[tuple[str, str]]:
    """The active root causes of these ticks that are failures of databases."""
    return {
        (cause.node, cause.anomaly)
        for each in found
        for cause in each.root_causes
        if cause.onset_s is not None and cause.anomaly in KINDS
    }


@pytest.mark.parametrize(
    ("case", "place"),
    [
        ("tpc_loads/node_down-n2-high-tpcc5-1", ("n2", "node_down")),
        ("many_loads/two/node_hang-n3-high-updates2-1", ("n3", "node_hang")),
    ],
)
def test_connections_have_the_word_where_they_are_known_and_the_classifiers_elsewhere(
    model: Model, case: str, place: tuple[str, str]
) -> None:
    window = recorded(case)
    node = window.nodes.index(place[0])
    figures = window.values[node, [name.startswith("sysstat.") for name in window.metrics]]
    start = int(np.argmax(np.isnan(figures).all(axis=0)))
    stop = start + 12
    window = Window(window.times_s[:stop], window.nodes, window.metrics, window.values[..., :stop])
    up = np.zeros((len(window.nodes), stop))
    failed = up.copy()
    failed[node, start:] = [LATE, *[REFUSED] * 11] if place[1] == "node_down" else [LATE, LATE, *[SILENT] * 10]
    assert named(diagnoses(model, window, start)) == {place}
    assert named(diagnoses(model, with_states(window, up), start)) == set()
    for with_or_without in (model, None):
        found = diagnoses(with_or_without, with_states(window, failed), start)
        assert named(found) == {place}
        assert not named(found[:1])
        assert found[4].root_causes[0].anomaly == place[1]
        assert "the host answers" in found[-1].root_causes[0].reason
        assert [each.rank for each in found[-1].root_causes] == list(range(1, len(found[-1].root_causes) + 1))


def _start(number: int, window: Window) -> Window:
    """The first ticks of a console on a healthy cluster: its figures come as its connections do."""
    rng = np.random.default_rng(number)
    values = window.values[..., :TICKS].copy()
    sql = np.zeros((len(window.nodes), TICKS))
    sources, watched = STARTS[number // 2 % len(STARTS)]
    for at, name in enumerate(window.metrics):
        if not name.startswith(sources):
            values[:, at] = np.nan
    for node in range(len(window.nodes)):
        # A connection takes up to twelve seconds.
        for prefix in ("host.", "sysstat."):
            late = int(rng.integers(0, 13)) if (node + number) % 2 else 0
            values[node, [name.startswith(prefix) for name in window.metrics], :late] = np.nan
            if prefix == "sysstat.":
                sql[node, :late] = UNKNOWN
    seen = Window(window.times_s[:TICKS], window.nodes, window.metrics, values)
    return with_states(seen, sql, watched)


@pytest.mark.parametrize("number", range(10))
def test_ten_starts_on_a_healthy_cluster_accuse_nobody(model: Model, number: int) -> None:
    seen = _start(number, recorded(HEALTHY[number % len(HEALTHY)]))
    for with_or_without in (model, None):
        assert not any(each.anomalous for each in diagnoses(with_or_without, seen, 1))
