"""Cases of a cluster that replicates, where one slow node makes all slow: who was hit is told from who suffers.

`galera_cases` holds the first recording of the campaign `galera`, cut short by time: 27 of its 36 cases.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.evaluation import accuracy
from distdiag_core.diagnosis.evaluation.replay import replay
from distdiag_core.models import model_registry
from tests.bench.bench_ranking import node_accuracy

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case

_TPS = "mysql_status.transactions"


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for case in case_directory.read_all(Path(__file__).parent / "galera_cases") if case.labels]


def _share_of_others(case: Case) -> float:
    """The throughput of the nodes that were not hit, during the anomaly, as a share of that before it."""
    (label,) = case.labels
    others = [index for index, node in enumerate(case.window.nodes) if node != label.node]
    tps = case.window.values[others, case.window.metrics.index(_TPS)]
    during = (case.window.times_s >= label.start_s) & (case.window.times_s < label.end_s)
    return float(np.nanmean(tps[:, during]) / np.nanmean(tps[:, case.window.times_s < label.start_s - 3]))


def test_trouble_on_one_node_reaches_the_others(cases: list[Case]) -> None:
    network = [
        case for case in cases if case.labels[0].anomaly in {"network_bandwidth", "network_loss", "network_delay"}
    ]
    assert np.median([_share_of_others(case) for case in network]) < 0.7


def test_every_case_has_the_figures_of_galera(cases: list[Case]) -> None:
    for case in cases:
        for name in ("mysql_status.wsrep_flow_control_paused", "mysql_status.wsrep_recv_queue"):
            assert np.isfinite(case.window.values[:, case.window.metrics.index(name)]).mean() > 0.5, case.name


def test_the_model_that_ships_finds_the_node_that_was_hit(cases: list[Case]) -> None:
    # It learned another recording of the same campaign.
    model = model_registry.load(model_registry.MYSQL)
    replays = [replay(model, case) for case in cases]
    assert node_accuracy(replays) >= 0.95
    found, _ = accuracy.placebo(replays)
    assert found is not None
    assert found <= 0.3
