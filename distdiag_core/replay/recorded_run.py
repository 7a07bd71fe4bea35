"""A recording as a series of ticks, counted from 0, with all that is known at each; it may still be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.cluster.inventory import ClusterSettings
from distdiag_core.errors import ConfigError, DataError
from distdiag_core.incidents.incident_files import incidents_of
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recording_file import recording_size
from distdiag_core.replay.bookmarks import bookmarks
from distdiag_core.replay.recorded_marks import marks_until
from distdiag_core.replay.recorded_states import RecordedStates
from distdiag_core.runtime.unread_metrics import UnreadMetrics
from distdiag_core.settings import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_core.incidents.incident import Incident
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.recording.events import Event
    from distdiag_core.recording.schema import RecordingMeta
    from distdiag_core.replay.bookmarks import Bookmark

_EVENTS_AT_MOST = 200
# As long as a console remembers what it has seen.
_MARKED_S = 3600.0


class RecordedRun:
    """The recording at `path`, open until `close`.

    Args:
        anomalies: how anomalies are called on screen.

    Attributes:
        settings: the cluster, as far as a recording names it: nothing of it can be reached.
        times_s: of the ticks; they rise.
        unread: the metrics of sources that were switched off, and when.
        incidents: oldest first.
        bookmarks: the ticks at which something happened.

    Raises:
        DataError: it is no recording, holds no tick, or is damaged; so do the methods.
    """

    def __init__(self, path: Path, anomalies: AnomalyCatalogue) -> None:
        self._recording, self._anomalies = Recording(path), anomalies
        try:
            self._recording.require_ticks()
            self._ticks, self.times_s = self._recording.ticks()
            self.settings = _settings(self._recording)
            self._read_events()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._recording.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._recording.path

    @property
    def meta(self) -> RecordingMeta:
        """The subject of the recording."""
        return self._recording.meta

    def size_bytes(self) -> int:
        """The size on the disk, with the write-ahead log; 0 once it was removed, which does not hinder reading it."""
        try:
            return recording_size(self.path)
        except OSError:
            return 0

    def __len__(self) -> int:
        """How many ticks there are."""
        return len(self._ticks)

    def index_at(self, time_s: float) -> int:
        """The tick at a time, or the one before; the first where there is none."""
        return max(0, int(np.searchsorted(self.times_s, time_s, side="right")) - 1)

    def refresh(self) -> bool:
        """Take in what was written since; whether there are new ticks."""
        ticks, times_s = self._recording.ticks(after=int(self._ticks[-1]))
        later = times_s > self.times_s[-1]
        if not later.any():
            return False
        self._ticks = np.concatenate([self._ticks, ticks[later]])
        self.times_s = np.concatenate([self.times_s, times_s[later]])
        self._read_events()
        return True

    def frames(self, first: int, last: int) -> Iterator[Frame]:
        """The frames of some ticks, both ends included."""
        wanted = set(self._ticks[first : last + 1].tolist())
        if wanted:
            for tick, frame in self._recording.numbered_frames(min(wanted), max(wanted)):
                if tick in wanted:
                    yield frame

    def events_until(self, time_s: float) -> tuple[Event, ...]:
        """The newest events up to a time, the newest first."""
        # A clock that was set back in an early recording leaves some out of order.
        count = int(np.searchsorted(self._event_times_s, time_s, side="right"))
        return tuple(reversed(self._events[max(0, count - _EVENTS_AT_MOST) : count]))

    def marks_until(self, time_s: float) -> tuple[AnomalyMark, ...]:
        """What was injected and diagnosed in the hour before a time, as far as it was known by then."""
        found = marks_until(time_s, self.states, self.incidents)
        return tuple(each for each in found if each.end_s >= time_s - _MARKED_S)

    def _read_events(self) -> None:
        self._events = self._recording.events()
        self._event_times_s = np.maximum.accumulate([-np.inf, *(event.time_s for event in self._events)])[1:]
        self.states = RecordedStates.of(self._events, str(self.path))
        self.unread = UnreadMetrics.of(self._events, self.meta.interval_s)
        self.incidents: tuple[Incident, ...] = tuple(
            each.incident for each in incidents_of(self._recording, whole=False)
        )
        self.bookmarks: tuple[Bookmark, ...] = bookmarks(
            self.times_s, self._events, self.incidents, self._anomalies.label
        )


def _settings(recording: Recording) -> ClusterSettings:
    meta, where = recording.meta, str(recording.path)
    # A recording does not hold the hosts. Their settings want one.
    nodes = [{"name": node.name, "host": node.name, "zone": node.zone} for node in meta.nodes]
    about = {"name": meta.cluster, "nodes": nodes, "read_only": True, "interval_s": meta.interval_s}
    try:
        return loader.validate(about, ClusterSettings, where=where)
    except ConfigError as error:
        raise DataError(f"names a cluster that cannot be: {error}", where=where, hint="it is damaged") from error
