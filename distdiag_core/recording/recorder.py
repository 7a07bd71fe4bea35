"""The writing end of a recording, in a thread of its own: a slow or full disk never delays a tick."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from distdiag_core import places
from distdiag_core.errors import DataError
from distdiag_core.logs import unwritten
from distdiag_core.metrics import clock
from distdiag_core.recording.backlog import Backlog
from distdiag_core.recording.events import Event
from distdiag_core.recording.recording_file import RecordingFile
from distdiag_core.recording.recording_status import RecordingStatus
from distdiag_core.recording.retention import SUFFIX, prune
from distdiag_core.recording.schema import RecordingMeta, event_row, frame_row
from distdiag_core.recording.stored_incidents import incident_row, verdict_row

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue
    from distdiag_core.metrics.frame import Frame

# Five minutes of ticks, also during an incident: a disk that is full for less than that costs nothing; at most 25 MB
# with 100 nodes of 100 metrics.
_WAITING_ROWS = 600
# One commit takes milliseconds; a disk that takes this long does not keep up.
_SLOW_S = 3.0
_CLOSE_S = 5.0
_FLUSH_S = 10.0


class Recorder:
    """The recording of one run on one cluster, written for as long as the context lasts.

    A row that cannot be written waits and is written later; one that has waited too long is lost, and an event in the
    recording counts the lost ones.

    Args:
        catalogue: the columns of the frames.
        directory: where the file is created; by default the directory of recordings, from which old ones are removed.
        needed: recordings that must not be removed, because cases are yet to be built from them.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        catalogue: MetricCatalogue,
        directory: Path | None = None,
        needed: Collection[Path] = (),
    ) -> None:
        self._meta = RecordingMeta.of(settings, catalogue, clock.now_s())
        self._path = (directory or places.recordings_dir()) / _file_name(self._meta)
        self._prunes = directory is None
        self._needed = {self._path, *needed}
        self._shape = (len(settings.nodes), len(catalogue.metrics))
        self._backlog = Backlog(_WAITING_ROWS)
        self._file: RecordingFile | None = None
        self._size_bytes = 0
        self._problem = ""
        self._failing_since_s = 0.0
        self._writing_since_s: float | None = None
        self._thread = threading.Thread(target=self._write_all, name="distdiag-recorder", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the rows that are left; wait for a disk that hangs a few seconds at most."""
        self._backlog.close()
        self._thread.join(_CLOSE_S)

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def status(self) -> RecordingStatus:
        """The size of the file, and why rows wait."""
        problem, since_s = self._problem, self._writing_since_s
        if not problem and since_s is not None and time.monotonic() - since_s > _SLOW_S:
            problem = f"the disk is slow: {len(self._backlog)} ticks and events wait to be written"
        if problem and (lost := self._backlog.lost):
            problem = f"{problem}; {lost} ticks and events are lost"
        return RecordingStatus(str(self._path), self._meta.started_s, self._size_bytes, problem)

    def frame(self, frame: Frame) -> None:
        """Record one tick; it returns at once."""
        if frame.values.shape != self._shape:
            raise ValueError(f"a frame of shape {frame.values.shape} in a recording of shape {self._shape}")
        self._backlog.put(frame_row(frame))

    def event(self, event: Event) -> None:
        """Record one event; it returns at once."""
        self._backlog.put(event_row(event))

    def incident(self, number: int, data: dict[str, Any]) -> None:
        """Record an incident as it is now, in place of what was recorded of it before; it returns at once."""
        self._backlog.put(incident_row(number, data))

    def verdict(self, number: int, time_s: float, data: list[Any]) -> None:
        """Record the root causes of an incident at a tick; it returns at once."""
        self._backlog.put(verdict_row(number, time_s, data))

    def flush(self, timeout_s: float = _FLUSH_S) -> None:
        """Wait until all that was recorded before this call is on the disk, or was lost. Blocks.

        Raises:
            DataError: it is not within `timeout_s`.
        """
        if not self._backlog.wait_written(timeout_s):
            problem = self.status().problem or "the disk is slow"
            raise DataError(f"not all of it is on the disk yet: {problem}", where=str(self._path))

    def _write_all(self) -> None:
        if self._prunes:
            self._remove_old()
        last = False
        while not last:
            rows, last = self._backlog.take()
            self._writing_since_s = time.monotonic()
            try:
                self._file = self._file or RecordingFile(self._path, self._meta)
                self._file.write(rows)
                rows = []
                self._size_bytes = self._file.size_bytes()
            except (sqlite3.Error, OSError) as error:
                self._backlog.put_back(rows)
                self._fail(error)
            else:
                self._backlog.mark_written()
                self._recover()
            self._writing_since_s = None
        self._close_store()

    def _remove_old(self) -> None:
        try:
            prune(self._path.parent, keep=self._needed)
        except (DataError, OSError) as error:
            self.event(Event(clock.now_s(), "error", f"old recordings cannot be removed: {error}", "warning"))

    def _fail(self, error: sqlite3.Error | OSError) -> None:
        began = not self._problem
        if began:
            self._failing_since_s = clock.now_s()
        self._problem = f"nothing can be written to {self._path.parent}: {_explain(error)}"
        if began:
            unwritten.warning("%s; the recording of this run is incomplete", self._problem)
        # The next attempt opens it again: the file may be gone, or the connection broken.
        self._close_store()

    def _recover(self) -> None:
        if not self._problem:
            return
        stopped_s = clock.now_s() - self._failing_since_s
        text = f"the recording goes on after {stopped_s:.0f} s; {self._problem}"
        lost = self._backlog.forget_lost()
        self._problem = ""
        self.event(Event(clock.now_s(), "error", f"{text}; {lost} ticks and events were lost", "warning"))

    def _close_store(self) -> None:
        if self._file is not None:
            with suppress(sqlite3.Error):
                self._file.close()
        self._file = None


def _file_name(meta: RecordingMeta) -> str:
    started = datetime.fromtimestamp(meta.started_s, UTC)
    return f"{meta.cluster}-{started:%Y%m%dT%H%M%S.%fZ}{SUFFIX}"


def _explain(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file was removed"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        return "the disk is full"
    if name.startswith("SQLITE_IOERR"):
        return f"the disk reports an error ({error})"
    if name.startswith("SQLITE_READONLY"):
        return "it may not be written"
    return str(error)
