"""Rows of incidents in a recording, and notes and evidence that are added to them, also after the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distdiag_core.recording.concurrent_writer import written
from distdiag_core.recording.schema import Row, clean

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

# The row of an incident is replaced while it grows; its verdicts are added, one at each change.
_PUT_INCIDENT = "INSERT OR REPLACE INTO incident VALUES (?, ?)"
_ADD_VERDICT = "INSERT INTO incident_verdict VALUES (?, ?, ?)"
_ADD_NOTE = "INSERT INTO incident_note VALUES (?, ?, ?, ?)"
# Made when the first one comes, so that recordings of earlier releases take it as well.
_EVIDENCE_TABLE = """CREATE TABLE IF NOT EXISTS incident_evidence (
    incident INTEGER NOT NULL, time_s REAL NOT NULL, author TEXT NOT NULL, data TEXT NOT NULL
)"""
_HAS_EVIDENCE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'incident_evidence'"
_ADD_EVIDENCE = "INSERT INTO incident_evidence VALUES (?, ?, ?, ?)"


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
        evidence: who asked another tool for it, and its plain values, oldest first.
    """

    id: int
    data: Any
    verdicts: tuple[tuple[float, Any], ...] = ()
    notes: tuple[IncidentNote, ...] = ()
    evidence: tuple[tuple[str, Any], ...] = ()


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
    evidence: dict[int, list[tuple[str, Any]]] = {}
    if connection.execute(_HAS_EVIDENCE).fetchone():
        for number, author, data in connection.execute(
            "SELECT incident, author, data FROM incident_evidence ORDER BY rowid"
        ):
            evidence.setdefault(number, []).append((author, json.loads(data)))
    return tuple(
        StoredIncident(
            number,
            json.loads(data),
            tuple(verdicts.get(number, ())),
            tuple(notes.get(number, ())),
            tuple(evidence.get(number, ())),
        )
        for number, data in connection.execute("SELECT id, data FROM incident ORDER BY id").fetchall()
    )


def add_note(path: Path, number: int, note: IncidentNote) -> None:
    """Add a note to an incident of the recording at `path`, which may still be written.

    Raises:
        DataError: it cannot be written.
    """
    with written(path, "the note") as connection:
        connection.execute(_ADD_NOTE, (number, note.time_s, note.author, clean(note.text)))


def add_evidence(path: Path, number: int, time_s: float, author: str, data: dict[str, Any]) -> None:
    """Add evidence of another tool to an incident of the recording at `path`, which may still be written.

    Args:
        time_s: of the wall clock.
        data: plain values.

    Raises:
        DataError: it cannot be written.
    """
    with written(path, "the evidence") as connection:
        connection.execute(_EVIDENCE_TABLE)
        # In ASCII, as which JSON carries also what SQLite would refuse.
        connection.execute(_ADD_EVIDENCE, (number, time_s, author, json.dumps(data)))
