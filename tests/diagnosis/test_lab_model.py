"""The model that ships, on cases of the lab that it has not seen: other loads, another order, another hour."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.evaluation.case_diagnosis import diagnose_case
from distdiag_core.diagnosis.evaluation.evaluate import evaluate
from distdiag_core.diagnosis.model import model_files
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from distdiag_core.diagnosis.model.model import Model

CASES = sorted(Path(__file__).parent.joinpath("lab_cases").glob("*/case.yaml"))


@pytest.fixture(scope="module")
def model() -> Model:
    return model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT)


# Delays of medium severity under light load: the detector that needs no training finds the node, no classifier is sure.
UNNAMED = {"network_delay-n1-medium-rw3-1", "network_delay-n3-medium-wo2-1"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_root_cause_comes_first_and_calm_stays_calm(model: Model, path: Path) -> None:
    case = case_directory.read(path.parent)

    verdict = diagnose_case(model, case)

    first = verdict.root_causes[0]
    if not case.labels:
        assert not verdict.anomalous
    elif case.name in UNNAMED:
        assert (first.node, first.anomaly) == (case.labels[0].node, UNKNOWN_ANOMALY)
    else:
        assert [(first.node, first.anomaly)] == [(label.node, label.anomaly) for label in case.labels]


def test_every_case_raises_an_alarm(model: Model) -> None:
    cases = [case_directory.read(path.parent) for path in CASES]
    assert not [case.name for case in cases if case.labels and not diagnose_case(model, case).anomalous]


def test_before_the_onset_it_does_not_know(model: Model) -> None:
    judged = evaluate(model, [case_directory.read(path.parent) for path in CASES])

    assert judged.naming.ac is not None
    assert judged.placebo_ac1 is not None
    assert judged.placebo_ac1 <= 0.5 < judged.naming.ac["1"]


def test_it_knows_what_ships_and_says_how_good_it_was_found(model: Model) -> None:
    from distdiag_core.anomalies import catalogue as anomalies
    from distdiag_core.metrics import catalogue

    status = model_registry.status(model, catalogue.load().names)

    assert status.warning == ""
    assert status.ac1 is not None
    assert set(status.anomalies) == {
        each.name for each in anomalies.load(places.shipped_config() / "anomalies").anomalies
    }
