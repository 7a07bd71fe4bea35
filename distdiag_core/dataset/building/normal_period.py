"""A period of normal operation that is being collected, as one or several normal cases."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING

from distdiag_core.dataset.building.case_timeline import CaseTimeline, name_stamp
from distdiag_core.dataset.building.spans import KNOWN_LATE_S
from distdiag_core.dataset.building.steady_state import describe_load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.dataset.building.observation import Observation
    from distdiag_core.dataset.building.steady_state import SteadyState

# A long period becomes cases of this length, so that training and test can be split within it.
PIECE_S = 300.0
# A shorter stretch is not worth a case.
SHORTEST_S = 10.0


class NormalPeriod:
    """Normal operation from the moment that collecting began; ticks outside the steady state are left out.

    Its cases are one group.

    Args:
        cluster: its name.
        started_s: the tick at which collecting began.
        interval_s: from tick to tick.
    """

    def __init__(self, cluster: str, started_s: float, interval_s: float) -> None:
        self.started_s = started_s
        self._source = f"collected on cluster {cluster}"
        self._interval_s = interval_s
        self._group = f"normal-{name_stamp(started_s)}"
        self._from_s = math.inf
        self._load = ""
        self._pieces = 0
        # The ticks of the piece that is open; and how many ticks the ended ones have.
        self._ticks_s: list[float] = []
        self._samples = 0

    def observe(self, tick: Observation, steady: SteadyState, began_s: float) -> Iterator[CaseTimeline]:
        """Follow one tick; yields the cases that end with it.

        Args:
            began_s: the beginning of the oldest injection that is on a node; infinite where none is.
        """
        now_s = tick.time_s
        if steady.reason:
            # What was begun elsewhere is known late: the last seconds that seemed steady may not have been.
            yield from self._end_piece(min(steady.last[1] - KNOWN_LATE_S, began_s - self._interval_s))
            return
        if math.isinf(self._from_s):
            self._from_s, self._load = max(steady.since_s, self.started_s), describe_load(tick.workloads)
            if self._from_s < now_s:
                # The tick at which collecting began.
                self._ticks_s.append(self._from_s)
        self._ticks_s.append(now_s)
        if now_s - KNOWN_LATE_S >= self._from_s + PIECE_S:
            until_s, left = now_s - KNOWN_LATE_S, self._ticks_s
            yield from self._end_piece(until_s)
            self._from_s, self._load = math.nextafter(until_s, math.inf), describe_load(tick.workloads)
            self._ticks_s = left[bisect.bisect_right(left, until_s) :]

    def stop(self, now_s: float) -> Iterator[CaseTimeline]:
        """End the last piece, without the seconds in which something may have begun that is not known yet."""
        yield from self._end_piece(now_s - KNOWN_LATE_S)

    def samples(self, now_s: float) -> int:
        """How many ticks are normal for sure."""
        return self._samples + bisect.bisect_right(self._ticks_s, now_s - KNOWN_LATE_S)

    def summary(self) -> str:
        """The result of a period that has ended, for the operator."""
        if self._samples:
            return f"{self._samples} samples of normal operation are kept"
        return f"nothing is kept, since less than {SHORTEST_S:g} s of it were surely normal operation"

    def open_piece(self) -> CaseTimeline | None:
        """The case that is open; None outside the steady state."""
        if math.isinf(self._from_s):
            return None
        return CaseTimeline(f"{self._group}-{self._pieces + 1}", self._group, self._source, self._load, self._from_s)

    def _end_piece(self, end_s: float) -> Iterator[CaseTimeline]:
        piece, ticks_s = self.open_piece(), self._ticks_s
        self._from_s, self._ticks_s = math.inf, []
        if piece is None or end_s - piece.start_s < SHORTEST_S:
            return
        self._pieces += 1
        self._samples += bisect.bisect_right(ticks_s, end_s)
        yield piece.ended(end_s)
