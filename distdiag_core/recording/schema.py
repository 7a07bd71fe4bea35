"""The layout of a recording: the tables of the SQLite file, and the row of a frame and of an event."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Gt, Le
from pydantic import Strict

from distdiag_core import __version__
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.settings.json_document import TimeS  # noqa: TC001 - read from a file as well

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.recording.events import Event

# Both stand in the header of the file. Every change of these tables is a new version; one more, which is made when its
# first row comes (`stored_incidents`), is none.
APPLICATION_ID = 0x64646961
VERSION = 3
# The first one has no ticks: its frames are in the order of their rowids, and their times are of the wall clock.
# The second one has no incidents.
READABLE_VERSIONS = (1, 2, VERSION)

TABLES = """
    CREATE TABLE meta (json TEXT NOT NULL);
    CREATE TABLE frame (
        tick INTEGER PRIMARY KEY, time_s REAL NOT NULL, wall_s REAL NOT NULL, late TEXT NOT NULL, figures BLOB NOT NULL
    );
    CREATE INDEX frame_time ON frame (time_s);
    CREATE TABLE event (
        time_s REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, level TEXT NOT NULL, node TEXT, data TEXT NOT NULL
    );
    CREATE INDEX event_time ON event (time_s);
    CREATE TABLE incident (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE incident_verdict (incident INTEGER NOT NULL, time_s REAL NOT NULL, data TEXT NOT NULL);
    CREATE TABLE incident_note (
        incident INTEGER NOT NULL, time_s REAL NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL
    );
"""

# Little-endian on every machine, so that a recording can be read on another one.
VALUES = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class RecordedNode:
    """The name and the zone of a recorded node."""

    name: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class RecordingMeta:
    """The subject of a recording; a frame has a row for each of `nodes` and a column for each of `metrics`.

    Attributes:
        started_s: seconds since the epoch.
        program: the version of distdiag that wrote it.
    """

    cluster: str
    nodes: tuple[RecordedNode, ...]
    metrics: tuple[Metric, ...]
    interval_s: Annotated[float, Strict(), Gt(0), Le(1e9)]
    started_s: TimeS
    program: str = __version__

    @classmethod
    def of(cls, settings: ClusterSettings, catalogue: MetricCatalogue, started_s: float) -> RecordingMeta:
        """The meta of a run on the cluster `settings` that samples the metrics of `catalogue`."""
        nodes = tuple(RecordedNode(node.name, node.zone) for node in settings.nodes)
        return cls(settings.name, nodes, catalogue.metrics, settings.interval_s, started_s)

    @property
    def node_names(self) -> tuple[str, ...]:
        """The names of the rows of a frame."""
        return tuple(node.name for node in self.nodes)

    @property
    def catalogue(self) -> MetricCatalogue:
        """The metrics as they were defined when the recording was made."""
        return MetricCatalogue(self.metrics)

    def to_json(self) -> str:
        """The JSON text in the table `meta`."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Row:
    """One SQL statement with its values, which writes a part of a recording."""

    sql: str
    values: tuple[float | str | bytes | None, ...]


# SQLite counts the ticks: each is one more than the last in the file, also after the file was opened again.
_INSERT_FRAME = "INSERT INTO frame VALUES (NULL, ?, ?, ?, ?)"
_INSERT_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)"


def frame_row(frame: Frame) -> Row:
    """The row of one frame."""
    values = np.ascontiguousarray(frame.values, dtype=VALUES).tobytes()
    return Row(_INSERT_FRAME, (frame.time_s, frame.wall_s, json.dumps(sorted(frame.late)), values))


def event_row(event: Event) -> Row:
    """The row of one event; data that JSON cannot carry is written as text."""
    data = json.dumps(event.data, default=str)
    return Row(_INSERT_EVENT, (event.time_s, event.kind, clean(event.text), event.level, event.node, data))


def clean(text: str) -> str:
    """The text as SQLite can hold it."""
    # Bytes of a node's answer that are not UTF-8 come as lone surrogates, which UTF-8 cannot encode.
    return text.encode("utf-8", "backslashreplace").decode()
