"""Backfill: figures of the past that another program has kept, beside the frames of a recording.

They lie in a table of their own, each with its source and its own time by the wall clock of its node, so that no reader
of frames takes one for a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.recording.concurrent_writer import written

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Made when the first one comes, so that recordings of earlier releases take it as well.
_TABLE = """CREATE TABLE IF NOT EXISTS backfill (
    source TEXT NOT NULL, metric TEXT NOT NULL, node TEXT NOT NULL, time_s REAL NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (source, metric, node, time_s)
) WITHOUT ROWID"""
_HAS_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'backfill'"
_ADD = "INSERT OR IGNORE INTO backfill VALUES (?, ?, ?, ?, ?)"
# The recorder waits for one transaction, not for a day of figures.
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class BackfillValue:
    """One figure of the past.

    Attributes:
        source: as the cluster file names it.
        time_s: the end of the stretch that the value is of, by the wall clock of the node.
    """

    source: str
    metric: str
    node: str
    time_s: float
    value: float


def add(path: Path, values: Sequence[BackfillValue]) -> int:
    """Add figures to the recording at `path`, which may still be written; those it has are left. How many were new.

    Raises:
        DataError: they cannot be written; those before may be.
    """
    new = 0
    for start in range(0, len(values), _AT_ONCE):
        with written(path, "the figures of the past") as connection:
            connection.execute(_TABLE)
            before = connection.total_changes
            part = values[start : start + _AT_ONCE]
            rows = [(each.source, each.metric, each.node, each.time_s, each.value) for each in part]
            connection.executemany(_ADD, rows)
            new += connection.total_changes - before
    return new


def read(
    connection: sqlite3.Connection, start_s: float, end_s: float, metric: str | None = None
) -> Iterator[BackfillValue]:
    """The figures of a slice by metric, node and time; of every metric without one."""
    if connection.execute(_HAS_TABLE).fetchone() is None:
        return
    rows = connection.execute(
        "SELECT source, metric, node, time_s, value FROM backfill WHERE time_s BETWEEN ? AND ? "
        "AND (? IS NULL OR metric = ?) ORDER BY source, metric, node, time_s",
        (start_s, end_s, metric, metric),
    )
    for row in rows:
        yield BackfillValue(*row)
