"""The model that ships, on loads that it was not taught: two recordings of the campaign `many-loads`, with other seeds.

Both were made on a machine with much else to do, at low to high severity. `one` is for training, `two` was recorded
afterwards and is kept apart; the model has seen neither.
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


def test_both_recordings_name_all_kinds_between_them(cases: tuple[Case, ...]) -> None:
    other = case_directory.read_all(RECORDINGS / "one")
    assert {case.name for case in cases} != {case.name for case in other}
    known = {anomaly for case in (*cases, *other) for anomaly in (label.anomaly for label in case.labels)}
    assert known == set(model_files.load(places.shipped_config() / "models" / model_registry.DEFAULT).anomalies)
