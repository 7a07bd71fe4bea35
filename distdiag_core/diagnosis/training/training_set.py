"""Windows as one kind of classifier is taught them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.training.augmentation import superpose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.training.dataset_windows import Samples
    from distdiag_core.diagnosis.training.row_store import Rows
    from distdiag_core.metrics.frame import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """S windows of single nodes: rows (S, F), truth (S, L), and the case (S,) of each."""

    rows: Rows
    truth: NDArray[np.int8]
    case: NDArray[np.intp]

    def of(self, chosen: Mask) -> Basis:
        """Some of them."""
        return Basis(self.rows.of(chosen), self.truth[chosen], self.case[chosen])

    def with_pairs(self, seed: int) -> Basis:
        """Also made-up compounds of two."""
        pairs = superpose(self.rows, self.truth, self.case, seed)
        return Basis(
            self.rows.with_more(pairs[0]),
            np.concatenate((self.truth, pairs[1])),
            np.concatenate((self.case, pairs[2])),
        )


def past(cut: Samples) -> Basis:
    """Against the node's own past."""
    return Basis(cut.past, cut.facts.truth, cut.facts.case).of(cut.facts.has_past)


def level(cut: Samples) -> Basis:
    """Against the stored profile."""
    return Basis(cut.level, cut.facts.truth, cut.facts.case)
