"""The SQLite file of a recording, open for writing. Every method blocks on the disk."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from distdiag_core.recording.schema import APPLICATION_ID, TABLES, VALUES, VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from distdiag_core.recording.schema import RecordingMeta, Row


# A page holds whole rows, and what is left of it is lost: 2.7 KB a tick of three nodes would leave a third of each page
# of 4 KiB, which is what SQLite takes by itself.
_PAGES_BYTES = (4096, 8192, 16_384)
# Of a row beside its figures, and of a page beside its rows.
_OF_ROW_BYTES, _OF_PAGE_BYTES = 40, 12
_LOG_BYTES = 2**22


def page_bytes(figures_bytes: int) -> int:
    """The size of a page by which ticks of so many bytes take the least; the smaller one of equals."""
    row = figures_bytes + _OF_ROW_BYTES
    return min(_PAGES_BYTES, key=lambda page: (round(_bytes_a_row(row, page) / 64), page))


def recording_size(path: Path) -> int:
    """The size of a recording on the disk in bytes, the write-ahead log included.

    Raises:
        OSError: it cannot be looked at, or was removed.
    """
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _bytes_a_row(row: int, page: int) -> float:
    """What a row takes on pages of that size; a longer one has pages of its own."""
    room = page - _OF_PAGE_BYTES
    return page / (room // row) if row <= room else page * -(-row // room)


class RecordingFile:
    """The recording at `path`, created where there is none, else continued.

    Raises:
        sqlite3.Error, OSError: the file cannot be created or opened; so do `write` and `size_bytes`.
    """

    def __init__(self, path: Path, meta: RecordingMeta) -> None:
        # Private to its owner: a recording names the nodes and shows when they are weak.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        # Also where the directory was there before, open to others; the write-ahead log takes the mode of the file.
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            # A killed process loses nothing that was committed; with NORMAL a power cut may take the last ticks.
            page = page_bytes(len(meta.nodes) * len(meta.metrics) * VALUES.itemsize)
            # Nothing happens to a file that has pages already.
            self._connection.execute(f"PRAGMA page_size = {page}")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_BYTES // page}")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._create_tables(meta)
        except BaseException:
            self._connection.close()
            raise

    def write(self, rows: Sequence[Row]) -> None:
        """Commit all `rows`, or none of them."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for row in rows:
                self._connection.execute(row.sql, row.values)
            self._connection.execute("COMMIT")
        except BaseException:
            # After some errors SQLite has rolled back by itself, and says that there is no transaction.
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def size_bytes(self) -> int:
        """The size on the disk, the write-ahead log included.

        Raises:
            FileNotFoundError: the file was removed; rows written since are lost.
        """
        return recording_size(self._path)

    def close(self) -> None:
        """Merge the write-ahead log into the file."""
        self._connection.close()

    def _create_tables(self, meta: RecordingMeta) -> None:
        (found,) = self._connection.execute("PRAGMA application_id").fetchone()
        if found == APPLICATION_ID:
            return
        self._connection.executescript(
            f"BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
        )
        self._connection.execute("INSERT INTO meta VALUES (?)", (meta.to_json(),))
        self._connection.execute("COMMIT")
