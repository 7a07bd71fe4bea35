"""Training sets: the windows that classifiers are trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.augmentation import synthesize_pairs
from distdiag_core.diagnosis.training.window_labels import TRUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.backends.training_backend import Rows
    from distdiag_core.metrics.frame import Mask


_SHARE_OF_THE_REST = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """S windows of single nodes: feature rows (S, F), truth (S, L), and the index of the case of each, (S,)."""

    rows: Rows
    truth: NDArray[np.int8]
    case: NDArray[np.intp]

    def select(self, chosen: Mask) -> TrainingSet:
        """The windows where `chosen`, shape (S,), is true."""
        return TrainingSet(self.rows.select(chosen), self.truth[chosen], self.case[chosen])

    def thinned(self, seed: int) -> TrainingSet:
        """All windows with an anomaly and a random half of the rest, which overlap and outnumber them."""
        anomalous = (self.truth == TRUE).any(axis=1)
        return self.select(anomalous | (np.random.default_rng(seed).random(len(anomalous)) < _SHARE_OF_THE_REST))

    def with_pairs(self, seed: int) -> TrainingSet:
        """These windows followed by synthetic compounds of two."""
        rows, truth, case = synthesize_pairs(self.rows, self.truth, self.case, seed)
        return TrainingSet(
            self.rows.with_more(rows), np.concatenate((self.truth, truth)), np.concatenate((self.case, case))
        )
