"""A training as a screen shows it: how long each of its steps took."""

from __future__ import annotations

import pytest

from distdiag_core.diagnosis.training.training_options import TrainProgress
from distdiag_tui.views.training_run import TrainingRun


@pytest.mark.parametrize(("failure", "durations_s"), [("", [2.0, 3.0]), ("it was cancelled", [2.0])])
def test_a_step_ends_when_the_next_begins_and_the_last_one_with_a_training_that_succeeds(
    failure: str, durations_s: list[float]
) -> None:
    run = TrainingRun("mine", 9.0)
    for began_s, anomaly in ((10.0, "cpu_stress"), (12.0, "io_stress")):
        run = run.with_progress(TrainProgress("learning", anomaly, 1, 2), began_s)
    assert run.durations_s() == [2.0]
    assert run.ended(15.0, failure).durations_s() == durations_s
