"""Sample weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distdiag_core.diagnosis.training.classifier_trainer import balanced_weights


def test_classes_and_cases_within_a_class_weigh_the_same() -> None:
    truth = np.array([True, False, False, False, False])
    known = np.array([True, True, True, True, False])
    weights = balanced_weights(truth, known, np.array([0, 1, 1, 2, 2]))
    assert weights == pytest.approx([2, 0.5, 0.5, 1, 0])


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30))
def test_weights_are_zero_where_unknown_and_balanced_where_both_classes_occur(
    samples: list[tuple[bool, bool, int]],
) -> None:
    truth, known, case = (np.array(column) for column in zip(*samples, strict=True))
    weights = balanced_weights(truth, known, case)
    assert not weights[~known].any()
    if (truth & known).any() and (~truth & known).any():
        assert weights[truth].sum() == pytest.approx(weights[~truth].sum()) == pytest.approx(known.sum() / 2)
