"""The model that ships, on a case of each of the paper's sixteen scenarios, from a campaign that it has not seen.

Other loads (sysbench and TPC-C with more clients), other nodes, severities and order than it was trained on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core import places
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.evaluation.evaluate import evaluate
from distdiag_core.diagnosis.model import model_files
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from distdiag_core.diagnosis.evaluation.summary import Evaluation

SCENARIOS = {f"{category}{number}" for category in "ABCW" for number in range(1, 5)}


@pytest.fixture(scope="module")
def judged() -> Evaluation:
    model = model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT)
    unseen = case_directory.read_all(Path(__file__).parent / "paper16")
    assert not {case.name for case in unseen} & set(model.training.cases)
    return evaluate(model, unseen)


def test_the_root_causes_of_every_category_come_first(judged: Evaluation) -> None:
    assert set(judged.by_scenario) == SCENARIOS
    assert len(judged.by_category) == 4
    assert judged.naming.ac is not None
    assert judged.naming.ac["1"] >= 0.9
    assert judged.naming.ac["5"] >= 0.9


def test_nothing_is_known_before_the_onset(judged: Evaluation) -> None:
    assert judged.placebo_ac1 is not None
    assert judged.chance is not None
    assert judged.placebo_ac1 <= judged.chance + 0.2
