"""Copies of training windows with a view hidden."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.features.feature_spec import FeatureSpec, Side
from distdiag_core.diagnosis.features.views import View
from distdiag_core.diagnosis.training.hidden_views import hide_views

SPEC = FeatureSpec(("a", "b"), np.ones(2, np.float32), np.zeros(2, np.float32))
ROWS = np.ones((8, 3, len(SPEC.columns())), np.float32)


def test_each_window_keeps_one_of_its_references_on_all_nodes() -> None:
    hidden, without_own = hide_views(ROWS, SPEC.columns())
    for view, lost in ((View.OWN, without_own), (View.LEVEL, ~without_own)):
        columns = [column.view is view and column.side is Side.NODE for column in SPEC.columns()]
        assert (np.isnan(hidden[..., columns]).all(axis=(1, 2)) == lost).all()
        assert (np.isnan(hidden[..., columns]).any(axis=(1, 2)) == lost).all()


def test_half_of_the_windows_lack_their_peers() -> None:
    hidden, _ = hide_views(ROWS, SPEC.columns())
    peers = [column.side is Side.PEERS for column in SPEC.columns()]
    movement = [column.view is View.MOVEMENT and column.side is Side.NODE for column in SPEC.columns()]
    assert np.isnan(hidden[..., peers]).all(axis=(1, 2)).sum() == 4
    assert not np.isnan(hidden[..., movement]).any()


def test_the_windows_themselves_stay() -> None:
    hide_views(ROWS, SPEC.columns())
    assert (ROWS == 1).all()
