"""Metrics that a run did not read for some time, because the source that has them was switched off."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.features.baseline_window import WindowLengths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from distdiag_core.recording.events import Event

# A source that is asked again has no rates at first.
_FIRST_TICKS = 3


class UnreadMetrics:
    """Which metrics are not read, over the time of a run.

    A figure that goes missing on a node is evidence against that node; here nobody asked for it.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._settles_s = (WindowLengths.of(interval_s).window + _FIRST_TICKS) * interval_s
        self._times_s: list[float] = []
        self._unread: list[frozenset[str]] = []

    @classmethod
    def of(cls, events: Iterable[Event], interval_s: float) -> UnreadMetrics:
        """What the events of a run tell of it, the oldest first."""
        unread = cls(interval_s)
        for event in events:
            if isinstance(names := event.data.get("unread"), list):
                unread.change(event.time_s, names)
        return unread

    @property
    def newest(self) -> frozenset[str]:
        """Those that are not read since the last change."""
        return self._unread[-1] if self._unread else frozenset()

    def change(self, time_s: float, names: Iterable[str]) -> None:
        """These and no others are not read from now on."""
        # A clock that was set back puts nothing before what was known.
        self._times_s.append(max([time_s, *self._times_s[-1:]]))
        self._unread.append(frozenset(str(each) for each in names))

    def hidden(self, time_s: float) -> frozenset[str]:
        """Those that the diagnosis of a tick does without: some tick of its newest window was not asked for them."""
        # The tick before a change may have been read after it.
        until = bisect_right(self._times_s, time_s + self._interval_s)
        since = bisect_right(self._times_s, time_s - self._settles_s)
        in_force: Sequence[frozenset[str]] = self._unread[max(0, since - 1) : until]
        return frozenset().union(*in_force)
