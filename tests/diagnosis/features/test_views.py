"""Views of a window: against the past, against the profile, and by itself."""

from __future__ import annotations

import numpy as np
import pytest

from distdiag_core.diagnosis.features.views import COLUMNS, View, views
from distdiag_core.diagnosis.features.window_statistics import window_statistics

_WINDOW = np.array([[[3, 3, 3, 3, 3, 3]]], dtype=np.float32)


def _views(baseline: float, profile: float) -> dict[View, list[float]]:
    row = views(window_statistics(_WINDOW), np.full((1, 1), baseline, np.float32), np.full(1, profile, np.float32))
    found: dict[View, list[float]] = {}
    for (view, _), value in zip(COLUMNS, row[0, 0].tolist(), strict=True):
        found.setdefault(view, []).append(value)
    return found


def test_the_past_and_the_profile_are_references_of_their_own() -> None:
    found = _views(1, 5)
    assert found[View.OWN] == pytest.approx([2, 2, 2])
    assert found[View.LEVEL] == pytest.approx([-2, -2, -2])
    assert found[View.MOVEMENT] == pytest.approx([0, 0])


def test_without_a_past_the_other_views_remain() -> None:
    found = _views(np.nan, 5)
    assert np.isnan(found[View.OWN]).all()
    assert not np.isnan(found[View.LEVEL] + found[View.MOVEMENT]).any()
