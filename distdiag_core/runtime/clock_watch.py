"""The watch over the wall clock of this machine: somebody may set it while a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Frame
    from distdiag_core.recording.journal import Journal

# A time service corrects less than that without a word.
_NOTED_FROM_S = 3.0


class ClockWatch:
    """Notes in the journal that the wall clock was set, back or forward."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._offset_s = 0.0

    def on_tick(self, frame: Frame) -> None:
        """Compare the wall clock at `frame` with the clock of the run."""
        moved_s = frame.clock_offset_s - self._offset_s
        if abs(moved_s) < _NOTED_FROM_S:
            return
        self._offset_s = frame.clock_offset_s
        how = f"set back by {-moved_s:.0f} s" if moved_s < 0 else f"set forward by {moved_s:.0f} s"
        self._journal.note(
            "clock",
            f"the clock of this machine was {how}; ticks, recording and cases go on as if it had not been",
            level="warning",
            moved_s=round(moved_s, 3),
            offset_s=round(self._offset_s, 3),
        )
