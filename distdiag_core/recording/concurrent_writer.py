"""Writing to a recording beside its recorder, which may still be at work."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY_S = 10.0


@contextmanager
def written(path: Path, what: str) -> Iterator[sqlite3.Connection]:
    """A connection of its own, committed after the body.

    Args:
        what: that is written, in words.

    Raises:
        DataError: it cannot be written.
    """
    try:
        target = f"file:{quote(str(path))}?mode=rw"
        with closing(sqlite3.connect(target, uri=True, timeout=_BUSY_S)) as connection, connection:
            yield connection
    except sqlite3.Error as error:
        raise DataError(
            f"{what} cannot be written: {error}", where=str(path), hint="the file belongs to who made the recording"
        ) from error
