"""The reading end of a recording, also of one that is still being written or whose run was killed."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import numpy as np

from distdiag_core.errors import ConfigError, DataError
from distdiag_core.metrics.frame import Frame, Window
from distdiag_core.recording import backfill
from distdiag_core.recording.events import Event
from distdiag_core.recording.schema import APPLICATION_ID, READABLE_VERSIONS, VALUES, VERSION, RecordingMeta
from distdiag_core.recording.stored_incidents import read_incidents
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array
    from distdiag_core.recording.backfill import BackfillValue
    from distdiag_core.recording.stored_incidents import StoredIncident

# So much is read at a time of what is long.
_PART_BYTES = 2**22
_EVER = (float("-inf"), float("inf"))
_TICK = np.dtype([("tick", np.int64), ("time_s", np.float64)])


class Recording:
    """The recording at `path`, opened for reading; `with` it.

    Times are seconds since the epoch on the clock of the run, which only goes forward. A slice includes both ends.

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
                version = self._version()
                # In version 1 the wall clock is the only one.
                self._wall = "time_s" if version == 1 else "wall_s"
                self._has_incidents = version >= 3
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
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def span(self) -> tuple[float, float] | None:
        """The times of the earliest and of the last recorded frame; None where there is none."""
        sql = "SELECT min(time_s), (SELECT time_s FROM frame ORDER BY rowid DESC LIMIT 1) FROM frame"
        with self._readable():
            first, last = self._connection.execute(sql).fetchone()
        return None if first is None else (first, last)

    def require_ticks(self) -> tuple[float, float]:
        """The times of the earliest and of the last recorded frame.

        Raises:
            DataError: there is none.
        """
        if (span := self.span()) is None:
            hint = "its run ended before the first sample, or has just begun"
            raise DataError("holds no tick yet", where=str(self.path), hint=hint)
        return span

    def frames(self, start_s: float = _EVER[0], end_s: float = _EVER[1], *, by_wall: bool = False) -> Iterator[Frame]:
        """The frames of a slice, one by one and in the order of their ticks.

        Args:
            by_wall: the two times are of the wall clock, which somebody may have set during the run.
        """
        columns = f"time_s, {self._wall}, late, figures"
        with self._readable():
            for row in self._slice(columns, start_s, end_s, self._wall if by_wall else "time_s"):
                yield self._frame(*row)

    def ticks(self, after: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The numbers and times of the ticks after a number, without those that `window` leaves out."""
        # All of them come from the index of times alone, which is a hundredth of the file, in the order of their times.
        every, later = "SELECT rowid, time_s FROM frame", "SELECT rowid, time_s FROM frame WHERE rowid > ?"
        with self._readable():
            rows = self._connection.execute(later, (after,)) if after else self._connection.execute(every)
            return _rising(np.sort(np.fromiter(rows, dtype=_TICK), order="tick", kind="stable"))

    def numbered_frames(self, first: int, last: int) -> Iterator[tuple[int, Frame]]:
        """The frames between two numbers of `ticks`, both included, each with its number."""
        columns = f"rowid, time_s, {self._wall}, late, figures"
        rows = "FROM frame WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        with self._readable():
            for tick, *row in self._connection.execute(f"SELECT {columns} {rows}", (first, last)):
                yield tick, self._frame(*row)

    def window(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> Window:
        """The frames of a slice as one float32 array, the only one that is made.

        Their times rise. Where some come a second time, as in recordings of version 1 whose clock was set back, the
        frames of the first time are left out, so that neighbours in the window are neighbours in reality.
        """
        with self._one_state():
            ticks, times_s = _rising(np.fromiter(self._slice("rowid, time_s", start_s, end_s), dtype=_TICK))
            values = np.empty((len(times_s), len(self.meta.nodes), len(self.meta.metrics)), dtype=np.float32)
            place = 0
            for tick, time_s, blob in self._slice("rowid, time_s, figures", start_s, end_s):
                if place < len(ticks) and tick == ticks[place]:
                    values[place] = self._values(time_s, blob)
                    place += 1
        values = values.transpose(1, 2, 0)
        values.flags.writeable = False
        return Window(times_s, self.meta.node_names, tuple(metric.name for metric in self.meta.metrics), values)

    def count_ticks(self, start_s: float, end_s: float) -> int:
        """About how many frames a slice has, without reading them."""
        sql = "SELECT count(*) FROM frame WHERE time_s BETWEEN ? AND ?"
        with self._readable():
            count: int = self._connection.execute(sql, (start_s, end_s)).fetchone()[0]
            return count

    def metric_parts(self, metric: str, start_s: float, end_s: float) -> Iterator[tuple[NDArray[np.float64], Array]]:
        """One metric over a slice, some thousand ticks at a time; nothing where it was not recorded.

        Yields:
            the wall clock of each tick, shape (T,), and the values of all nodes, shape (N, T).
        """
        names = self.meta.catalogue.names
        if metric not in names:
            return
        shape = (-1, len(self.meta.nodes), len(names))
        tick_bytes = shape[1] * shape[2] * VALUES.itemsize
        with self._readable():
            rows = self._slice(f"{self._wall}, figures", start_s, end_s)
            while part := list(islice(rows, max(1, _PART_BYTES // tick_bytes))):
                if any(len(blob) != tick_bytes for _, blob in part):
                    raise DataError(
                        "a tick has too few or too many figures", where=str(self.path), hint="it is damaged"
                    )
                values = np.frombuffer(b"".join(blob for _, blob in part), dtype=VALUES).reshape(shape)
                yield np.array([wall_s for wall_s, _ in part]), values[:, :, names.index(metric)].T

    def backfill(
        self, start_s: float = _EVER[0], end_s: float = _EVER[1], metric: str | None = None
    ) -> tuple[BackfillValue, ...]:
        """The figures of the past that other programs had kept, by their own times; see `recording.backfill`."""
        with self._readable():
            return tuple(backfill.read(self._connection, start_s, end_s, metric))

    def events(self, start_s: float = _EVER[0], end_s: float = _EVER[1]) -> tuple[Event, ...]:
        """The events of a slice, in the order in which they were noted."""
        sql = """SELECT time_s, kind, text, level, node, data FROM event
            WHERE time_s BETWEEN ? AND ? ORDER BY rowid"""
        with self._readable():
            rows = self._connection.execute(sql, (start_s, end_s)).fetchall()
            return tuple(map(self._event, rows))

    def incidents(self, *, whole: bool = True) -> tuple[StoredIncident, ...]:
        """The incidents, oldest first; early recordings have none.

        Args:
            whole: with their verdicts, of which there may be one for each tick.
        """
        if not self._has_incidents:
            return ()
        with self._one_state():
            return read_incidents(self._connection, whole=whole)

    def wall_offset_s(self, time_s: float) -> float:
        """The wall clock minus the clock of the run at a time, as of the last frame before it."""
        sql = f"SELECT {self._wall} - time_s FROM frame WHERE time_s <= ? ORDER BY time_s DESC LIMIT 1"  # noqa: S608 - a column
        with self._readable():
            row: tuple[float] | None = self._connection.execute(sql, (time_s,)).fetchone()
        return row[0] if row is not None else 0.0

    def _slice(self, columns: str, start_s: float, end_s: float, clock: str = "time_s") -> Iterator[tuple[Any, ...]]:
        """The `columns` of the frames of a slice, in the order of their ticks, which are the rowids."""
        sql = f"SELECT min(rowid), max(rowid) FROM frame WHERE {clock} BETWEEN ? AND ?"  # noqa: S608 - a column
        ends = self._connection.execute(sql, (start_s, end_s)).fetchone()
        # By the ticks and not by the index of times, whose rows SQLite would sort together with their figures.
        rows = f"FROM frame WHERE rowid BETWEEN ? AND ? AND +{clock} BETWEEN ? AND ? ORDER BY rowid"
        return self._connection.execute(f"SELECT {columns} {rows}", (*ends, start_s, end_s))

    def _version(self) -> int:
        (kind,) = self._connection.execute("PRAGMA application_id").fetchone()
        if kind != APPLICATION_ID:
            raise DataError(
                "is not a recording", where=str(self.path), hint="or its run was killed before anything was written"
            )
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in READABLE_VERSIONS:
            raise DataError(
                f"has schema version {version}, and this distdiag reads versions up to {VERSION}",
                where=str(self.path),
                hint="read it with the distdiag that wrote it",
            )
        return version

    def _read_meta(self) -> RecordingMeta:
        row: tuple[Any] | None = self._connection.execute("SELECT json FROM meta").fetchone()
        if row is None:
            raise DataError("does not say what it is about", where=str(self.path), hint="it is damaged")
        found = _without_bad(json_document.plain(row[0], where=str(self.path)))
        return json_document.checked(found, RecordingMeta, where=str(self.path))

    def _frame(self, time_s: float, wall_s: float, late: str, blob: bytes) -> Frame:
        names = self.meta.catalogue.names
        values = self._values(time_s, blob)
        return Frame(time_s, self.meta.node_names, names, values, self._late(late), wall_s - time_s)

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

    def _late(self, text: str) -> frozenset[str]:
        return frozenset(json_document.parse(text, tuple[str, ...], where=str(self.path)))

    def _event(self, row: tuple[Any, ...]) -> Event:
        time_s, kind, text, level, node, data = row
        return Event(time_s, kind, text, level, node, json_document.parse(data, dict[str, Any], where=str(self.path)))

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
        except (sqlite3.Error, ConfigError, ValueError, TypeError, OverflowError) as error:
            # Errors of Python's own, as of a closed connection, have no code.
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise DataError("is not a recording", where=str(self.path)) from error
            raise DataError(f"cannot be read: {error}", where=str(self.path), hint="it is damaged") from error


def _rising(rows: NDArray[np.void]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The numbers and times of ticks without those after which an earlier or the same time came again."""
    ticks, times_s = rows["tick"].copy(), rows["time_s"].copy()
    earliest_after = np.append(np.minimum.accumulate(times_s[::-1])[::-1][1:], np.inf)[: len(rows)]
    kept = times_s < earliest_after
    return ticks[kept], times_s[kept]


def _without_bad(about: Any) -> Any:  # noqa: ANN401 - what JSON holds, not validated yet
    """The description of a recording without a key of metrics that early recordings have, and nobody reads."""
    metrics = about.get("metrics") if isinstance(about, dict) else None
    for metric in metrics if isinstance(metrics, list) else ():
        if isinstance(metric, dict):
            metric.pop("bad", None)
    return about
