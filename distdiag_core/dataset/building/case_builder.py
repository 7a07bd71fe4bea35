"""A case made from a slice of a recording and the timeline of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from distdiag_core.dataset.building import exclusion
from distdiag_core.dataset.building.exclusion import InvalidCaseError
from distdiag_core.dataset.case import Case
from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.dataset.building.case_timeline import CaseTimeline
    from distdiag_core.recording.recorder import Recorder


class CaseBuilder:
    """Builds cases from the recording at `path`. It blocks on the disk, and so runs in a thread.

    Args:
        flush: makes all that was observed so far readable; None where nobody writes the recording any more.
    """

    def __init__(self, path: Path, flush: Callable[[], None] | None = None) -> None:
        self.path = path
        self._flush = flush

    @classmethod
    def on(cls, recorder: Recorder) -> Self:
        """A builder on a recording that is being written."""
        return cls(recorder.path, recorder.flush)

    def build(self, timeline: CaseTimeline) -> Case:
        """The case of a timeline that has ended. It holds the frames of its slice as one array.

        Raises:
            InvalidCaseError: none of its frames was recorded.
            DataError: the recording cannot be read, or its newest frames are not on the disk within some seconds.
        """
        if timeline.end_s is None:
            raise ValueError(f"the case {timeline.name} has not ended")
        if self._flush is not None:
            self._flush()
        start_s, end_s = timeline.start_s, timeline.end_s
        with Recording(self.path) as recording:
            window = recording.window(start_s, end_s)
            period_s = recording.meta.interval_s
        if not len(window):
            raise InvalidCaseError("nothing of it was recorded", where=str(self.path))
        excluded = (
            timeline.excluded
            or exclusion.unlabelled(timeline.spans, end_s)
            or exclusion.too_few_ticks(window, start_s, end_s, period_s)
        )
        # The frames at an end may be lost, and a label without frames cannot be read again.
        first_s, last_s = float(window.times_s[0]), float(window.times_s[-1])
        clipped = (label.clipped(first_s, last_s) for label in timeline.labels(end_s))
        return Case(
            timeline.name,
            window,
            period_s,
            tuple(label for label in clipped if label is not None),
            timeline.normal(end_s),
            timeline.group,
            timeline.source,
            timeline.workload,
            timeline.scenario,
            timeline.category,
            excluded or None,
        )
