"""The layout of a recording, which is an SQLite file: its tables, and how a frame or an event becomes a row."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core import __version__
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.recording.events import Event

# Both stand in the file's header: what it is, and its layout. Every change of the tables is a new version.
APPLICATION_ID = 0x64646961
VERSION = 1

TABLES = """
    CREATE TABLE meta (json TEXT NOT NULL);
    CREATE TABLE frame (time_s REAL PRIMARY KEY, late TEXT NOT NULL, figures BLOB NOT NULL);
    CREATE TABLE event (
        time_s REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, level TEXT NOT NULL, node TEXT, data TEXT NOT NULL
    );
    CREATE INDEX event_time ON event (time_s);
"""

# Little-endian on every machine, so that a recording can be read on another one.
FIGURES = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class RecordedNode:
    """A node as the recording knows it."""

    name: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class RecordingMeta:
    """What a recording is about; a frame's figures are rows of `nodes` and columns of `metrics`.

    Attributes:
        started_s: seconds since the epoch.
        program: the version of distdiag that wrote it.
    """

    cluster: str
    nodes: tuple[RecordedNode, ...]
    metrics: tuple[Metric, ...]
    interval_s: float
    started_s: float
    program: str = __version__

    @classmethod
    def of(cls, settings: ClusterSettings, catalogue: MetricCatalogue, started_s: float) -> RecordingMeta:
        """Of a run on the cluster `settings` that collects the metrics of `catalogue`."""
        nodes = tuple(RecordedNode(node.name, node.zone) for node in settings.nodes)
        return cls(settings.name, nodes, catalogue.metrics, settings.interval_s, started_s)

    @property
    def node_names(self) -> tuple[str, ...]:
        """The rows of a frame."""
        return tuple(node.name for node in self.nodes)

    @property
    def catalogue(self) -> MetricCatalogue:
        """The metrics as they were defined when this was recorded."""
        return MetricCatalogue(self.metrics)

    def to_json(self) -> str:
        """As it stands in the table `meta`."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Row:
    """One statement that puts one thing into a recording."""

    sql: str
    values: tuple[float | str | bytes | None, ...]


# A clock that was set back gives a tick a second time; the newer one is kept.
_INSERT_FRAME = "INSERT OR REPLACE INTO frame VALUES (?, ?, ?)"
_INSERT_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)"


def frame_row(frame: Frame) -> Row:
    """The row of one tick."""
    figures = np.ascontiguousarray(frame.values, dtype=FIGURES).tobytes()
    return Row(_INSERT_FRAME, (frame.time_s, json.dumps(sorted(frame.late)), figures))


def event_row(event: Event) -> Row:
    """The row of one event; what JSON cannot carry of its data is written as text."""
    data = json.dumps(event.data, default=str)
    return Row(_INSERT_EVENT, (event.time_s, event.kind, _clean(event.text), event.level, event.node, data))


def _clean(text: str) -> str:
    # Bytes of a node's answer that were no UTF-8 come as lone surrogates, which no file can hold.
    return text.encode("utf-8", "backslashreplace").decode()
