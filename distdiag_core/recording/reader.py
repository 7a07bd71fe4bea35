"""The reading end of a recording: frames and events of a run, also of one that was killed or is still going on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import numpy as np

from distdiag_core import settings
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics.frame import Frame, Window
from distdiag_core.recording.events import Event
from distdiag_core.recording.schema import APPLICATION_ID, FIGURES, VERSION, RecordingMeta

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from distdiag_core.metrics.frame import Array

_EVER = (float("-inf"), float("inf"))


class Recording:
    """The recording at `path`, opened for reading; `with` it.

    Times are seconds since the epoch, and both ends of a stretch belong to it.

    Raises:
        DataError: it is no recording, is of another schema version, or is damaged; so do all methods.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise DataError("there is no such recording", where=str(path))
        with self._readable():
            self._connection = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
        try:
            with self._readable():
                self._check_version()
                self.meta = self._read_meta()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        """It is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._connection.close()

    def span(self) -> tuple[float, float] | None:
        """The first and the last tick; None where there is none."""
        with self._readable():
            first, last = self._connection.execute("SELECT min(time_s), max(time_s) FROM frame").fetchone()
        return None if first is None else (first, last)

    def frames(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> Iterator[Frame]:
        """The ticks of a stretch, one by one and in order."""
        sql = "SELECT time_s, late, figures FROM frame WHERE time_s BETWEEN ? AND ? ORDER BY time_s"
        names = tuple(metric.name for metric in self.meta.metrics)
        with self._readable():
            for time_s, late, figures in self._connection.execute(sql, (start_s, end_s)):
                values = self._values(time_s, figures)
                yield Frame(time_s, self.meta.node_names, names, values, frozenset(json.loads(late)))

    def window(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> Window:
        """The ticks of a stretch as one array."""
        frames = list(self.frames(start_s, end_s))
        names = tuple(metric.name for metric in self.meta.metrics)
        values = np.empty((len(frames), len(self.meta.nodes), len(names)), dtype=np.float32)
        for place, frame in enumerate(frames):
            values[place] = frame.values
        values = values.transpose(1, 2, 0)
        values.flags.writeable = False
        return Window(np.array([frame.time_s for frame in frames]), self.meta.node_names, names, values)

    def events(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> tuple[Event, ...]:
        """What happened in a stretch, in order."""
        sql = """SELECT time_s, kind, text, level, node, data FROM event
            WHERE time_s BETWEEN ? AND ? ORDER BY time_s, rowid"""
        with self._readable():
            rows = self._connection.execute(sql, (start_s, end_s)).fetchall()
            return tuple(
                Event(time_s, kind, text, level, node, json.loads(data))
                for time_s, kind, text, level, node, data in rows
            )

    def _check_version(self) -> None:
        (kind,) = self._connection.execute("PRAGMA application_id").fetchone()
        if kind != APPLICATION_ID:
            raise DataError(
                "is no recording", where=str(self.path), hint="or its run was killed before anything was written"
            )
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise DataError(
                f"has schema version {version}, and this distdiag reads version {VERSION}",
                where=str(self.path),
                hint="read it with the distdiag that wrote it",
            )

    def _read_meta(self) -> RecordingMeta:
        row: tuple[Any] | None = self._connection.execute("SELECT json FROM meta").fetchone()
        if row is None:
            raise DataError("does not say what it is about", where=str(self.path), hint="it is damaged")
        return settings.validate(json.loads(row[0]), RecordingMeta, where=str(self.path))

    def _values(self, time_s: float, figures: bytes) -> Array:
        shape = (len(self.meta.nodes), len(self.meta.metrics))
        if len(figures) != shape[0] * shape[1] * FIGURES.itemsize:
            raise DataError(
                f"the tick at {time_s} has {len(figures)} bytes, which is not {shape[0]} nodes of {shape[1]} metrics",
                where=str(self.path),
                hint="it is damaged",
            )
        values: Array = np.frombuffer(figures, dtype=FIGURES).reshape(shape).astype(np.float32, copy=False)
        return values

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ConfigError, ValueError) as error:
            raise DataError(f"cannot be read: {error}", where=str(self.path), hint="it is damaged") from error
