"""The model that ships, on a recording that it was not taught, made on a machine with much else to do.

`many_loads` holds three recordings of the campaign `many-loads` with other seeds, `tpc_loads` one of `tpc-loads`, and
`look_alikes` one of `look-alikes`. The model was trained on `one`, `three`, `tpc_loads` and `look_alikes`; `two` is
kept apart.
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
    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.summary import Evaluation

RECORDINGS = Path(__file__).parent / "many_loads"
# The names of cases in the model begin with that of their recording.
TAUGHT = {"many1": "many_loads/one", "many3": "many_loads/three", "tpc": "tpc_loads", "alike": "look_alikes"}


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return tuple(case_directory.read_all(RECORDINGS / "two"))


@pytest.fixture(scope="module")
def judged(cases: tuple[Case, ...]) -> Evaluation:
    return evaluate(model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT), cases)


def test_most_root_causes_come_first_under_loads_that_were_not_taught(judged: Evaluation) -> None:
    assert judged.naming.ac is not None
    assert judged.naming.ac["1"] >= 0.8
    assert judged.naming.first_row_right is not None
    assert judged.naming.first_row_right >= 0.6


def test_nothing_is_known_before_the_onset_and_normal_operation_is_calm(judged: Evaluation) -> None:
    assert judged.placebo_ac1 is not None
    assert judged.chance is not None
    assert judged.placebo_ac1 <= judged.chance + 0.1
    assert judged.detection.false_alarms == 0


def test_the_model_was_taught_each_of_the_other_recordings_and_no_case_of_this_one(cases: tuple[Case, ...]) -> None:
    model = model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT)
    taught = {
        f"{prefix}-{case.name}"
        for prefix, directory in TAUGHT.items()
        for case in case_directory.read_all(RECORDINGS.parent / directory)
    }
    assert set(model.training.cases) == taught
    assert not {case.name for case in cases} & set(model.training.cases)
