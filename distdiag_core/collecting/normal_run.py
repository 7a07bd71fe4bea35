"""Normal life, collected from start to stop; what is not calm is left out, and what becomes long is cut in pieces."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from distdiag_core.collecting.collecting_status import NormalStatus
from distdiag_core.collecting.notes import OpenStretch
from distdiag_core.dataset.building import cutting
from distdiag_core.dataset.building.spans import KNOWN_LATE_S
from distdiag_core.dataset.building.steady_state import describe_load
from distdiag_core.dataset.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.dataset.building.steady_state import Calm
    from distdiag_core.runtime.snapshot import Snapshot

# Five minutes: a kill costs no more than that, even where there is no recording.
PIECE_S = 300.0
# Less than this teaches nothing.
_SHORTEST_S = 10.0


class NormalRun:
    """One run of collecting, whose pieces are one group.

    Args:
        started_s: the tick of its start; what came before is not asked for.
    """

    def __init__(self, started_s: float, longest_s: float = PIECE_S) -> None:
        self._started_s = started_s
        self._longest_s = longest_s
        self._name = f"normal-{stamp(started_s)}"
        self._from_s = math.inf
        self._load = ""
        self._pieces = 0
        self._samples = 0

    def look(self, snapshot: Snapshot, calm: Calm, began_s: float) -> Iterator[Case]:
        """The pieces that are finished by this tick; the oldest anomaly that is there `began_s`."""
        now_s = snapshot.frame.time_s
        if calm.reason:
            # What was begun elsewhere is known late, so that the last seconds of calm may have been none.
            yield from self._cut(snapshot, min(calm.last[1] - KNOWN_LATE_S, began_s - snapshot.cluster.interval_s))
            return
        if math.isinf(self._from_s):
            self._from_s, self._load = max(calm.since_s, self._started_s), describe_load(snapshot)
        if now_s - KNOWN_LATE_S >= self._from_s + self._longest_s:
            until_s = now_s - KNOWN_LATE_S
            yield from self._cut(snapshot, until_s)
            self._from_s, self._load = math.nextafter(until_s, math.inf), describe_load(snapshot)

    def stop(self, snapshot: Snapshot) -> Iterator[Case]:
        """The last piece; without the seconds in which something may have begun that is not known yet."""
        yield from self._cut(snapshot, snapshot.frame.time_s - KNOWN_LATE_S)

    def status(self, snapshot: Snapshot, calm: Calm) -> NormalStatus:
        """How it goes."""
        times_s = snapshot.window.times_s
        now_s = snapshot.frame.time_s
        unfinished = int(((times_s >= self._from_s) & (times_s <= now_s - KNOWN_LATE_S)).sum())
        seconds = now_s - self._started_s
        return NormalStatus(running=True, seconds=seconds, samples=self._samples + unfinished, waiting=calm.reason)

    def summary(self) -> str:
        """What came of a run that has ended, for the operator."""
        if self._samples:
            return f"{self._samples} samples of normal life are kept"
        return f"no normal life is kept, since less than {_SHORTEST_S:g} s of it were calm for sure"

    def open_stretch(self) -> OpenStretch | None:
        """The piece that is not finished; None while nothing is calm."""
        if math.isinf(self._from_s):
            return None
        return OpenStretch(f"{self._name}-{self._pieces + 1}", self._name, self._from_s, self._load)

    def _cut(self, snapshot: Snapshot, end_s: float) -> Iterator[Case]:
        start_s, self._from_s = self._from_s, math.inf
        if math.isinf(start_s) or end_s - start_s < _SHORTEST_S:
            return
        cluster = snapshot.cluster
        window = cutting.stretch(snapshot.window, start_s, end_s)
        few = cutting.too_few_ticks(window, start_s, end_s, cluster.interval_s)
        self._pieces += 1
        self._samples += len(window)
        yield Case(
            f"{self._name}-{self._pieces}",
            window,
            cluster.interval_s,
            group=self._name,
            source=source_of(snapshot),
            workload=self._load,
            excluded=few or None,
        )


def stamp(time_s: float) -> str:
    """A time as a part of a name."""
    return f"{datetime.fromtimestamp(time_s, UTC):%Y%m%dT%H%M%S}"


def source_of(snapshot: Snapshot) -> str:
    """Where a collected case comes from."""
    return f"collected on cluster {snapshot.cluster.name}"
