"""The compound anomaly graph: nodes that move together are near each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

# So many rows of the matrix at a time stay in the processor's cache while all metrics are added up.
_BLOCK = 64
# Rounding of large figures that stand still must not look like movement.
_STILL = 1e-5


def weights(windows: Array) -> Array:
    """w_ij = mean over metrics of |Pearson(m_i, m_j)| of windows (N, M, T); symmetric (N, N), zero on the diagonal.

    A metric that stands still or is unknown on one of two nodes says nothing about them and counts as zero.
    """
    nodes, metrics, _ = windows.shape
    unit = _unit(windows)
    moving = np.ascontiguousarray(np.moveaxis(unit[:, unit.any(axis=(0, 2))], 1, 0))  # (metrics, N, T)
    total = np.zeros((nodes, nodes), dtype=np.float32)
    for start in range(0, nodes, _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = np.zeros((len(total[rows]), nodes - start), dtype=np.float32)
        product = np.empty_like(block)
        for metric in moving:
            np.matmul(metric[rows], metric[start:].T, out=product)
            block += np.abs(product, out=product)
        total[rows, start:] = block
        total[start:, rows] = block.T
    np.fill_diagonal(total, 0)
    result: Array = np.minimum(total / max(metrics, 1), 1)
    return result


def _unit(windows: Array) -> Array:
    """Centred and of length one along time, so that products are correlations; zero where nothing moves."""
    known = ~np.isnan(windows).any(axis=-1, keepdims=True)
    figures = np.where(known, windows, 0)
    centred = figures - figures.mean(axis=-1, keepdims=True)
    length = np.sqrt(np.einsum("nmt,nmt->nm", centred, centred))[..., None]
    still = length <= _STILL * np.abs(figures).max(axis=-1, keepdims=True, initial=0)
    unit: Array = np.divide(centred, length, out=np.zeros_like(centred), where=~still)
    return unit
