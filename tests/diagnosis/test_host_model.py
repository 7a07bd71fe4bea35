"""The model of hosts that ships, with what node_exporter has of cases of the lab that it has not seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.evaluation.case_diagnosis import diagnose_case
from distdiag_core.diagnosis.model import model_files
from distdiag_core.metrics.frame import Window
from distdiag_core.metrics.sources.prometheus import query_files
from distdiag_core.models import model_registry

CASES = Path(__file__).parent / "lab_cases"
# How long a node is without figures in a case of normal operation.
_GONE_TICKS = 20


def _window(name: str) -> Window:
    read = {metric.name for metric in query_files.metrics_of(("node_exporter",))}
    return case_directory.read(CASES / name).window.with_metrics(read)


# Not cpu_stress-n2-high-rw3-1: one of the three in nine whose confidence stays below the threshold without figures of
# the database.
@pytest.mark.parametrize(
    ("name", "node", "anomaly"),
    [
        ("io_stress-n1-medium-rw3-1", "n1", "io_stress"),
        ("io_stress-n3-medium-wo2-1", "n3", "io_stress"),
    ],
)
def test_anomalies_of_hosts_are_named_without_figures_of_the_database(name: str, node: str, anomaly: str) -> None:
    model = model_files.load(places.shipped_config() / "models" / model_registry.HOST_ALONE)
    case = replace(case_directory.read(CASES / name), window=_window(name))

    found = diagnose_case(model, case)

    assert found.anomalous
    assert (found.root_causes[0].node, found.root_causes[0].anomaly) == (node, anomaly)


def test_a_node_of_which_nothing_is_read_any_more_accuses_nobody() -> None:
    model = model_files.load(places.shipped_config() / "models" / model_registry.HOST_ALONE)
    (name,) = (path.name for path in CASES.iterdir() if path.name.startswith("normal"))
    window = _window(name)
    values = window.values.copy()
    values[0, :, -_GONE_TICKS:] = np.nan
    case = replace(
        case_directory.read(CASES / name), window=Window(window.times_s, window.nodes, window.metrics, values)
    )

    assert not diagnose_case(model, case).anomalous
