"""The first minute of a console on a healthy cluster, while its connections are made one after another."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.model import model_files
from distdiag_core.metrics import catalogue as metric_catalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.history import History
from distdiag_core.models import model_registry
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.live_diagnosis import LiveDiagnosis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model

_TICKS = 60
_NEVER = 10**6
_CASES = Path(__file__).parents[1] / "diagnosis"
# Recordings of a healthy cluster.
_READ_ONLY, _TPCC = "lab_cases/normal-ro2-1", "paper16/normal-tpcc3-1"
# From this confidence on the console shows a root cause as real.
_SHOWN_FROM = 0.5
# The tick of the first answer over SSH and of the first one over SQL, of each node.
_ARRIVALS = {
    "SSH, then SQL": ([1, 1, 1], [5, 5, 5]),
    "SQL long after SSH": ([1, 1, 1], [30, 30, 30]),
    "SQL, then SSH": ([6, 6, 6], [1, 1, 1]),
    "one after another": ([1, 8, 16], [4, 12, 30]),
    "one node late": ([1, 20, 1], [2, 20, 2]),
    "SSH of one node late": ([20, 1, 1], [2, 2, 2]),
    "SSH of one node never": ([1, _NEVER, 1], [2, 2, 2]),
    "host alone": ([1, 1, 1], [_NEVER, _NEVER, _NEVER]),
    "SQL alone": ([_NEVER, _NEVER, _NEVER], [1, 1, 1]),
}


@pytest.fixture(scope="module")
def model() -> Model:
    return model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT)


def _frames(case: Case, nodes: Sequence[int], ssh_from: Sequence[int], sql_from: Sequence[int]) -> list[Frame]:
    """The first ticks of a case as a console sees them whose connections arrive at these ticks.

    A counter has no value at the first answer: its rate takes two.
    """
    window, known = case.window, metric_catalogue.load()
    is_host = np.array([name.startswith("host.") for name in window.metrics])
    counts = np.array([(found := known.get(name)) is not None and found.kind == "counter" for name in window.metrics])
    frames = []
    for tick in range(_TICKS):
        values = np.full((len(nodes), len(window.metrics)), np.nan, dtype=np.float32)
        for row, node in enumerate(nodes):
            since = tick - np.where(is_host, ssh_from[node], sql_from[node])
            seen = since >= counts
            values[row, seen] = window.values[node, seen, tick]
        names = tuple(window.nodes[node] for node in nodes)
        frames.append(Frame(float(window.times_s[tick]), names, window.metrics, values))
    return frames


async def _accused(model: Model, case: Case, frames: Sequence[Frame]) -> list[tuple[int, str, str, float]]:
    """The root causes that the console would show as real, each with its tick."""
    found = []
    history = History(frames[0].nodes, frames[0].metrics, 600)
    live = LiveDiagnosis(model, case.period_s, frames[0].metrics, catalogue.load(), Journal())
    try:
        for tick, frame in enumerate(frames):
            history.append(frame)
            await live.on_tick(history.window())
            assert live.newest is not None
            if live.newest.anomalous:
                causes = [cause for cause in live.newest.root_causes if cause.confidence >= _SHOWN_FROM]
                found += [(tick, cause.node, cause.anomaly, cause.confidence) for cause in causes]
    finally:
        live.close()
    return found


@pytest.mark.parametrize(("case", "name"), [*product([_READ_ONLY], _ARRIVALS), (_TPCC, "one node late")])
async def test_nobody_is_accused_while_connections_are_made(model: Model, case: str, name: str) -> None:
    healthy = case_directory.read(_CASES / case)

    assert await _accused(model, healthy, _frames(healthy, range(3), *_ARRIVALS[name])) == []


@pytest.mark.parametrize("name", ["SQL long after SSH", "SQL, then SSH", "host alone", "SQL alone"])
async def test_nor_is_a_node_alone(model: Model, name: str) -> None:
    healthy = case_directory.read(_CASES / _READ_ONLY)

    assert await _accused(model, healthy, _frames(healthy, [0], *_ARRIVALS[name])) == []
