"""States of the connections by which a node is watched, as metrics: `connection.host` and `connection.sql`."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

# The first part of the names of these metrics; no source of a cluster file is called so.
SOURCE = "connection"
# The unit of these metrics, whose figures are words.
UNIT = "state"

Connection = Literal["host", "sql"]
HOST, SQL = "connection.host", "connection.sql"
METRICS = frozenset({HOST, SQL})


class ConnectionState(IntEnum):
    """The state of one connection at a tick; a frame has NaN while it is being made, and where nobody can tell."""

    ANSWERS = 0
    """It has answered in time, be it by an error."""
    LATE = 1
    """An answer has been awaited for no longer than two and a half seconds."""
    SILENT = 2
    """No answer for longer, by a connection that has answered before."""
    REFUSED = 3
    """The host says that nothing listens there."""


def word(state: float) -> str:
    """The word for a state; for a mean of several, that of the nearest."""
    nearest = min(max(round(state), min(ConnectionState)), max(ConnectionState))
    return ConnectionState(nearest).name.lower()
