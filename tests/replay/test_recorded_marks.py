"""The marks under a chart of hours, from the events and incidents of the recordings that reach into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.replay import recorded_marks
from tests.replay.conftest import START_S, TICKS, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from distdiag_core.recording.recorder import Recorder


def test_injections_and_root_causes_are_marked_from_begin_to_end(
    new_recorder: Callable[[], Recorder], tmp_path: Path
) -> None:
    with new_recorder() as recorder:
        record(recorder)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no recording")
    paths = (broken, recorder.path)
    injected, diagnosed = recorded_marks.read(paths, (START_S, START_S + TICKS))
    assert (injected.kind, injected.node, injected.anomaly) == ("injected", "n2", "cpu_stress")
    assert (injected.start_s, injected.end_s) == (START_S + 30, START_S + 50)
    assert (diagnosed.kind, diagnosed.node, diagnosed.end_s) == ("diagnosed", "n2", START_S + 44)
    # Of a span that begins while an injection lasts, its begin lies before; what ended before the span is left out.
    assert recorded_marks.read(paths, (START_S + 46, START_S + TICKS)) == (injected,)
    assert recorded_marks.read(paths, (START_S + 200, START_S + 300)) == ()
