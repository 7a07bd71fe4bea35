"""The reading end of a recording, also of one that is still being written or whose run was killed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import numpy as np

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics.frame import Frame, Window
from distdiag_core.recording.events import Event
from distdiag_core.recording.schema import APPLICATION_ID, VALUES, VERSION, RecordingMeta
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array

_EVER = (float("-inf"), float("inf"))


class Recording:
    """The recording at `path`, opened for reading; `with` it.

    Times are seconds since the epoch; a slice includes both of its ends.

    Raises:
        DataError: the file is not a recording, has another schema version, or is damaged; so do all methods.
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
        """The recording, which is open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._connection.close()

    def span(self) -> tuple[float, float] | None:
        """The times of the first and the last frame; None where there is none."""
        with self._readable():
            first, last = self._connection.execute("SELECT min(time_s), max(time_s) FROM frame").fetchone()
        return None if first is None else (first, last)

    def frames(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> Iterator[Frame]:
        """The frames of a slice, one by one and in the order of time."""
        sql = "SELECT time_s, late, figures FROM frame WHERE time_s BETWEEN ? AND ? ORDER BY time_s"
        names = tuple(metric.name for metric in self.meta.metrics)
        with self._readable():
            for time_s, late, blob in self._connection.execute(sql, (start_s, end_s)):
                values = self._values(time_s, blob)
                yield Frame(time_s, self.meta.node_names, names, values, frozenset(json.loads(late)))

    def window(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> Window:
        """The frames of a slice as one float32 array, the only one that is made.

        After the clock was set back some times come a second time. The frames of the first time are left out, so that
        neighbours in the window are neighbours in reality.
        """
        with self._one_state():
            times_s = self._times_s(start_s, end_s)
            values = np.empty((len(times_s), len(self.meta.nodes), len(self.meta.metrics)), dtype=np.float32)
            sql = "SELECT time_s, figures FROM frame WHERE time_s BETWEEN ? AND ? ORDER BY time_s"
            place = 0
            for time_s, blob in self._connection.execute(sql, (start_s, end_s)):
                if place < len(times_s) and time_s == times_s[place]:
                    values[place] = self._values(time_s, blob)
                    place += 1
        values = values.transpose(1, 2, 0)
        values.flags.writeable = False
        return Window(times_s, self.meta.node_names, tuple(metric.name for metric in self.meta.metrics), values)

    def events(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> tuple[Event, ...]:
        """The events of a slice, in the order of time."""
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
                "is not a recording", where=str(self.path), hint="or its run was killed before anything was written"
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
        return loader.validate(_without_bad(json.loads(row[0])), RecordingMeta, where=str(self.path))

    def _times_s(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """The times of a slice without those that came again after the clock was set back."""
        # A rowid is the order of writing.
        sql = "SELECT time_s FROM frame WHERE time_s BETWEEN ? AND ? ORDER BY rowid"
        written = np.array([time_s for (time_s,) in self._connection.execute(sql, (start_s, end_s))], dtype=np.float64)
        if not len(written):
            return written
        earliest_since = np.minimum.accumulate(written[::-1])[::-1]
        kept: NDArray[np.float64] = written[written <= earliest_since]
        return kept

    def _values(self, time_s: float, blob: bytes) -> Array:
        shape = (len(self.meta.nodes), len(self.meta.metrics))
        if len(blob) != shape[0] * shape[1] * VALUES.itemsize:
            raise DataError(
                f"the tick at {time_s} has {len(blob)} bytes, which is not {shape[0]} nodes of {shape[1]} metrics",
                where=str(self.path),
                hint="it is damaged",
            )
        values: Array = np.frombuffer(blob, dtype=VALUES).reshape(shape).astype(np.float32, copy=False)
        return values

    @contextmanager
    def _one_state(self) -> Iterator[None]:
        """The body reads one state of a file that may be written meanwhile."""
        with self._readable():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ConfigError, ValueError) as error:
            raise DataError(f"cannot be read: {error}", where=str(self.path), hint="it is damaged") from error


def _without_bad(about: Any) -> Any:  # noqa: ANN401 - what JSON holds, not validated yet
    """The description of a recording without a key of metrics that early recordings have, and nobody reads."""
    metrics = about.get("metrics") if isinstance(about, dict) else None
    for metric in metrics if isinstance(metrics, list) else ():
        if isinstance(metric, dict):
            metric.pop("bad", None)
    return about
