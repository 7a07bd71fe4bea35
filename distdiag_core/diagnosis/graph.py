"""The compound anomaly graph: nodes that move together are near each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array


def weights(windows: Array) -> Array:
    """w_ij = mean over metrics of |Pearson(m_i, m_j)| of windows (N, M, T); symmetric (N, N), zero on the diagonal.

    A metric that stands still or is unknown on one of two nodes says nothing about them and counts as zero.
    """
    moving = ~np.isnan(windows).any(axis=-1, keepdims=True)
    centred = np.where(moving, windows - windows.mean(axis=-1, keepdims=True), 0)
    length = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    # Rounding of large figures that stand still must not look like movement.
    still = length <= 1e-5 * np.abs(np.where(moving, windows, 0)).max(axis=-1, keepdims=True, initial=0)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=~still)
    nodes, metrics, _ = windows.shape
    total = np.zeros((nodes, nodes), dtype=np.float32)
    product = np.empty_like(total)
    for metric in np.flatnonzero(unit.any(axis=(0, 2))):
        of_metric = np.ascontiguousarray(unit[:, metric])
        np.matmul(of_metric, of_metric.T, out=product)
        total += np.abs(product, out=product)
    np.fill_diagonal(total, 0)
    result: Array = np.minimum(total / max(metrics, 1), 1)
    return result
