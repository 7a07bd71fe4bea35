"""Rows in memory."""

from __future__ import annotations

import numpy as np

from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRowStore


def test_rows_keep_their_order() -> None:
    store = MemoryRowStore()
    for start in (0, 2):
        store.add(np.arange(start, start + 2, dtype=np.float32)[:, None])
    rows = store.rows()
    assert len(rows) == 4
    assert rows.at(np.array([3, 0]))[:, 0].tolist() == [3, 0]
    chosen = rows.select(np.array([True, False, True, False])).with_more(np.array([[9]], dtype=np.float32))
    assert next(chosen.parts())[:, 0].tolist() == [0, 2, 9]
