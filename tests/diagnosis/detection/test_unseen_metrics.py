"""Missing values are evidence only where there were values before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.diagnosis.detection.scoring import score
from distdiag_core.diagnosis.model import model_files

if TYPE_CHECKING:
    from distdiag_core.diagnosis.detection.scoring import Scores
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Mask

NODES, WINDOW = 3, 10


@pytest.fixture(scope="module")
def model() -> Model:
    return model_files.load(Path(places.shipped_config()) / "models" / "lab")


def _at_profile(model: Model) -> tuple[Array, Array]:
    """Three nodes that stand at the profile of the model, now and before."""
    profile = np.nan_to_num(model.features.profile)
    baseline = np.tile(profile, (NODES, 1)).astype(np.float32)
    return np.repeat(baseline[..., None], WINDOW, axis=2), baseline


def _is_sql(model: Model) -> Mask:
    return np.array([not name.startswith(("host.", "workload.")) for name in model.features.metrics])


def _assert_as_before(found: Scores, before: Array) -> None:
    """What can be told is told as before, and the rest is not told at all."""
    np.testing.assert_allclose(found.confidence, np.where(found.lacking, 0, before), atol=1e-5)


def test_a_source_that_is_off_accuses_nobody(model: Model) -> None:
    windows, baseline = _at_profile(model)
    whole = score(model, windows, baseline).confidence
    windows[:, _is_sql(model)] = np.nan
    baseline[:, _is_sql(model)] = np.nan

    found = score(model, windows, baseline)

    assert found.lacking.any()
    _assert_as_before(found, whole)


def test_a_connection_that_is_still_being_made_accuses_nobody(model: Model) -> None:
    windows, baseline = _at_profile(model)
    baseline[:] = np.nan
    whole = score(model, windows, baseline)
    windows[0, _is_sql(model)] = np.nan

    connecting = score(model, windows, baseline)

    assert not connecting.has_past.any()
    _assert_as_before(connecting, whole.confidence)


def test_values_that_go_missing_are_evidence(model: Model) -> None:
    windows, baseline = _at_profile(model)
    whole = score(model, windows, baseline).confidence
    windows[1, _is_sql(model)] = np.nan

    gone = score(model, windows, baseline).confidence

    assert np.abs(gone[1] - whole[1]).max() > 0.1


def test_a_source_that_joins_later_accuses_nobody(model: Model) -> None:
    windows, baseline = _at_profile(model)
    whole = score(model, windows, baseline).confidence
    baseline[:, _is_sql(model)] = np.nan
    windows[:, _is_sql(model), :4] = np.nan

    joining = score(model, windows, baseline)

    assert joining.has_past.all()
    _assert_as_before(joining, whole)


@pytest.mark.parametrize("unseen", [1, WINDOW - 1])
def test_the_first_values_of_a_node_count_as_if_they_had_been_there_before(model: Model, unseen: int) -> None:
    windows, baseline = _at_profile(model)
    baseline[:] = np.nan
    whole = score(model, windows, baseline).confidence
    windows[:, _is_sql(model), :unseen] = np.nan

    np.testing.assert_allclose(score(model, windows, baseline).confidence, whole, atol=1e-5)


def test_values_that_go_missing_on_a_node_without_a_past_are_evidence(model: Model) -> None:
    windows, baseline = _at_profile(model)
    baseline[:] = np.nan
    whole = score(model, windows, baseline).confidence
    windows[1, _is_sql(model), WINDOW // 2 :] = np.nan

    assert np.abs(score(model, windows, baseline).confidence[1] - whole[1]).max() > 0.1
