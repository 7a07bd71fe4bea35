"""Rows of incidents in a recording, and notes that are added to them, also after the run."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from distdiag_core.errors import DataError
from distdiag_core.recording.schema import Row, clean

if TYPE_CHECKING:
    from pathlib import Path

# The row of an incident is replaced while it grows; its verdicts are added, one at each change.
_PUT_INCIDENT = "INSERT OR REPLACE INTO incident VALUES (?, ?)"
_ADD_VERDICT = "INSERT INTO incident_verdict VALUES (?, ?, ?)"
_ADD_NOTE = "INSERT INTO incident_note VALUES (?, ?, ?, ?)"
_BUSY_S = 10.0


@dataclass(frozen=True, slots=True)
class IncidentNote:
    """A note of an operator; `time_s` is of the wall clock when it was written."""

    time_s: float
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident as it is recorded.

    Attributes:
        data: the incident as plain values.
        verdicts: time and plain values of each, oldest first.
    """

    id: int
    data: Any
    verdicts: tuple[tuple[float, Any], ...] = ()
    notes: tuple[IncidentNote, ...] = ()


def incident_row(number: int, data: dict[str, Any]) -> Row:
    """The row of an incident as it is now."""
    return Row(_PUT_INCIDENT, (number, json.dumps(data)))


def verdict_row(number: int, time_s: float, data: list[Any]) -> Row:
    """The row of the root causes of an incident at a tick."""
    return Row(_ADD_VERDICT, (number, time_s, json.dumps(data)))


def read_incidents(connection: sqlite3.Connection, *, whole: bool = True) -> tuple[StoredIncident, ...]:
    """All incidents, oldest first.

    Args:
        whole: with their verdicts.

    Raises:
        sqlite3.Error, ValueError: the tables are damaged.
    """
    verdicts: dict[int, list[tuple[float, Any]]] = {}
    for number, time_s, data in connection.execute("SELECT * FROM incident_verdict ORDER BY rowid") if whole else ():
        verdicts.setdefault(number, []).append((time_s, json.loads(data)))
    notes: dict[int, list[IncidentNote]] = {}
    for number, *note in connection.execute("SELECT * FROM incident_note ORDER BY rowid"):
        notes.setdefault(number, []).append(IncidentNote(*note))
    return tuple(
        StoredIncident(number, json.loads(data), tuple(verdicts.get(number, ())), tuple(notes.get(number, ())))
        for number, data in connection.execute("SELECT id, data FROM incident ORDER BY id").fetchall()
    )


def add_note(path: Path, number: int, note: IncidentNote) -> None:
    """Add a note to an incident of the recording at `path`, which may still be written.

    Raises:
        DataError: it cannot be written.
    """
    try:
        target = f"file:{quote(str(path))}?mode=rw"
        with closing(sqlite3.connect(target, uri=True, timeout=_BUSY_S)) as connection, connection:
            connection.execute(_ADD_NOTE, (number, note.time_s, note.author, clean(note.text)))
    except sqlite3.Error as error:
        raise DataError(
            f"the note cannot be written: {error}", where=str(path), hint="the file belongs to who made the recording"
        ) from error
